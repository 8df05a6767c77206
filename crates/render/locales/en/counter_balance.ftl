### The balance of a customer's line at the counter.

balance-title = Customer’s balance
balance-home = for the customer in front of you, by a code
balance-lead = Only the holder of the number sees its balance. A code goes to the phone, and the customer reads it out to you.
balance-number = The customer’s number
balance-send = Send the code
balance-sent = A code was sent to
balance-code = The code that the customer reads out
balance-code-hint = Six digits from the text message, valid for five minutes.
balance-show = Show the balance
balance-leaves = It disappears after { $seconds } seconds. To see it again takes a new code.
balance-hide = Hide it now
sms-counter-code = { $digits } is your code to show the balance of this number at a shop. Valid { $minutes } min. Tell it only to the clerk in front of you. { $brand }
