### 官网页面。

chrome-skip = 跳到正文
chrome-demo = 演示环境，不涉及真实资金。
chrome-tools = 工具
chrome-find-order = 查询订单
chrome-language = 语言
chrome-theme = 浅色或深色
chrome-help = 帮助
chrome-support = 联系客服
chrome-request = 请求编号
chrome-sending = 正在提交…

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

choose-title = 选择充值内容
choose-for = 充值号码
choose-change-number = 更换号码
choose-credit = 话费余额
choose-bundles = 套餐
choose-credit-unit = 话费
choose-any-amount = 其他金额
choose-you-pay = 应付
choose-bonus = 含赠送{ $amount }
choose-credit-valid = 用完为止，可用于通话、短信和流量，按标准资费扣费。
choose-bundle-valid = { $days ->
   *[other] 自到账起{ $days }天内有效。
 }
choose-bundle-then = 到期自动失效，不会自动续订。
choose-fee = 含手续费{ $amount }
choose-fee-added = 另加手续费{ $amount }
choose-amount = 话费金额
choose-amount-hint = { $min }至{ $max }，每档{ $step }
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
review-email = 电子邮箱
review-optional = 选填
review-email-hint = 用于收据：凭邮箱可再次打开此订单及收据。
review-pay = 支付 { $amount }
review-where = 下一步将在支付机构的页面付款，我们不会接触您的卡号。

price-credit = 话费余额
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
order-surplus-moving = 另有一笔重复付款{ $amount }正在原路退回，退款编号{ $ref }。
order-surplus-returned = 重复付款{ $amount }已退回，退款编号{ $ref }，到账时间以银行为准。
order-surplus-failed = 重复付款{ $amount }暂未能退回，正在人工处理，退款编号{ $ref }。
order-receipt = 查看收据
order-safe-to-close = 可以放心关闭本页。
order-refresh = 刷新
order-times = 进度与时间

proof-title = 查看订单
proof-lead = 为保护购买人，请证明此订单属于您。
proof-label = 电子邮箱，或号码后四位
proof-hint = 付款时填写的邮箱，或所充值号码的后四位。
proof-show = 查看订单
proof-other-code = 输入其他订单号

lookup-title = 查询订单
lookup-lead = 查看您的款项现在在哪里。
lookup-hint = 共十位字母和数字，短信中可以找到。
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
