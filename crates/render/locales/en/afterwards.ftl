### What a number will have after a purchase, until when; and how a bundle starts and ends.

after-space = one
after-comma = ,
after-list = { $first } and { $last }
after-in-zone = { $what } in { $zone }
after-credit-added = { $added } of credit is added to this number. Credit has no end.
after-credit-balance = You will have { $balance } of credit. Credit has no end.
after-get-until = This number gets { $what } until { $end }.
after-have-until = You will have { $what } until { $end }.
after-get-adds = { $days ->
    [one] This number gets { $what } until at least { $end }. If it still has this bundle, one day is added to its end instead.
   *[other] This number gets { $what } until at least { $end }. If it still has this bundle, { $days } days are added to its end instead.
 }
after-get-at-least = This number gets { $what } until at least { $end }; later if it still has this bundle and that ends later.
after-get-first-use = { $days ->
    [one] This number gets { $what } for one day from the first use. Start using it by { $end }, or it lapses.
   *[other] This number gets { $what } for { $days } days from the first use. Start using it by { $end }, or it lapses.
 }
after-have-first-use = { $days ->
    [one] You will have { $what } for one day from the first use. Start using it by { $end }, or it lapses.
   *[other] You will have { $what } for { $days } days from the first use. Start using it by { $end }, or it lapses.
 }
after-besides = { $what } that you have already keeps its own end.
after-valid-until = Valid until { $end }.
after-valid-adds = { $days ->
    [one] Valid until at least { $end }; if the number still had this bundle, one day is added to its end instead.
   *[other] Valid until at least { $end }; if the number still had this bundle, { $days } days are added to its end instead.
 }
after-valid-at-least = Valid until at least { $end }; later if the number still had this bundle and that ended later.
after-valid-first-use = { $days ->
    [one] Valid for one day from the first use; start using it by { $end }, or it lapses.
   *[other] Valid for { $days } days from the first use; start using it by { $end }, or it lapses.
 }

## On the card of a bundle.

terms-first-use = { $days ->
    [one] Valid for { $days } day from the first use.
   *[other] Valid for { $days } days from the first use.
}
terms-first-use-within = { $days ->
    [one] Start using it within { $days } day of buying, or it lapses.
   *[other] Start using it within { $days } days of buying, or it lapses.
}
terms-expiry-extend = { $days ->
    [one] Bought again before it ends: what is left moves along, and the end moves by { $days } day.
   *[other] Bought again before it ends: what is left moves along, and the end moves by { $days } days.
}
terms-expiry-latest_of = Bought again before it ends: what is left moves along to the later end.
terms-expiry-restart = Bought again before it ends: what is left moves along, and its time begins anew.
terms-zone = For use in { $zone }
terms-zone-countries = { $count ->
    [one] ({ $count } country)
   *[other] ({ $count } countries)
}
choose-coming = Coming soon
choose-coming-from = { $name }, from { $date }
review-afterwards = After this top-up
receipt-validity = Validity
price-tax-later = No tax is taken on credit now: it is taken when the credit is used.
problem-offer_not_on_sale = You were not charged. This is not on sale today; please choose again.
