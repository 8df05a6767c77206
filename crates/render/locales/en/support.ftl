### Support: customers write, staff answers. Pages, mail and text message.

support-title = Write to support
support-lead = First look at what we know about your order: most questions are answered there at once.
support-which = Which order is it about?
support-no-orders = There is no order in this browser.
support-code-label = Order code
support-code-hint = Ten letters and digits, for example 7K2M9-QX4TB. It is on the order page, the receipt and in messages about the order.
support-find = Go on with this order
support-none = I have no order code, or it is not about an order
support-cases = Your questions
support-continue = Continue a question
support-case-label = Question code
support-case-hint = It begins with S-, for example S-7K2M9-QX4TB.
support-case-find = Open the question

support-known = What we know about this order
support-known-open = Go to the order
support-answered = Your question is answered by this? Then there is nothing more to do.
support-about = About order { $code }
support-about-none = Not about an order
support-about-shop = About the shop { $name } ({ $number })
support-change-order = Choose another order
support-already = You have already asked about this order.
support-already-see = Look at your question { $code }

support-cause = What is it about?
support-cause-not_arrived = Money was taken, but nothing arrived
support-cause-wrong_number = I topped up the wrong number
support-cause-wrong_amount = The amount is wrong
support-cause-paid_twice = I paid twice
support-cause-want_refund = I would like a refund
support-cause-receipt = I need a receipt
support-cause-shop = Something about a shop or kiosk
support-cause-other = Something else

support-hint-not_arrived = If the order says “{ state-credited }”, please restart the phone and check the balance. Otherwise there is no need to pay again: it either arrives or goes back by itself.
support-hint-wrong_number = We can take back what was not used yet. Please do not ask the other person to pay you.
support-hint-paid_twice = A second payment for the same order goes back by itself, usually within minutes.
support-hint-want_refund = A top-up of which nothing was used can be returned the way it was paid. What was used is not refunded.
support-hint-receipt = The receipt is on the order page, for you to print or save.

support-text-label = Your question
support-text-hint = What happened, and when? Never write a card number or a security code: support does not need them.
support-contact-label = E-mail address for our answer
support-contact-needed = We write to it when there is an answer.
support-contact-optional = Not needed. Without it we write to the address of the order, or send a text message to the number that was topped up.
support-contact-account = We tell you at the address or number of your account.
support-when = { $hours ->
    [one] We answer within an hour.
   *[other] We answer within { $hours } hours.
 }
support-send = Send question

support-files-label = Pictures or PDF (optional)
support-files-hint = Up to 3 files of 5 MB each: JPEG, PNG, WebP or PDF. A screenshot often says most; please cover card numbers. We remove where a picture was taken, and delete files after 180 days.
support-files-again = If you had chosen files, please choose them again.
case-file-size = { $kib } KB
problem-file_kind = One file cannot be used. We accept pictures (JPEG, PNG, WebP) and PDF. What you typed is still here.
problem-file_too_large = One file is larger than 5 MB. Please choose a smaller one, such as a screenshot. What you typed is still here.
problem-files_too_many = Please send at most 3 files at a time. What you typed is still here; more files can follow in your next message.
problem-case_full = This question has as many files as it can hold (20 MB). Please send your message without files. What you typed is still here.

case-title = Question { $code }
case-sent = We have your question. Please keep the code { $code }: with it you find our answer here.
case-state-open = With us
case-state-waiting_for_asker = Waiting for you
case-state-answered = Answered
case-state-closed = Closed
case-sentence-open = We answer by { $time }.
case-sentence-late = Our answer is late, and we are sorry. It is on top of our list.
case-sentence-waiting_for_asker = We have a question for you; please reply below.
case-sentence-answered = We have answered. If anything is unclear, just reply.
case-sentence-closed = This question is closed. Write again and it is open again.
case-thread = What was written
case-author-asker = You
case-author-staff = { $brand } support
case-author-note = Note for staff
case-reply-label = Your reply
case-reply-send = Send reply
case-reopen-send = Send and open again
case-close = My question is settled
case-rate = How did we do?
case-rate-hint = From 1 (poor) to 5 (very good)
case-rate-send = Send rating
case-rated = Thank you. You gave { $rating } of 5.
case-about-order = Order
case-asked-at = Asked
case-cause = About

case-proof-title = Your question
case-proof-lead = To show it here, we need to know that it is yours.
case-proof-label = E-mail address, or last 4 digits of the topped-up number
case-proof-hint = The address that you gave with the question or the order. If you asked while signed in, sign in again.
case-proof-show = Show question

problem-text_missing = Please write your question.
problem-text_too_long = This is too long. Please write at most 2,000 characters.
problem-contact_missing = Please give an e-mail address, so that our answer finds you.
problem-case_closed = This conversation has ended. Please ask a new question.
problem-case_unreadable = This is not a question code. It begins with S- and has ten letters and digits; please check them.
problem-cause_missing = Please choose what it is about.
problem-support_locked = You have written several times in a row. Please try again after { $time }; until then the order page shows where your money is.

order-refund-other_amount = The payment was of another amount than the order, so it goes back the way it came.
order-refund-by_hand = Our support agreed to give this money back.
order-trouble = Something wrong?
order-trouble-write = Write to support about this order
help-write = Not answered here?
help-write-text = Write to us, with or without an order code. We answer here and tell you when we have.

email-support-subject = Our answer to your question { $code }
email-support-text = We have answered your question { $code }. For your safety the answer is on our website only.
email-support-open = Read the answer
email-support-how = The page asks for your e-mail address or the last 4 digits of the number. We never ask for card numbers or security codes.
email-support-why = You receive this mail because somebody asked our support a question with this address.
sms-support-answer = We have answered your question: { $url } { $brand }
