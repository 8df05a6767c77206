### Accounts: signing in, registering, security codes, and what subscribers see about themselves.

chrome-account = My account
chrome-sign-in = Sign in

sign-in-title = Sign in
sign-in-lead = No password: we send a code to your phone or e-mail address.
sign-in-contact = Phone number or e-mail address
sign-in-contact-hint = The one that you registered with. A number may have its country code.
sign-in-send = Send a code
sign-in-trust = We never ask for your code by phone, text message or chat.
sign-in-new = New here?
sign-in-guest = You can also top up without an account.
sign-in-signed_out = You are signed out.
sign-in-signed_out_everywhere = You are signed out on every device.
sign-in-erased = Your account is erased. Thank you for having been here.

code-title = Enter the code
code-sent-perhaps-sms = If this number belongs to an account, a text message with a code is on its way to { $to }.
code-sent-perhaps-email = If this address belongs to an account, an e-mail with a code is on its way to { $to }.
code-sent-other-sms = If there is such an account, a text message with a code is on its way to its phone.
code-sent-other-email = If there is such an account, an e-mail with a code is on its way to its address.
code-sent-sms = A text message with a code is on its way to { $to }.
code-sent-email = An e-mail is on its way to { $to }.
code-label = Code of six digits
code-valid-until = Valid until { $time }.
code-for-sign_in = The code is for signing in.
code-for-register_email = The code is for registering.
code-for-register_phone = The code is for registering.
code-for-confirm = The code confirms that it is you.
code-for-change_contact = The code is for your new contact.
code-for-add_line = The code is for adding this number to your account.
code-continue = Continue
code-not-there = No code yet?
code-resend-from = Another one can be sent from { $time } on.
code-resend-in = Another one can be sent in { $seconds } s.
code-resend = Send another code
code-other-sms = Send it by e-mail instead
code-other-email = Send it by text message instead
code-edit-sms = Wrong number? Change it
code-edit-email = Wrong address? Change it
code-edit-own = Use another contact
code-never-ask = Give this code to nobody. We never ask for it.

register-title = Register
register-lead = One account for your numbers, receipts and history. It is free.
register-email = E-mail address
register-email-hint = We send a code to it first.
register-resume = Began on another device? Enter the same address, and go on where you were.
register-have = Already registered?

details-title = Your phone and preferences
details-lead = Your address is confirmed. A code to your phone, and you are done.
details-resumed = Welcome back. What you had filled in is still here.
details-phone-hint = Where we reach you. It may be a number from abroad, and need not be the one that you top up.
details-optional = (optional)
details-what = If the number is one of ours, it is added to your account, and you see its balance there.

consent-title = Promotions
consent-hint = Only if you want it; you can change it at any time. Receipts and safety messages come in any case.
consent-sms = By text message
consent-email = By e-mail

account-title = Account and safety
account-to-me = To my balance and history
account-back = Back to the account
account-contacts = How we reach you
account-contacts-hint = You sign in with either of them.
account-phone = Phone
account-email = E-mail
account-change = Change
account-lines = My numbers
account-lines-hint = Numbers whose balance and history you see here.
account-no-lines = No number yet.
account-line = Number
account-edit = Edit
account-label = Name for this number
account-save = Save
account-line-remove = Remove from the account
account-devices = Devices
account-device-unknown = Unknown device
account-device-this = this device
account-seen = Last used { $time }
account-end = Sign out
account-sign-out = Sign out here
account-end-all = Sign out everywhere
account-preferences = Name, language, promotions
account-name = Name
account-language = Language
account-language-hint = In which we write to you.
account-looks = Who looked at my data
account-looks-hint = When our staff opened your data, for example to answer you.
account-look = Looked at by our staff
account-look-revealed = Shown to our staff in full, with a reason
account-no-looks = Nobody so far.
account-data = My data
account-data-hint = You can take your data with you, or have your account erased. Both ask for a code.
account-done-saved = Saved.
account-done-contact_changed = Changed. We told the old contact too.
account-done-line_added = The number is in your account.
account-done-line_removed = The number is no longer in your account.
account-done-device_ended = That device is signed out.
account-done-export_ready = Confirmed. Your data is ready: press Download my data within ten minutes.
line-status-barred = barred
line-status-closed = no longer in use
line-status-ported_out = moved to another operator

contact-phone-title = Change your phone
contact-email-title = Change your e-mail address
contact-lead = We send a code to the new one, and tell the old one.
contact-now = Now
contact-email-hint = You will sign in with it from then on.

line-title = Add a number
line-lead = We send a code to the number, so have its SIM or eSIM at hand.
line-hint = A number of this operator.

