### Pages of the portal.

chrome-skip = Skip to the content
chrome-demo = Demo. No real money moves.
chrome-demo-tour = Take the tour
chrome-tools = Tools
chrome-find-order = Find an order
chrome-language = Language
chrome-theme = Light or dark
chrome-help = Help
chrome-support = Contact support
chrome-request = Request
chrome-sending = Sending…
chrome-offline = You are offline. Nothing can be sent or paid until you are back online.

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
own-orders = { $count ->
    [one] This browser has one order.
   *[other] This browser has { $count } orders.
 }
own-orders-see = See your orders

choose-title = Choose what to top up
choose-for = For
choose-change-number = Change number
choose-credit = Credit
choose-bundles = Bundles
choose-you-pay = You pay
choose-bonus = { $amount } bonus on top: { $credit } arrives
choose-bonus-added = { $amount } bonus on top
choose-bonus-all-promotion = From the promotion “{ $name }”
choose-bonus-promotion = { $amount } of it from the promotion “{ $name }”
choose-credit-valid = Stays on the number until it is used: calls, text messages and data at the standard rates.
choose-bundle-valid = { $days ->
    [one] Valid for { $days } day from when it arrives.
   *[other] Valid for { $days } days from when it arrives.
 }
choose-bundle-then = Then it ends. It does not renew by itself.
choose-fee = { $amount } fee included
choose-fee-added = { $amount } fee is added
choose-amount = Amount of credit
choose-amount-hint = { $min } to { $max }, { amount-steps }
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
review-arrives = { $amount } of credit arrives in all.
review-no-promotions = Another network keeps the balance of this number, so promotions do not apply to it.
review-email = E-mail
review-optional = optional
review-email-hint = For your receipt: it opens this order and its receipt again.
review-pay = Pay { $amount }
review-pay-by = { $method ->
    [paypal] Pay { $amount } with PayPal
   *[stripe] Pay { $amount } by card
}
review-where = Next you pay on the payment provider’s own page. Card numbers never reach us.
review-code = Your order code: { $code }. It finds your order, even if you lose this page.

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
order-number = Number ends in
order-keep-code = Keep the order code: it finds this page again.
order-continue-payment = Continue to pay { $amount }
order-retry = Try again
order-cancel = Cancel this order
order-start-again = Start a new top-up
order-again = Top up this number again
order-other-number = Top up another number
order-already = There is already an order for this top-up: this one. Nothing was ordered again.
order-another = Order the same once more
order-paid = Paid
order-refund-reference = Refund reference
order-contact = If you have a question, contact support and have the order code ready:
order-asked = Last checked at { $time }.
order-silent = No answer at { $time }; trying again.
order-surplus-moving = A second payment of { $amount } is on its way back to you, reference { $ref }.
order-surplus-returned = A second payment of { $amount } was returned, reference { $ref }; your bank decides when it shows.
order-surplus-kept = { $amount } could not be paid back, so your top-up stays on the number; we are looking into it, reference { $ref }.
order-surplus-failed = A second payment of { $amount } could not be returned yet; we are looking into it, reference { $ref }.
order-mail-moving = The e-mail receipt is on its way to { $address }.
order-mail-sent = The e-mail receipt was sent to { $address }.
order-mail-failed = The e-mail receipt could not be delivered to { $address }. Please keep the receipt from this page.
order-receipt = Show receipt
order-safe-to-close = It is safe to close this page.
order-refresh = Refresh
order-times = What happened, and when

## Why money goes back. Nothing was credited in any of these cases.
order-refund-line_barred = The credit was not added: this number cannot be topped up at the moment.
order-refund-line_closed = The credit was not added: this number is no longer in use.
order-refund-line_ported_out = The credit was not added: this number has moved to another operator.
order-refund-number_unknown = The credit was not added: the network no longer knows this number. It may have moved to another operator.
order-refund-balance_limit = The credit was not added: this number would have more credit than the network allows.
order-refund-network_refused = The credit was not added: the network refused it.
order-refund-network_abandoned = The credit was not added: the network could not be reached in time.
order-refund-order_closed = The credit was not added: your payment came after the order was closed.
order-refund-taken_back = The top-up is taken back from the number.
order-refund-already_paid = The credit was not added a second time: this order was already paid.

## Why people look at an order.
order-review-other_amount = We received { $received } for an order of { $total }. Because the amounts differ, a person checks it before anything is added or returned.
order-review-refund_failed = Your refund did not go through. Your money is with us, and a person sees to it that you get it back.
order-review-refund_unanswered = The payment provider has not confirmed your refund yet. A person is following it up.
order-review-paid_held = We have your payment. For the safety of card holders a person checks it before the credit is sent; if it cannot be sent, you get the money back.
order-review-counter_held = The shop has taken the payment. A person checks the sale before the credit is sent; if it cannot be sent, you get the money back the way you paid: cash at the shop, a card by its bank.
order-review-payment_unanswered = The bank has not yet said whether your payment went through. A person is following it up.
order-review-network_unanswered = The network has not yet said whether the credit has arrived. A person is following it up.
order-review-network_contradicts = The credit and your money do not match each other. A person is looking into it.

## Proofs.
proof-title = Show your order
proof-lead = To protect the buyer, please show that this order is yours.
proof-label = E-mail address, or last four digits of the number
proof-hint = The address you gave when paying, or the end of the number that was topped up.
proof-show = Show order
proof-other-code = Enter another order code

lookup-title = Find an order
lookup-lead = See where your money is.
lookup-own = Orders from this browser
lookup-hint = Ten letters and digits, for example 7K2M9-QX4TB.
lookup-find = Find order

## Amounts of data, calls and messages.
amount-gigabytes = { $shown }{"\u00A0"}GB
amount-megabytes = { $shown }{"\u00A0"}MB
amount-minutes = { $count ->
    [one] { $shown } minute
   *[other] { $shown } minutes
 }
amount-messages = { $count ->
    [one] { $shown } text message
   *[other] { $shown } text messages
 }
amount-credit = { $shown } credit
## Between which amounts a buyer may choose: whole units of the currency, or another step.
amount-steps = { $whole ->
    [GBP] in whole pounds
    [EUR] in whole euros
    [HKD] in whole Hong Kong dollars
    [PLN] in whole zlotys
   *[other] in steps of { $step }
 }
