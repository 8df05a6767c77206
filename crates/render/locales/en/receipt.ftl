### The receipt on screen and paper.

receipt-title = Receipt { $code }
receipt-heading = Receipt
receipt-state = State
receipt-credited = Credited on
receipt-paid-by = Paid by
receipt-card-ending = { $brand } ending in { $digits }
receipt-card = Payment page
receipt-float = Agent float
receipt-tax-id = { $name } number
receipt-print = Print
receipt-back = Back to the order
