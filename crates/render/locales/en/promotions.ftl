### Promotions: the public page, the line in a price, and the words on the start page.

promotions-title = Promotions
promotions-lead = Extra credit and data on top of what you pay for. The bonus is shown before you pay, and what is shown is given.
promotions-running = Running now
promotions-coming = Coming
promotions-none-running = Nothing is running at the moment.
promotions-none = There is no promotion at the moment. Credit and bundles cost what they always cost.
promotions-none-start = Top up a number
promotions-percent-exact = { $rate } bonus on top: { $amount }
promotions-percent = { $rate } bonus on top, at most { $max }
promotions-money = { $amount } bonus on top
promotions-allowance = { $amount } on top
promotions-from = Starts
promotions-until = Ends
promotions-zone = All dates are local time ({ $country }).
promotions-uses = { $count ->
    [one] For all our numbers ({ $country }), once each.
   *[other] For all our numbers ({ $country }), up to { $count } times each.
 }
promotions-days = { $days ->
    [one] The bonus lasts { $days } day from when it arrives, and is used before the rest.
   *[other] The bonus lasts { $days } days from when it arrives, and is used before the rest.
 }
promotions-kept = Numbers whose balance is kept by another network cannot have it.
promotions-while = It ends before that date when its budget is used up.
promotions-plain = The bonus is ordinary credit and stays until it is used.
promotions-how-use = Choose it and pay. There is no code to enter: the bonus stands in the price before you pay.
promotions-your-line = Your number ending in { $digits }:
promotions-take = Choose { $offer }
promotions-sign-in = Do you have an account? Then this page tells which of your numbers can have it.
promotions-sign-in-link = Sign in
promotions-budget = A promotion whose budget is used up leaves this page at once. Orders that were promised a bonus still get it.

## Why one of the reader's numbers can or cannot have a promotion.
promotions-why-yes = { $count ->
    [one] can have it once more.
   *[other] can have it { $count } more times.
 }
promotions-why-not_yet = can have it once it has started.
promotions-why-ended = it is over.
promotions-why-other_market = is a number of another country.
promotions-why-other_offer = cannot buy these offers at present.
promotions-why-kept_by_network = its balance is kept by another network, where promotions are not given.
promotions-why-used_up = has had it as often as a number can.
promotions-why-too_small = the amount is too small for a bonus.
promotions-why-budget_spent = what is left does not cover the bonus.

## The same without markup, for the API.
promotion-words-percent = { $name }: { $rate } bonus on top, at most { $max }, until { $end } or until the budget is used up.
promotion-words-gives = { $name }: { $amount } on top, until { $end } or until the budget is used up.
promotion-words-left = { $count ->
    [one] This number can have it once more.
   *[other] This number can have it { $count } more times.
 }
promotion-words-why-not_yet = It has not started.
promotion-words-why-ended = It is over.
promotion-words-why-other_market = This number is of another country.
promotion-words-why-other_offer = It is not for this offer.
promotion-words-why-kept_by_network = This number cannot have it: its balance is kept by another network, where promotions are not given.
promotion-words-why-used_up = This number has had it as often as a number can.
promotion-words-why-too_small = The amount is too small for a bonus.
promotion-words-why-budget_spent = What is left of the budget does not cover the bonus.

price-promotion = Bonus: { $name }
price-promotion-days = { $days ->
    [one] free, lasts { $days } day
   *[other] free, lasts { $days } days
 }

start-promotion = Promotion
start-promotion-until = Until { $time }.
start-promotion-all = All promotions
chrome-promotions = Promotions
