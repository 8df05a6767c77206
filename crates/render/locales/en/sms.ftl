### Text messages. English must fit the GSM alphabet and 160 places.

sms-credited = { $amount } credit has arrived on the number ending { $ending }. Order { $code }. { $brand }
sms-credited-bonus = { $amount } credit, { $bonus } of it bonus, has arrived on the number ending { $ending }. Order { $code }. { $brand }
sms-credited-and = { $what } and a bonus of { $bonus } have arrived on the number ending { $ending }. Order { $code }. { $brand }
sms-credited-bundle = { $bundle } has arrived on the number ending { $ending }. Order { $code }. { $brand }
sms-refund-started = Top-up of the number ending { $ending } failed. { $amount } is on its way back to the payer, reference { $ref }. Order { $code }. { $brand }
sms-surplus-returning = Order { $code } was paid twice. The second payment of { $amount } is on its way back to the payer, reference { $ref }. { $brand }
