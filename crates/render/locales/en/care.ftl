### The office: questions of customers, what is stuck, refunds by two people, limits and switches.

office-nothing = –
office-why = Why?
office-why-hint = One sentence for the audit. No numbers, no addresses.

office-problem-text_missing = Please write something.
office-problem-text_too_long = This is too long: at most 2,000 characters.
office-problem-case_closed = This question was closed meanwhile. Open it again first.
office-problem-nothing_chosen = Please choose at least one line.
office-problem-action_missing = Please choose what to do.
office-problem-note_missing = Please say why.
office-problem-reason_missing = Please choose a reason.
office-problem-order_unknown = There is no order with this code.
office-problem-value_unfit = Please give a whole number within the limits.
office-problem-refund_unknown = There is no such order or request.
office-problem-refund_nothing_to_return = No captured money of this order could go back: nothing was captured, or it went back already.
office-problem-refund_network_undecided = The host network may still give the credit. Please ask it first; a refund now could be one too many.
office-problem-refund_already_asked = Somebody has asked already. Please look at the open request.
office-problem-refund_already_decided = This request is decided already. Nothing was done.
office-problem-refund_same_person = You asked for it yourself. Another person must decide.
office-problem-refund_not_theirs = Only whoever asked can take it back.
office-problem-refund_not_supervisor = Supervisors decide on refunds.
office-problem-refund_note_missing = Please say why.
office-problem-refund_note_too_long = This is too long: at most 500 characters.
office-problem-refund_over_limit = This is more than a clerk may ask for. A supervisor has to ask, and another one has to decide.
office-problem-refund_over_day = With this you would ask for more than a clerk may in a day. A supervisor has to ask.
office-problem-refund_switched_off = Refunds by staff are switched off at present.
office-problem-refund_changed = The money is no longer where it was when this was asked for. Nothing was done; please decline and look at the order.
office-problem-refund_spent = The credit was used meanwhile, so it cannot be taken back. Nothing was done.

cases-title = Support
cases-count = { $open ->
    [one] One answer is owed
   *[other] { $open } answers are owed
 }{ $late ->
    [0] .
   *[other] , { $late } late.
 }
cases-filter = Which questions
cases-open = To answer
cases-unassigned = Nobody’s
cases-mine = Mine
cases-waiting = Waiting for the customer
cases-answered = Answered
cases-closed = Closed
cases-state = State
cases-answer-by = Answer by
cases-assigned = Taken by
cases-nobody = nobody
cases-late = late
cases-none = There are none.
case-desk-open = To answer
case-desk-waiting_for_asker = Customer’s turn
case-desk-answered = Answered
case-desk-closed = Closed

desk-about = About this question
desk-asker = Customer
desk-staff = Support
desk-reads = Customer reads
desk-language = The customer reads { $language }. Do not ask for card numbers or security codes.
desk-text = Answer or note
desk-answer = Send answer
desk-question = Send as question
desk-note = Keep as note for staff
desk-saved = Saved replies, in the customer’s language:
desk-take = I take care of it
desk-release = Give it back
desk-close = Close
desk-reopen = Open again
desk-timeline = Order timeline
desk-refund = Ask for a refund
desk-rating = The customer gave { $rating } of 5.
desk-notice-none = not told
desk-notice-queued = telling
desk-notice-sent = told
desk-notice-failed = could not be told

saved-title-looking = We are looking into it
saved-looking = Thank you for writing. We have your order in front of us and are asking the payment provider now. Please do not pay again; we write here as soon as we know.
saved-title-arrived = It has arrived
saved-arrived = The credit has arrived on the number. Please restart the phone and check the balance; the receipt is on your order page.
saved-title-returning = The money goes back
saved-returning = The money is on its way back, to the card or account with which it was paid. The order page shows the reference; your bank decides when it shows.
saved-title-twice = The second payment goes back
saved-twice = You paid for this order twice. The second payment goes back by itself; the order page shows its reference.
saved-title-wrong_number = Wrong number
saved-wrong_number = We can take back what was not used yet and refund it. What was already used by the owner of that number cannot be taken back. Shall we go ahead?
saved-title-which_order = Which order?
saved-which_order = To help you we need your order code. It has ten letters and digits and is on the order page, on the receipt and in the messages about the order. Please do not send card numbers.

