### 充值后号码将有什么、有效期至何时；套餐何时生效、何时结束。

after-space = none
after-comma = 、
after-list = { $first }和{ $last }
after-in-zone = { $what }（{ $zone }可用）
after-credit-added = 该号码将增加话费{ $added }，话费长期有效。
after-credit-balance = 充值后您的话费余额为{ $balance }，话费长期有效。
after-get-until = 该号码将获得{ $what }，有效期至{ $end }。
after-have-until = 充值后您有{ $what }，有效期至{ $end }。
after-get-adds = 该号码将获得{ $what }，有效期至少到{ $end }。如该号码的同款套餐尚未到期，则在原到期日基础上延长{ $days }天。
after-get-at-least = 该号码将获得{ $what }，有效期至少到{ $end }；如该号码的同款套餐到期更晚，则以较晚日期为准。
after-get-first-use = 该号码将获得{ $what }，自首次使用起{ $days }天内有效；须在{ $end }前首次使用，逾期作废。
after-have-first-use = 充值后您有{ $what }，自首次使用起{ $days }天内有效；须在{ $end }前首次使用，逾期作废。
after-besides = 您原有的{ $what }到期日不变。
after-valid-until = 至{ $end }。
after-valid-adds = 至少到{ $end }；如充值时同款套餐尚未到期，则在原到期日基础上延长{ $days }天。
after-valid-at-least = 至少到{ $end }；如充值时同款套餐到期更晚，则以较晚日期为准。
after-valid-first-use = 自首次使用起{ $days }天内有效；须在{ $end }前首次使用，逾期作废。

## 套餐卡片上的说明。

terms-first-use = 自首次使用起{ $days }天内有效。
terms-first-use-within = 须在购买后{ $days }天内首次使用，逾期作废。
terms-expiry-extend = 到期前再次购买：余量一并转入，到期日顺延{ $days }天。
terms-expiry-latest_of = 到期前再次购买：余量一并转入，以较晚的到期日为准。
terms-expiry-restart = 到期前再次购买：余量一并转入，有效期重新计算。
terms-zone = { $zone }可用
terms-zone-countries = （{ $count }个国家或地区）
choose-coming = 即将推出
choose-coming-from = { $name }，{ $date }起
review-afterwards = 充值之后
receipt-validity = 有效期
price-tax-later = 话费在使用时计税，充值时不收税。
problem-offer_not_on_sale = 您未被扣款。该产品今天不在售，请重新选择。
