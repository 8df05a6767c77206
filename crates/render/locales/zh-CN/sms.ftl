### 短信，尽量不超过70个字。

sms-credited = 【{ $brand }】尾号{ $ending }：话费{ $amount }已到账，订单号{ $code }。
sms-credited-bonus = 【{ $brand }】尾号{ $ending }：话费{ $amount }已到账，含赠送{ $bonus }，订单号{ $code }。
sms-credited-and = 【{ $brand }】尾号{ $ending }：{ $what }及赠送{ $bonus }已到账，订单号{ $code }。
sms-credited-bundle = 【{ $brand }】尾号{ $ending }：{ $bundle }已到账，订单号{ $code }。
sms-refund-started = 【{ $brand }】尾号{ $ending }充值失败，{ $amount }正原路退回，退款编号{ $ref }，订单{ $code }。
sms-surplus-returning = 【{ $brand }】订单{ $code }重复付款，多付的{ $amount }正原路退回，退款编号{ $ref }。
