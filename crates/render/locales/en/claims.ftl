### A slip joins the account.

claim-title = Add a receipt
claim-lead = Bought in a shop or without signing in? With the code of the receipt the order joins your account.
claim-hint = Ten letters and digits on the receipt, such as 7K2M9-QX4TB.
claim-add = Add to my account
claim-done = The order is in your account:
claim-unproved = The number of this receipt is not in your account. First prove that it is yours by a security code to it; then add the receipt.
claim-prove = Prove the number
problem-claim_unknown = We have no receipt with this code. Please check every letter.
problem-claim_elsewhere = This receipt is in another account already, and stays there. If you do not know whose, write to support.
office-did-receipt_claimed = a receipt joined an account
