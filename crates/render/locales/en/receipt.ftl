### The receipt on screen and paper.

receipt-title = Receipt { $code }
receipt-heading = Receipt
receipt-state = State
receipt-credited = Credited on
receipt-paid-by = Paid by
receipt-card-ending = { $brand ->
    [unknown] Card ending in { $digits }
   *[other] { $brand } ending in { $digits }
 }
receipt-card = Payment page
receipt-paypal = PayPal
receipt-tender-cash = Cash
receipt-tender-card = Card
receipt-given = Cash given
receipt-change = Change
receipt-shop = Shop
receipt-clerk = Clerk
receipt-fiscal-sale = Fiscal signature
receipt-fiscal-reversal = Fiscal signature, taken back
receipt-fiscal-by = Device { $device }, transaction { $transaction }, counter { $counter }
receipt-fiscal-at = Signed at
receipt-fiscal-signature = Signature
receipt-fiscal-text = Check
receipt-fiscal-waiting = The signature of the fiscal device follows; print again later
receipt-fiscal-refused = The fiscal device did not sign; the shop can say why
receipt-float = Agent float
receipt-tax-id = { $name } number
receipt-as-of = as of { $time }
receipt-refunded = Refunded on { $date }, reference { $ref }
receipt-refund-moving = Refund on its way, reference { $ref }
receipt-refund-failed = Not returned yet, we are looking into it, reference { $ref }
receipt-net = Net
receipt-print = Print
receipt-back = Back to the order
receipt-date = Date
receipt-copy = COPY
receipt-demo = DEMO
receipt-training = TRAINING
receipt-genuine = Is this receipt genuine?
receipt-pdf = Save as PDF
receipt-qr = QR code that proves this receipt
receipt-qr-lead = Scan it to check that this receipt is genuine, and whether it was refunded since.
receipt-check = Check this receipt
receipt-invoice = Get an invoice
