### Text messages. English must fit the GSM alphabet and 160 places.

sms-credited = { $brand }: { $amount } credit has arrived on the number ending { $ending }. Order { $code }.
sms-credited-bonus = { $brand }: { $amount } credit, { $bonus } of it bonus, has arrived on the number ending { $ending }. Order { $code }.
sms-credited-and = { $brand }: { $what } and a bonus of { $bonus } have arrived on the number ending { $ending }. Order { $code }.
sms-credited-bundle = { $brand }: { $bundle } has arrived on the number ending { $ending }. Order { $code }.
sms-valid-until = Valid until { $end }.
sms-valid-adds = { $days ->
    [one] Valid until at least { $end }, or one day longer than before.
   *[other] Valid until at least { $end }, or { $days } days longer than before.
 }
sms-valid-at-least = Valid until at least { $end }, or as long as before.
sms-valid-first-use = { $days ->
    [one] Valid for { $days } day from the first use. Start by { $end }, or it lapses.
   *[other] Valid for { $days } days from the first use. Start by { $end }, or it lapses.
 }
sms-refund-not_delivered = { $brand }: Top-up of the number ending { $ending } failed. { $amount } is on its way back to the payer, reference { $ref }. Order { $code }.
sms-refund-taken_back = { $brand }: The top-up of the number ending { $ending } is taken back. { $amount } is on its way back to the payer, reference { $ref }. Order { $code }.
sms-refund-failed = { $brand }: Your refund of { $amount } did not go through yet. The money is with us and we see to it, reference { $ref }. Order { $code }.
sms-refund-take_back_failed = { $brand }: { $amount } could not be paid back, reference { $ref }. The top-up stays on the number ending { $ending }. We look into it. Order { $code }.
sms-surplus-returning = { $brand }: Order { $code } was paid twice. The second payment of { $amount } is on its way back to the payer, reference { $ref }.
sms-counter-review = { $brand }: The top-up of the number ending { $ending } is paid. A person checks it before it arrives, please do not pay again. Order { $code }.
sms-counter-cash_owed = { $brand }: The top-up of the number ending { $ending } does not stand. Get { $amount } back in cash where you paid. Order { $code }.