stuck-title = Stuck
stuck-lead = What nobody knows the end of, and what our own work could not finish. Nothing here is ever marked as paid: we ask, or send again what was decided.
stuck-none = Nothing is stuck.
stuck-choose = Choose
stuck-choose-this = { $cause }, { $order }
stuck-why = Why
stuck-since = Since
stuck-amount = Amount
stuck-may = Possible
stuck-do = With the chosen lines
stuck-preview-first = The next page shows what would be done. Nothing is done before that.
stuck-preview-title = { $what }: before it is done
stuck-these = For these it is possible
stuck-left-out = For these it is not possible; they are left out
stuck-nothing = There is nothing to be done.
stuck-gone = { $count ->
    [one] One of the chosen lines is not stuck any more.
   *[other] { $count } of the chosen lines are not stuck any more.
 }
stuck-do-these = { $count ->
    [one] Do it
   *[other] Do it for { $count }
 }
stuck-back = Back to the list
stuck-done-title = What came of it
stuck-result = Result
stuck-age-minutes = { $count } min
stuck-age-hours = { $count } h
stuck-age-days = { $count ->
    [one] 1 day
   *[other] { $count } days
 }
stuck-cause-payment_unanswered = The payment provider has not answered
stuck-cause-not_credited = Paid, and the credit was not given
stuck-cause-network_unanswered = The host network has not answered
stuck-cause-held = Paid, and kept back as possible abuse
stuck-cause-other_amount = Another amount came than was asked for
stuck-cause-refund_failed = A refund failed
stuck-cause-refund_unanswered = A refund has no answer
stuck-cause-call_unanswered = A call has no answer
stuck-cause-message_dead = A message could not be handed over
stuck-cause-work_given_up = Work was given up
stuck-cause-report = Report

mend-ask = Ask now
mend-send_again = Send again
mend-resend = Send message again
mend-release = Let through
mend-see_to = Seen to
mend-about-ask = The payment provider is asked how it stands. What it says is applied as always; asking twice does no harm.
mend-about-send_again = The same call is sent again under its own key, so that the provider does it once at most.
mend-about-resend = The message is handed over once more. Somebody may get it twice.
mend-about-release = The order is delivered as paid. Only for supervisors, who have made sure that it is genuine.
mend-about-see_to = It leaves this list. Nothing else is done.
mended-moved = Asked. Something is known now that was not; the order shows it.
mended-unchanged = Asked. Nothing new is known.
mended-sent = Sent again, and answered.
mended-waiting = Sent again. There is no answer yet; it goes on by itself.
mended-given_up_again = Tried again and given up again.
mended-seen_to = Noted as seen to.
mended-not_stuck = Nothing was done: it was not stuck any more.
mended-not_possible = Nothing was done: this is not possible here.
mended-released = Let through: it is delivered.
mended-for_supervisors = Nothing was done: only supervisors may.
mended-held = Nothing was done: it is being done right now.

