### 订单状态：先状态词，再款项说明。各渠道一致，只随术语表修改。
### “-open”用于时间、编号或日期尚未确定时。

state-awaiting_payment = 待支付
state-checking_payment = 支付确认中
state-paid = 已支付，充值中
state-pending_network = 已支付，等待运营商确认
state-credited = 充值成功
state-refunding = 退款中
state-refunded = 已退款
state-reversed = 充值已撤销
state-cancelled = 已取消
state-review = 人工核实中

sentence-awaiting_payment = 待支付：您尚未付款。
sentence-checking_payment = { $provider ->
    [paypal] 支付确认中：正在向 PayPal 核实，请勿重复付款。
   *[other] 支付确认中：正在向银行核实，请勿重复付款。
 }
sentence-paid = 已支付，充值中：款项已收到。
sentence-pending_network = 已支付，等待运营商确认：款项已收到；如充值失败将原路退回，最迟{ $time }答复。
sentence-pending_network-open = 已支付，等待运营商确认：款项已收到；如充值失败将原路退回。
sentence-credited = 充值成功：{ $amount }已到账。
sentence-refunding = 退款中：{ $amount }正原路退回，退款编号{ $ref }。
sentence-refunding-open = 退款中：{ $amount }正原路退回。
sentence-refunded = 已退款：已于{ $date }退回{ $amount }，到账时间以银行为准。
sentence-refunded-open = 已退款：已退回{ $amount }，到账时间以银行为准。
sentence-reversed = 充值已撤销：充入的{ $amount }已从该号码收回；退款编号{ $ref }。
sentence-reversed-open = 充值已撤销：充入的{ $amount }已从该号码收回。
sentence-cancelled = 已取消：您未被扣款；如之后扣款成功，将自动原路退回。
sentence-review = 人工核实中：请勿重复付款，我们将在{ $time }前答复。
sentence-review-open = 人工核实中：请勿重复付款。

## 下一步
next-awaiting_payment = 请前往支付页面付款。如刚刚付过款，请稍候，本页会自动更新。
next-checking_payment = 您无需操作，我们会持续核实直到有结果。
next-paid = 您无需操作，通常几秒钟即可到账。
next-pending_network = 您无需操作，一有结果本页会立即显示。
next-credited = 现在即可使用。
next-refunding = 您无需操作，款项将原路退回。
next-refunded = 款项退回付款时使用的银行卡或账户。
next-reversed = 相应款项已退回。请保留订单号，以便查询。
next-cancelled = 如仍需充值，可再试一次。
next-review = 工作人员正在核实此订单，请保留订单号。
