### 官网页面。

chrome-skip = 跳到正文
chrome-demo = 演示环境，不涉及真实资金。
chrome-demo-tour = 查看导览
chrome-tools = 工具
chrome-find-order = 查询订单
chrome-language = 语言
chrome-theme = 浅色或深色
chrome-help = 帮助
chrome-support = 联系客服
chrome-request = 请求编号
chrome-sending = 正在提交…
chrome-offline = 当前没有网络。恢复网络前无法提交或付款。

step-all = 第{ $current }步，共{ $all }步
step-number = 号码
step-choose = 选择
step-pay = 支付

start-title = 为手机号码充值
start-lead = 无需注册账户，付款前显示全部费用。
start-country = 国家或地区
start-number = 手机号码
start-number-hint = 可带空格或短横线。
start-continue = 继续
start-how = 充值步骤
start-how-number = 输入要充值的号码。
start-how-choose = 选择话费或套餐。
start-how-pay = 付款，查看到账情况。
start-trust = 您将在支付机构的页面付款，我们不会接触您的卡号。
start-have-order = 已有订单？
start-find-order = 查询订单
own-orders = { $count ->
   *[other]此浏览器中有{ $count }笔订单。
 }
own-orders-see = 查看订单

choose-title = 选择充值内容
choose-for = 充值号码
choose-change-number = 更换号码
choose-credit = 话费
choose-bundles = 套餐
choose-you-pay = 应付
choose-bonus = 另赠{ $amount }，共到账{ $credit }
choose-bonus-added = 另赠{ $amount }
choose-bonus-all-promotion = 来自活动“{ $name }”
choose-bonus-promotion = 其中{ $amount }来自活动“{ $name }”
choose-credit-valid = 用完为止，可用于通话、短信和流量，按标准资费扣费。
choose-bundle-valid = { $days ->
   *[other] 自到账起{ $days }天内有效。
 }
choose-bundle-then = 到期自动失效，不会自动续订。
choose-fee = 含手续费{ $amount }
choose-fee-added = 另加手续费{ $amount }
choose-amount = 话费金额
choose-amount-hint = { $min }至{ $max }，{ amount-steps }
choose-continue = 继续
choose-not-yet = 此步骤不会付款。
choose-none-market = 该号码目前没有可在线购买的产品。
choose-none-currency = 该号码的计费币种暂不支持在线充值。
choose-other-number = 输入其他号码

review-title = 核对并支付
review-order = 您的订单
review-number = 号码
review-ends-in = 尾号 { $digits }
review-item = 产品
review-change = 修改
review-change-number = 号码
review-change-item = 产品
review-arrives = 共到账{ $amount }话费。
review-no-promotions = 该号码的余额由其他运营商管理，不参加优惠活动。
review-email = 电子邮箱
review-optional = 选填
review-email-hint = 用于收据：凭邮箱可再次打开此订单及收据。
review-pay = 支付 { $amount }
review-pay-by = { $method ->
    [paypal] 用 PayPal 支付 { $amount }
   *[stripe] 银行卡支付 { $amount }
}
review-where = 下一步将在支付机构的页面付款，我们不会接触您的卡号。
review-code = 您的订单号：{ $code }。万一页面中断，可凭此查询订单。

price-credit = 话费
price-bundle = 套餐
price-bonus = 赠送
price-bonus-free = 免费
price-fee = 手续费
price-total = 合计
price-tax = 含{ $name } { $rate }

order-title = 订单 { $code }
order-bought = 您的订单
order-code = 订单号
order-number = 号码尾号
order-keep-code = 请保留订单号，可凭此再次打开本页。
order-continue-payment = 继续支付 { $amount }
order-retry = 再试一次
order-cancel = 取消订单
order-start-again = 重新充值
order-again = 再次为该号码充值
order-other-number = 为其他号码充值
order-already = 这次充值已下过单（即本订单），未重复下单。
order-another = 再下一笔相同订单
order-paid = 已付款
order-refund-reference = 退款编号
order-contact = 如有疑问，请备好订单号联系客服：
order-asked = 最近查询时间：{ $time }
order-silent = { $time }未获应答，正在重试。
order-surplus-moving = 另有一笔重复付款{ $amount }正在原路退回，退款编号{ $ref }。
order-surplus-returned = 重复付款{ $amount }已退回，退款编号{ $ref }，到账时间以银行为准。
order-surplus-kept = { $amount }未能退回，您的充值仍保留在该号码上；我们正在人工处理，退款编号{ $ref }。
order-surplus-failed = 重复付款{ $amount }暂未能退回，正在人工处理，退款编号{ $ref }。
order-mail-moving = 收据邮件正在发往{ $address }。
order-mail-sent = 收据邮件已发送至{ $address }。
order-mail-failed = 收据邮件未能送达{ $address }，请从本页保存收据。
order-receipt = 查看收据
order-safe-to-close = 可以放心关闭本页。
order-refresh = 刷新
order-times = 进度与时间

## 退款原因，各情形均未充值。
order-refund-line_barred = 未能充值：该号码目前无法充值。
order-refund-line_closed = 未能充值：该号码已停用。
order-refund-line_ported_out = 未能充值：该号码已转到其他运营商。
order-refund-number_unknown = 未能充值：运营商查无此号码，可能已转到其他运营商。
order-refund-balance_limit = 未能充值：充值后余额将超过运营商的上限。
order-refund-network_refused = 未能充值：运营商拒绝了本次充值。
order-refund-network_abandoned = 未能充值：未能及时连通运营商系统。
order-refund-order_closed = 未能充值：收到款项时订单已关闭。
order-refund-taken_back = 此笔充值将从该号码收回。
order-refund-already_paid = 未再次充值：此订单此前已付款。

## 人工核实的原因。
order-review-other_amount = 实收{ $received }，与订单金额{ $total }不符，需人工核实后再充值或退款。
order-review-refund_failed = 退款未能完成，款项仍在我方，工作人员会负责退还给您。
order-review-refund_unanswered = 支付机构尚未确认退款，工作人员正在跟进。
order-review-paid_held = 款项已收到。为保障持卡人安全，充值前需人工核实；如无法充值，款项将原路退回。
order-review-counter_held = 门店已收款，充值前需人工核实；如无法充值，现金由门店退还，刷卡款项原路退回。
order-review-payment_unanswered = 银行尚未确认付款是否成功，工作人员正在跟进。
order-review-network_unanswered = 运营商尚未确认是否到账，工作人员正在跟进。
order-review-network_contradicts = 到账记录与退款记录不一致，工作人员正在核实。

## 凭证。
proof-title = 查看订单
proof-lead = 为保护购买人，请证明此订单属于您。
proof-label = 电子邮箱，或号码后四位
proof-hint = 付款时填写的邮箱，或所充值号码的后四位。
proof-show = 查看订单
proof-other-code = 输入其他订单号

lookup-title = 查询订单
lookup-lead = 查看您的款项现在在哪里。
lookup-own = 此浏览器中的订单
lookup-hint = 共十位字母和数字，例如 7K2M9-QX4TB。
lookup-find = 查询

## 流量、通话和短信数量。
amount-gigabytes = { $shown }{"\u00A0"}GB
amount-megabytes = { $shown }{"\u00A0"}MB
amount-minutes = { $count ->
   *[other] { $shown }分钟
 }
amount-messages = { $count ->
   *[other] { $shown }条短信
 }
amount-credit = { $shown }话费
## 自选金额的范围：整数金额，或其他档位。
amount-steps = { $whole ->
    [other] 须为{ $step }的整数倍
   *[whole] 仅限整数金额
 }