refunds-title = Refunds
refunds-lead = One person asks, another one decides. In the moment of approval the refund begins.
refunds-ask = Ask for a refund
refunds-waiting = Waiting for a decision
refunds-decided = Decided lately
refunds-none = There are none.
request-state-asked = Waits for a decision
request-state-approved = On its way
request-state-declined = Declined
request-state-withdrawn = Taken back
request-state-done = Refunded
request-state-failed = Refund failed
request-reason = Reason
request-reason-not_delivered = Paid and not delivered
request-reason-wrong_number = Wrong number
request-reason-wrong_amount = Wrong amount
request-reason-paid_twice = Paid twice
request-reason-other_amount = Another amount came than was asked for
request-reason-refund_failed = An earlier refund failed
request-reason-changed_mind = The buyer changed their mind
request-reason-goodwill = Goodwill
request-source-suspense = Contradicts the order
request-source-surplus = A second payment
request-source-undelivered = Captured and not delivered
request-source-credited = Delivered
request-source-about-suspense = Another amount or currency came than was asked for. All of it goes back.
request-source-about-surplus = It came beside the payment of the order, and its refund failed.
request-source-about-undelivered = No credit was given for it. All of it goes back.
request-source-about-credited = The credit is taken back from the number first. If it was used, nothing happens.
request-asked-by = Asked by
request-asked-at = Asked
request-you = (you)
request-open = Open
refund-ask-title = Ask for a refund of order { $code }
refund-which = Which money?
refund-choose = Please choose
refund-note = What happened?
refund-ask = Ask for the refund
refund-ask-then = Nothing moves yet. A supervisor who is not you decides.
refund-earlier = Requests for this order
refund-title = Refund of order { $code }
refund-asked = What was asked for
refund-money = Money
refund-provider = Provider
refund-decided-by = Decided by
refund-decision = Remark
refund-decision-hint = Needed when you decline.
refund-at-provider = At the provider
refund-state-requested = Not sent yet
refund-state-pending = The provider is doing it
refund-state-unknown = Sent, no answer yet
refund-state-succeeded = Went back
refund-state-failed = Did not go back
refund-decide = Decide
refund-decide-about = When you approve, { $amount } goes back to the payer at once. The buyer is told.
refund-approve = Approve and refund { $amount }
refund-decline = Decline
refund-yours = You asked for this refund, so somebody else decides. You can take it back.
refund-withdraw = Take back
refund-supervisor = A supervisor who did not ask for it decides.

limits-title = Limits and switches
limits-lead = What holds back abuse, and what can be switched off in an emergency. Supervisors change it; everything is audited.
limits-switches = Switches
limits-limits = Limits
limits-about = Money is counted in whole units of the order’s currency, each currency apart.
limits-what = What
limits-now = Now
limits-usual = Usual
limits-on = On
limits-off = Off
limits-switch-on = Switch on
limits-switch-off = Switch off
limits-change = Change
limits-units = units
limits-unusual = changed
limits-changed = Changed. All processes know it within five seconds.
limits-soon = All processes know it within five seconds.
limits-value = New value
limits-between = From { $least } to { $greatest }; usual is { $usual }.
limits-save = Save
limits-back = Back
limit-per-target = per number or address
limit-per-prefix = per number block
limit-per-place = per network address
limit-per-card = per card or payer account
limit-per-line = per number
limit-per-email = per e-mail address
limit-per-device = per browser
limit-codes = Security codes in an hour
limit-codes_by_sms = Security codes by text message in a day, in all
limit-guest_orders = Orders of guests in a day
limit-member_orders = Orders of signed-in people in a day
limit-guest_money = Money ordered by guests in a day
limit-member_money = Money ordered by signed-in people in a day
limit-declines = Declined payments in an hour
limit-cards = Different cards in a day
limit-small_order = Up to here an order is small
limit-small_orders = Small orders in an hour
limit-clerk_refund = Largest refund that a clerk may ask for
limit-clerk_refunds_per_day = What a clerk may ask to be refunded in a day
switch-codes_by_sms = Security codes by text message
switch-payments = New payments
switch-card = New payments by card
switch-paypal = New payments with PayPal
switch-refunds_by_staff = Refunds by staff
switch-new_accounts = New accounts
switch-about-codes_by_sms = While it is off, codes go by e-mail only.
switch-about-payments = While it is off, nobody can begin to pay, and the portal says so on its first page. Payments that began go on.
switch-about-card = While it is off, cards are not offered. Payments that began go on.
switch-about-paypal = While it is off, PayPal is not offered. Payments that began go on.
switch-about-refunds_by_staff = While it is off, nobody can ask for or approve a refund here. Refunds that the system begins by itself go on.
switch-about-new_accounts = While it is off, nobody can register. Topping up as a guest goes on.

payments-off = Top-ups are paused at the moment. Nobody is charged. Please come back later; orders that are paid already are not affected.
status-health-paused = Paused
status-paused-text = New payments are paused by us. Orders that are paid already go on.

