### The help page.

help-title = Help
help-lead = How to top up, how long it takes, how refunds go, and how not to be cheated.
help-contents = On this page

help-urgent = Money taken, but no credit?
help-urgent-text = Please do not pay again. Your order code shows where the money is.
help-urgent-more = What to do

help-ways = How to top up
help-online = Online top-up
help-online-about = Open now: at any time, without an account.
help-online-1 = Enter the number to top up.
help-online-2 = Choose credit or a bundle. You see the full price before you pay.
help-online-3 = Check number and amount, then pay on the payment provider’s page.
help-online-4 = It has arrived when the order page says “{ state-credited }”. The receipt is there too.
help-online-4-sms = It has arrived when the order page says “{ state-credited }”. The receipt is there too, and the number gets a text message.
help-offline = Shops and kiosks are not open yet. Below is how it will go there. Until they are listed on this website, do not pay anywhere else in our name.
help-agent = Authorised agent
help-agent-about = Not open yet. Later, in an authorised shop:
help-agent-1 = Show your ID; the clerk checks it.
help-agent-2 = Say the number and the amount, and check both on the screen.
help-agent-3 = Pay in cash or by card.
help-agent-4 = Take the receipt. Check the last digits, the amount and the order code.
help-kiosk = Self-service kiosk
help-kiosk-about = Not open yet. Later, by card or with your phone:
help-kiosk-1 = Enter the number, and the security code from the text message. Type it on the screen only; tell it to nobody.
help-kiosk-2 = Choose credit or a bundle, and check the price on the screen.
help-kiosk-3 = Insert a card, or scan the QR code with your phone.
help-kiosk-4 = Take your card and the slip. The slip has the order code.

help-time = How long it takes
help-time-usual = Usually a few seconds after you have paid.
help-time-late = { $minutes ->
    [one] Without an answer for a minute, the order becomes “{ state-review }”.
   *[other] Without an answer for { $minutes } minutes, the order becomes “{ state-review }”.
 }
help-time-close = Closing the page changes nothing. The order code opens the order again at any time.

help-states = What the order states mean
help-states-lead = Each state says where your money is.
help-state-awaiting_payment = You have not paid yet.
help-state-checking_payment = We are asking the bank or PayPal; please do not pay again.
help-state-paid = We have your payment and are sending the credit.
help-state-pending_network = We have your payment; if it fails you get it back.
help-state-credited = The credit or bundle has arrived and can be used.
help-state-refunding = The money is on its way back. The reference is on the order page.
help-state-refunded = The money was returned; your bank decides when it shows.
help-state-reversed = The credit was taken back from the number, and the payment was returned. The refund reference is on the order page.
help-state-cancelled = You were not charged; should a charge still arrive, it is returned by itself.
help-state-review = A person is looking at it; please do not pay again.

help-taken = Money taken, but no credit
help-taken-1 = Please do not pay again.
help-taken-2 = Open “{ chrome-find-order }” and enter the order code. It is on the order page and the receipt.
help-taken-3 = “{ state-checking_payment }”, “{ state-paid }”, “{ state-pending_network }” or “{ state-review }”: please wait. Either the credit arrives or the money goes back.
help-taken-4 = “{ state-awaiting_payment }”: no payment has reached us so far. If you have just paid, look again in a few minutes; once it reaches us, the top-up goes on. “{ state-cancelled }”: your bank may only be holding the amount; if it was really taken, it is returned by itself.
help-taken-5 = “{ state-credited }”, but the phone does not show it: compare the last digits on the order page, then check the balance again.
help-taken-6 = Still not clear? Contact support and have the order code ready.

help-refund = How refunds go
help-refund-self = When a top-up is known to have failed, or was paid twice, the refund starts by itself. You need not ask.
help-refund-way = The money goes back to the card or account it was paid with, and nowhere else.
help-refund-reference = The order page shows a reference that begins with RF-. Quote it when you ask about the refund.
help-refund-when = Once it is sent, your bank decides when it shows, often after some working days.
help-refund-arrived = A top-up that has arrived can be taken back on request and returned while nothing of it is used. What was used is not refunded. So check the number before you pay.

help-safe = How not to be cheated
help-safe-code = Tell nobody your security codes, passwords or card numbers, not even somebody who says they are support.
help-safe-sms = Text messages and screenshots can be forged. Only the order page on this website says what has arrived.
help-safe-site = Read the address before you pay. Look-alike sites differ by one letter.
help-safe-receipt = Check a receipt that somebody gives you: enter its order code on this website.
help-safe-refund = No refund needs another payment, a transfer or a security code from you.
help-safe-more = See our official addresses and senders

help-contact-hours = Hours
help-contact-phone = Telephone
help-contact-ready = Have the order code ready. Never send card numbers or security codes.

help-about-state = What does this state mean?

## Hints about the browser.
browser-wechat = You are inside WeChat. If the payment page does not open, tap ··· at the top right and choose “Open in Browser”. Number and item are kept. You can also pay right here.
browser-old = Your browser is old, so pages may look untidy. You can still top up and look up orders. Please update it when you can.
