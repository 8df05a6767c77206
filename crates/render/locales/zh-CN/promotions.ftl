### 优惠活动：活动页面、价格中的赠送一行，以及首页提示。

promotions-title = 优惠活动
promotions-lead = 付款之外另赠话费或流量。赠送内容在付款前显示，显示多少就送多少。
promotions-running = 进行中
promotions-coming = 即将开始
promotions-none-running = 目前没有进行中的活动。
promotions-none = 目前没有优惠活动，话费和套餐按正常价格出售。
promotions-none-start = 去充值
promotions-percent-exact = 另赠{ $rate }，即{ $amount }
promotions-percent = 另赠{ $rate }，最多{ $max }
promotions-money = 另赠{ $amount }
promotions-allowance = 另赠{ $amount }
promotions-from = 开始时间
promotions-until = 截止时间
promotions-zone = 时间均为{ $country }当地时间。
promotions-uses = { $count ->
   *[other] { $country }的号码均可参加，每个号码最多享受{ $count }次。
 }
promotions-days = { $days ->
   *[other] 赠送部分自到账起{ $days }天内有效，优先使用。
 }
promotions-kept = 余额由其他运营商管理的号码不参加。
promotions-while = 活动预算用完即提前结束。
promotions-plain = 赠送部分等同普通话费，用完为止。
promotions-how-use = 选择指定产品并付款即可，无需输入优惠码；付款前会显示赠送内容。
promotions-your-line = 您的号码（尾号{ $digits }）：
promotions-take = 选择{ $offer }
promotions-sign-in = 登录后可查看您的哪些号码能享受。
promotions-sign-in-link = 登录
promotions-budget = 预算用完的活动会立即从本页移除；已显示赠送的订单仍会照常赠送。

## 读者的号码能否享受活动的原因。
promotions-why-yes = { $count ->
   *[other] 还可享受{ $count }次。
 }
promotions-why-not_yet = 活动开始后可享受。
promotions-why-ended = 活动已结束。
promotions-why-other_market = 不是该国家或地区的号码。
promotions-why-other_offer = 目前无法购买指定产品。
promotions-why-kept_by_network = 余额由其他运营商管理，不参加活动。
promotions-why-used_up = 已达到每个号码的享受次数。
promotions-why-too_small = 充值金额太小，没有赠送。
promotions-why-budget_spent = 剩余预算不足以赠送。

## 同样的内容，不带格式，供接口使用。
promotion-words-percent = { $name }：另赠{ $rate }，最多{ $max }，截至{ $end }，预算用完即止。
promotion-words-gives = { $name }：另赠{ $amount }，截至{ $end }，预算用完即止。
promotion-words-left = { $count ->
   *[other] 该号码还可享受{ $count }次。
 }
promotion-words-why-not_yet = 活动尚未开始。
promotion-words-why-ended = 活动已结束。
promotion-words-why-other_market = 该号码不是该国家或地区的号码。
promotion-words-why-other_offer = 活动不适用于该产品。
promotion-words-why-kept_by_network = 该号码不能享受：余额由其他运营商管理，不参加活动。
promotion-words-why-used_up = 该号码已达到享受次数。
promotion-words-why-too_small = 充值金额太小，没有赠送。
promotion-words-why-budget_spent = 剩余预算不足以赠送。

price-promotion = 赠送：{ $name }
price-promotion-days = { $days ->
   *[other] 免费，{ $days }天内有效
 }

start-promotion = 优惠活动
start-promotion-until = 截至{ $time }。
start-promotion-all = 查看全部活动
chrome-promotions = 优惠活动
