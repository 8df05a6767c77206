### Order states: the word, then the money sentence. Binding in every channel; changed only with the glossary.
### The "-open" sentences are for when a time, a reference or a date is not known yet.

state-awaiting_payment = Waiting for payment
state-checking_payment = Checking your payment
state-paid = Paid, sending credit
state-pending_network = Paid, the network is confirming
state-credited = Credited
state-refunding = Refund started
state-refunded = Refunded
state-reversed = Top-up reversed
state-cancelled = Cancelled
state-review = Being checked by hand

sentence-awaiting_payment = Waiting for payment. You have not paid yet.
sentence-checking_payment = { $provider ->
    [paypal] Checking your payment. We are asking PayPal; please do not pay again.
   *[other] Checking your payment. We are asking the bank; please do not pay again.
 }
sentence-paid = Paid, sending credit. We have your payment.
sentence-pending_network = Paid, the network is confirming. We have your payment; if it fails you get it back; answer by { $time }.
sentence-pending_network-open = Paid, the network is confirming. We have your payment; if it fails you get it back.
sentence-credited = Credited. { $amount } has arrived.
sentence-refunding = Refund started. { $amount } is on its way back, reference { $ref }.
sentence-refunding-open = Refund started. { $amount } is on its way back.
sentence-refunded = Refunded. { $amount } was returned on { $date }; your bank decides when it shows.
sentence-refunded-open = Refunded. { $amount } was returned; your bank decides when it shows.
sentence-reversed = Top-up reversed. { $amount } was taken back from the number; refund reference { $ref }.
sentence-reversed-open = Top-up reversed. { $amount } was taken back from the number.
sentence-cancelled = Cancelled. You were not charged; should a charge still arrive, it is returned by itself.
sentence-review = Being checked by hand. Please do not pay again; answer by { $time }.
sentence-review-open = Being checked by hand. Please do not pay again.

## What to do next.
next-awaiting_payment = Pay on the payment page. If you have just paid, wait a moment: this page follows by itself.
next-checking_payment = There is nothing to do. We keep asking until we know.
next-paid = There is nothing to do. This usually takes a few seconds.
next-pending_network = There is nothing to do. This page shows the answer as soon as there is one.
next-credited = It can be used now.
next-refunding = There is nothing to do. The money goes back the way it came.
next-refunded = It goes to the card or account it was paid with.
next-reversed = The money for it was returned. Keep the order code in case you want to ask about it.
next-cancelled = If you still want this top-up, you can try again.
next-review = A person is looking at this order. Keep the order code.
