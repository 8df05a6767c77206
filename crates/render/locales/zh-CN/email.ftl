### 邮件。款项说明见states.ftl，此处为其余文字。

email-line = { $label }：{ $value }

email-receipt-subject = 充值成功：{ $arrived }已到账（收据 { $code }）
email-receipt-why = 您在下单时填写了此邮箱，因此收到这封收据邮件。

email-order-subject = { $state }：订单 { $code }
email-order-open = 查看订单
email-order-at = 下单时间
email-order-why = 您在下单时填写了此邮箱，因此收到这封邮件。
email-order-paying-ends = 支付页面有效至{ $time }。

## 下一步，邮件可能在任何时候被阅读。
email-next-awaiting_payment = 请从订单页面前往付款。如刚刚付过款，请等待下一封邮件。
email-next-checking_payment = 您无需操作，有结果后我们会再发邮件。
email-next-paid = 您无需操作，到账后我们会再发邮件。
email-next-pending_network = 您无需操作，有结果后我们会再发邮件。
email-next-credited = 现在即可使用。
email-next-refunding = 您无需操作，款项将原路退回，退回后我们会再发邮件。
email-next-refunded = 款项退回付款时使用的银行卡或账户。
email-next-reversed = 相应款项已退回。请保留订单号，以便查询。
email-next-cancelled = 如仍需充值，可重新下单。
email-next-review = 您无需操作，工作人员正在核实此订单，有结果后我们会再发邮件。

email-surplus-subject = 订单 { $code } 重复付款
email-surplus-amount = 重复付款
email-take-back-subject = 订单 { $code } 的退款未成功
email-take-back-amount = 退款金额
email-take-back-kept = 本订单的话费或套餐可照常使用，您无需任何操作。
email-surplus-kept = 订单本身不受影响。

email-code-subject = 您的验证码
email-code-valid = { $minutes ->
   *[other] { $minutes }分钟内有效，仅可使用一次。
 }
email-code-secret = 请勿告诉任何人：{ $brand }不会通过电话、短信或邮件索要验证码。
email-code-not-you = 如非本人操作，请忽略此邮件。
email-code-why = 有人填写了此邮箱，因此您收到这封邮件。

email-never = 我们不会通过邮件索要银行卡号。
email-support = 联系客服：{ $address }
