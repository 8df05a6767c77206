### The business day of an outlet over all its tills.

day-title = Close the day
day-hint = All shifts of this outlet that were closed since the last day become one day. What is sold afterwards belongs to the next day.
day-pending = 1. Sales whose end is not known yet
day-pending-hint = Open each one. It is asked for by itself; do not sell it again. The day can be closed as soon as its end is known.
day-open = 2. Open shifts
day-open-hint = Have them counted at their devices. If a device is gone, open its shift here and close it without a count.
day-owed = 3. Cash that customers have to get back
day-owed-hint = Give it back at the till when the customer is there. It does not hold up the day; the report says how much it is.
day-clear = { $count ->
    [one] One closed shift belongs to this day.
   *[other] { $count } closed shifts belong to this day.
}
day-none = No shift was closed since the last day.
day-close-now = Close the day now
day-past = Closed days
day-number = Day { $number }
day-report = Day report { $number }
day-closed-by = Closed by
day-by-clerk = By clerk
day-by-device = By device
day-shifts = Shifts
day-fees = Fees in it
day-first = First receipt
day-last = Last receipt
day-owed-still = Still to be given back
day-uncounted = not counted
day-nobody = no longer listed
day-file = Save as a table (CSV)
day-back = Back to the days
day-csv-section = section
day-csv-what = what
day-csv-number = number
day-csv-amount = amount
day-csv-currency = currency
day-csv-tax = tax contained
day-csv-taxed = value with tax
counter-problem-day_pending = Some sales have no known end yet. They are listed first.
counter-problem-day_shifts_open = Some shifts are still open. Have them counted and closed, or close them without a count.
counter-problem-day_nothing = No shift was closed since the last day, so there is nothing to close.
