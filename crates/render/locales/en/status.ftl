### The status page.

status-title = Service status
status-checked = Checked at { $time }
status-fine = No trouble was found.
status-trouble = Some services are disturbed.
status-again = Check again

status-portal = Ordering on this website
status-payment = Payment page
status-network = The mobile network
status-work = Credit and refunds
status-sms = Text messages
status-email = E-mail

status-health-working = Working
status-health-disturbed = Disturbed
status-health-quiet = No recent record
status-health-absent = Not offered
status-health-unknown = Cannot be told now

status-succeeded = Last success: { $time }
status-failed = Last failure: { $time }
status-waiting = Work has been waiting since { $time }.

status-advice-portal = Ordering may not work at the moment. Please try again later.
status-advice-payment = The payment page may not open at the moment. Please try again later.
status-advice-network = Credit for some numbers may take longer than usual. It arrives, or your money goes back; please do not pay again.
status-advice-work = Credit and refunds may take longer than usual. Please do not pay again.
status-advice-sms = Text messages may be late. Top-ups go on; the order page shows the result.
status-advice-email = E-mail may be late. Top-ups go on; the order page shows the result.

status-money = Whatever it says here, the order page shows where your money is.
