### E-mails. The money sentence stands in states.ftl; here are the words around it.

email-line = { $label }: { $value }

email-receipt-subject = { $arrived } has arrived: receipt { $code }
email-receipt-why = You get this e-mail receipt because this address was given with the order.

email-order-subject = { $state }: order { $code }
email-order-open = Show order
email-order-at = Ordered on
email-order-why = You get this e-mail because this address was given with the order.
email-order-paying-ends = The payment page is open until { $time }.

## What to do next, in a mail that has been read at any time.
email-next-awaiting_payment = You can pay from your order page. If you have just paid, wait for the next e-mail.
email-next-checking_payment = There is nothing to do. We write again when we know.
email-next-paid = There is nothing to do. We write again when the credit has arrived.
email-next-pending_network = There is nothing to do. We write again when there is an answer.
email-next-credited = It can be used now.
email-next-refunding = There is nothing to do. The money goes back the way it came; we write again when it was returned.
email-next-refunded = It goes to the card or account it was paid with.
email-next-reversed = The money for it was returned. Keep the order code in case you want to ask about it.
email-next-cancelled = If you still want this top-up, you can order it again.
email-next-review = There is nothing to do. A person is looking at this order, and we write again.

email-surplus-subject = Order { $code } was paid twice
email-surplus-amount = Second payment
email-take-back-subject = The refund of order { $code } could not be made
email-take-back-amount = Refund
email-take-back-kept = The credit or bundle of this order can be used as before. You need not do anything.
email-surplus-kept = The order itself is not affected.

email-code-subject = Your security code
email-code-valid = { $minutes ->
    [one] It is valid for { $minutes } minute and can be used once.
   *[other] It is valid for { $minutes } minutes and can be used once.
 }
email-code-secret = Give it to nobody: { $brand } never asks for it by phone, text message or e-mail.
email-code-not-you = If you did not ask for it, there is nothing to do.
email-code-why = You get this e-mail because somebody entered this address.

email-never = We never ask for card numbers by e-mail.
email-support = Contact support: { $address }
