### 短信，尽量不超过70个字。

sms-credited = 【{ $brand }】尾号{ $ending }：话费{ $amount }已到账，订单{ $code }。
sms-credited-bonus = 【{ $brand }】尾号{ $ending }：话费{ $amount }已到账，含赠送{ $bonus }，订单{ $code }。
sms-credited-and = 【{ $brand }】尾号{ $ending }：{ $what }及赠送{ $bonus }已到账，订单{ $code }。
sms-credited-bundle = 【{ $brand }】尾号{ $ending }：{ $bundle }已到账，订单{ $code }。
sms-valid-until = 有效期至{ $end }。
sms-valid-adds = { $days ->
   *[other] 至少有效至{ $end }，未到期的顺延{ $days }天。
 }
sms-valid-at-least = 至少有效至{ $end }，原到期日更晚的不变。
sms-valid-first-use = { $days ->
   *[other] 请于{ $end }前启用，启用后{ $days }天有效。
 }
sms-refund-not_delivered = 【{ $brand }】尾号{ $ending }充值失败，{ $amount }正原路退回，退款编号{ $ref }，订单{ $code }。
sms-refund-taken_back = 【{ $brand }】尾号{ $ending }充值撤回，{ $amount }正原路退回，编号{ $ref }，订单{ $code }。
sms-refund-failed = 【{ $brand }】{ $amount }退款未成功，款项仍在我方，我们会处理，编号{ $ref }，订单{ $code }。
sms-refund-take_back_failed = 【{ $brand }】{ $amount }退款失败，充值仍在尾号{ $ending }，编号{ $ref }，订单{ $code }。
sms-surplus-returning = 【{ $brand }】订单{ $code }重复付款，多付的{ $amount }正原路退回，退款编号{ $ref }。
sms-counter-review = 【{ $brand }】尾号{ $ending }：已收款，人工核实中，请勿重复付款，订单{ $code }。
sms-counter-cash_owed = 【{ $brand }】尾号{ $ending }充值未成功，请到原门店取回现金{ $amount }，订单{ $code }。
