### The personal centre: balance, what happened to it, and the history of orders.

me-title = My account
me-balance = Balance
me-history = Top-up history
me-questions = My questions
me-line = Number
me-line-title = Number ending in { $digits }
me-as-of = As of { $time }.
me-refresh = Refresh
me-details = Details
me-credit = Credit
me-buckets = Bundles on this number
me-no-buckets = No bundles on this number.
me-left = { $left } of { $granted } left
me-until = Until { $time };
me-days = { $count ->
    [one] { $count } day to go.
   *[other] { $count } days to go.
 }
me-hours = { $count ->
    [0] less than an hour to go.
    [one] { $count } hour to go.
   *[other] { $count } hours to go.
 }
me-waits = Starts with its first use. If it is not used by { $date }, it lapses.
me-zone = For use in: { $zone }.
me-alert-used_up = Used up
me-alert-ends_soon = Ends soon
me-alert-low = Running low
me-repeat = Repeat the last one: { $offer }
me-top-up = Top up this number
me-no-lines = Add your number to see its balance here. We send a code to it.
me-network-before = The network does not answer at the moment. This is what it said at { $time }. You can still top up.
me-network-never = The network does not tell the balance at the moment. You can still top up.
me-offline = You are offline. What you see was true at { $time }. Nothing can be bought until you are back online.
me-offline-title = You are offline
me-offline-more = This page needs a connection. Nothing was ordered and nothing was charged.
me-offline-kept = See the last balance kept on this device
me-offline-receipts = Receipts kept on this device

## The history of a line's money, or of one bundle.
me-entries-money = History of the credit
me-entries-bucket = History of the bundle of { $granted }
me-entries-back = Show the credit instead
me-bucket-history = History
me-no-entries = Nothing has happened here yet.
me-no-entries-network = The network keeps this number’s balance. Only top-ups are shown here; there are none yet.
me-no-entries-since = Nothing has happened to the credit since this number came into your account ({ $date }). What was before is not shown here.
me-older-entries = Older entries
me-past = Bundles that ended
me-ended = ended { $time }
me-entry-granted = Topped up
me-entry-bonus = Bonus
me-entry-moved_in = Carried over from an older bundle
me-entry-moved_out = Carried over to a newer bundle
me-entry-used = Used
me-entry-ended = Ended unused
me-entry-reversed = Taken back
me-receipt = Receipt
me-order = Order

## The history of orders.
me-filter-line = Number
me-filter-state = State
me-filter-month = Month
me-filter-all = All
me-filter-show = Show
me-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
 } { $year }
me-group-under_way = Under way
me-group-arrived = Credited
me-group-returned = Money back
me-group-cancelled = Cancelled
me-wrong = Something’s wrong
me-from-others = Not ordered with this account: shown is what arrived.
me-none = No top-ups yet. What was bought without signing in is not listed here: its code finds it under “Find an order”.
me-of-browser = { $count ->
    [one] This browser has another order, placed without signing in.
   *[other] This browser has { $count } more orders, placed without signing in.
 }
me-none-filtered = No top-ups fit this choice.
me-show-all = Show all
me-first = Top up a number
me-older = Older orders
me-csv = Download as a table (CSV)
me-archived = Two years are shown here. Older orders are kept as long as tax law asks. To get a copy, write to us:

## The table for a spreadsheet.
csv-date = Date and time
csv-zone = Time zone
csv-utc = UTC
csv-code = Order code
csv-item = Item
csv-number = Number ends in
csv-amount = Amount
csv-currency = Currency
csv-state = State
csv-by = Ordered by
csv-own = this account
csv-others = somebody else
csv-cut = Only the newest { $count } orders are in this file. Choose a month to get older ones.

own-lines = My numbers
own-lines-lead = Signed in: choose one of yours, or enter another number below.
own-order = Signed in: this order will be in your account.
