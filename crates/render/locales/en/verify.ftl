### The page that tells what is genuine.

verify-title = Check if genuine
verify-lead = Is this website, text message or receipt really ours? Compare it here.

verify-sites = Official websites
verify-sites-lead = Only these addresses are ours. Compare them letter by letter with your browser’s address bar.
verify-pay = To pay you are taken to the payment provider’s page, which is always at:

verify-senders = Messages and bank statements
verify-sms = Text messages come from
verify-mail = E-mail comes from
verify-mail-ends = an address ending in { $domain }
verify-statement = Bank statements say
verify-senders-caution = A sender’s name can be forged. Only the order page on this website says what has arrived.

verify-receipt = Check a receipt or order code
verify-receipt-lead = Photos, screenshots and text messages prove nothing. Enter the order code here, then the e-mail address or the last four digits, and see the real state and amount.

verify-never = We never
verify-never-code = ask for your security code or password
verify-never-card = ask for card number, expiry date or card code outside the payment page
verify-never-transfer = ask you to send money to a private account or to pay with gift cards
verify-never-refund = ask for money before a refund or credit can arrive
verify-never-remote = ask you to share your screen or install remote control

verify-community = Our communities
verify-community-lead = Only these are ours. “Support” that writes to you first in a group is not us.

verify-doubt = When in doubt, do not pay. Ask us first.
