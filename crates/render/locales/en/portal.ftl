### Pages of the portal.

chrome-skip = Skip to the content
chrome-demo = Demo. No real money moves.
chrome-tools = Tools
chrome-find-order = Find an order
chrome-language = Language
chrome-theme = Light or dark
chrome-help = Help
chrome-support = Contact support
chrome-request = Request
chrome-sending = Sending…

step-all = Step { $current } of { $all }
step-number = Number
step-choose = Choose
step-pay = Pay

start-title = Top up a mobile number
start-lead = No account needed. You see the full price before you pay.
start-country = Country or region
start-number = Mobile number
start-number-hint = Type it any way you like, for example with spaces.
start-continue = Continue
start-how = How it works
start-how-number = Enter the number to top up.
start-how-choose = Choose credit or a bundle.
start-how-pay = Pay, and watch it arrive.
start-trust = You pay on the payment provider’s own page. Card numbers never reach us.
start-have-order = Have an order already?
start-find-order = Find an order

choose-title = Choose what to top up
choose-for = For
choose-change-number = Change number
choose-credit = Credit
choose-bundles = Bundles
choose-credit-unit = credit
choose-any-amount = Another amount
choose-you-pay = You pay
choose-bonus = { $amount } bonus included
choose-credit-valid = Stays on the number until it is used: calls, messages and data at the standard rates.
choose-bundle-valid = { $days ->
    [one] Valid for { $days } day from when it arrives.
   *[other] Valid for { $days } days from when it arrives.
 }
choose-bundle-then = Then it ends. It does not renew by itself.
choose-fee = { $amount } fee included
choose-fee-added = { $amount } fee is added
choose-amount = Amount of credit
choose-amount-hint = { $min } to { $max }, in steps of { $step }
choose-continue = Continue
choose-not-yet = You do not pay yet.
choose-none-market = Nothing can be bought online for this number at the moment.
choose-none-currency = This number is billed in a currency that we do not sell online.
choose-other-number = Enter another number

review-title = Check and pay
review-order = Your order
review-number = Number
review-ends-in = ends in { $digits }
review-item = Item
review-change = Change
review-change-number = the number
review-change-item = the item
review-email = E-mail
review-optional = optional
review-email-hint = For your receipt: it opens this order and its receipt again.
review-pay = Pay { $amount }
review-where = Next you pay on the payment provider’s own page. Card numbers never reach us.

price-credit = Credit
price-bundle = Bundle
price-bonus = Bonus
price-bonus-free = free
price-fee = Fee
price-total = Total
price-tax = includes { $name } { $rate }

order-title = Order { $code }
order-bought = Your order
order-code = Order code
order-number = Number ending in
order-keep-code = Keep the order code: it finds this page again.
order-continue-payment = Continue to pay { $amount }
order-retry = Try again
order-cancel = Cancel this order
order-start-again = Start a new top-up
order-surplus-moving = A second payment of { $amount } is on its way back to you, reference { $ref }.
order-surplus-returned = A second payment of { $amount } was returned, reference { $ref }; your bank decides when it shows.
order-surplus-failed = A second payment of { $amount } could not be returned yet; we are looking into it, reference { $ref }.
order-receipt = Show receipt
order-safe-to-close = It is safe to close this page.
order-refresh = Refresh
order-times = What happened, and when

proof-title = Show your order
proof-lead = To protect the buyer, please show that this order is yours.
proof-label = E-mail address, or last four digits of the number
proof-hint = The address you gave when paying, or the end of the number that was topped up.
proof-show = Show order
proof-other-code = Enter another order code

lookup-title = Find an order
lookup-lead = See where your money is.
lookup-hint = Ten letters and digits, for example from the text message.
lookup-find = Find order

## Amounts of data, calls and messages.
amount-gigabytes = { $shown }{"\u00A0"}GB
amount-megabytes = { $shown }{"\u00A0"}MB
amount-minutes = { $count ->
    [one] { $shown } minute
   *[other] { $shown } minutes
 }
amount-messages = { $count ->
    [one] { $shown } message
   *[other] { $shown } messages
 }
amount-credit = { $shown } credit