confirm-title = Confirm that it is you
confirm-lead = For this we need a code that is not older than ten minutes.
confirm-where = Where to send it
confirm-by-phone = Text message to
confirm-by-email = E-mail to

export-button = Download my data

erase-title = Erase my account
erase-lead = This cannot be undone. Credit on your numbers stays on them.
erase-goes = What is erased at once
erase-goes-contacts = Your name, phone number and e-mail address
erase-goes-devices = All devices are signed out, and forgotten
erase-goes-lines = Which numbers are yours, and what you call them
erase-goes-mail = The e-mail addresses that stand with your orders, and your consents
erase-stays = What stays, and for how long
erase-stays-orders = Orders, without your name: for ten years, because tax law asks for it
erase-stays-ledger = The money records, without your name: they cannot be changed, so that nobody’s money is lost
erase-stays-line = The number itself and its credit: as long as your contract for it
erase-stays-cases = Messages with support, without your name: for three years
erase-stays-log = Backups: until they are replaced, at most 35 days
erase-export = Want to keep a copy?
erase-sure = I understand: my account is erased for good.
erase-do = Erase my account

problem-contact_unreadable = This is neither a phone number nor an e-mail address. Please check it.
problem-contact_email_invalid = This is not a complete e-mail address. Please check it.
problem-contact_landline = This is a landline, which takes no text messages. Please enter a mobile number.
problem-contact_country = We cannot send codes to numbers of this country. Please enter another number.
problem-contact_taken = This belongs to another account. Sign in with it, or use another one.
problem-contact_same = This is your contact already.
problem-line_not_ours = This number is not with us, or no longer in use. Please check it.
problem-lines_full = Your account has as many numbers as it can have. Remove one first.
problem-texts_paused = We cannot send text messages at the moment. Please use your e-mail address, or try again later.
problem-mail_paused = We cannot send e-mails at the moment. Please use your phone number, or try again later.
problem-code_not_before = No more codes for now. Please try again after { $time }.
problem-code_not_six = The code has six digits. Please check it.
problem-code_wrong = { $left ->
    [one] This code is not right. You have one more try.
   *[other] This code is not right. You have { $left } more tries.
 }
problem-code_over = This code is no longer valid. Please ask for another one.
problem-code_locked = Too many wrong codes. Please ask for another one after { $time }.
problem-registration_paused = No accounts can be made at the moment. You can top up without one; please try again later.
problem-registration_gone = This registration has lapsed or is complete. Please begin again, or sign in.
problem-proof_needed = A fresh code is needed first.
problem-order_waiting = One of your orders still waits for an answer. Your account can be erased when it is done; we tell you by e-mail.
problem-erase_unsure = Please tick that you understand.

## Text messages; no links, one segment.
sms-security-code = { $digits } is your code { $purpose }. Valid { $minutes } min. We never ask for this code. { $brand }
sms-code-for-sign_in = to sign in
sms-code-for-register_email = to register
sms-code-for-register_phone = to register
sms-code-for-confirm = to confirm that it is you
sms-code-for-change_contact = for your new contact
sms-code-for-add_line = to add this number to your account
sms-notice-signed_in = A new device signed in to your account. Not you? Sign out everywhere in My account. { $brand }
sms-notice-signed_in-on = A new device signed in to your account: { $device }. Not you? Sign out everywhere in My account. { $brand }
sms-notice-contact_changed = A contact of your account was changed. Not you? Contact support at once. { $brand }
sms-notice-address_in_use = Somebody tried to register with this contact. You already have an account. { $brand }
sms-notice-erased = Your account was erased. { $brand }

email-notice-at = When
email-notice-device = Device
email-notice-contact = New contact
email-notice-why = You get this e-mail because it concerns the safety of your account.
email-notice-signed_in-subject = A new device signed in
email-notice-signed_in = Somebody signed in to your account with a device that we had not seen before.
email-notice-signed_in-next = If it was you, there is nothing to do. If not, open your account and sign out everywhere.
email-notice-contact_changed-subject = A contact was changed
email-notice-contact_changed = The phone or e-mail address of your account was changed.
email-notice-contact_changed-next = If it was you, there is nothing to do. If not, sign in with your other contact, sign out everywhere, and contact support.
email-notice-address_in_use-subject = You already have an account
email-notice-address_in_use = Somebody tried to register at { $brand } with this address.
email-notice-address_in_use-next = If it was you: you have an account already, and can sign in. If not, there is nothing to do.
email-notice-erased-subject = Your account is erased
email-notice-erased = Your account at { $brand } was erased, as you asked.
email-notice-erased-next = Orders stay on record without your name, as the law asks. This is the last message about the account.
