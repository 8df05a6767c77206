-- The till: shifts of devices, cash that moves in them, what customers hand over, and what they get back.

-- number: of its report, without gaps at its outlet. report: what the report said, as JSON. day_number: of its business day.
create table shift (
    id text collate "C" primary key, place_id text collate "C" not null, device_id text collate "C" not null, clerk_id text collate "C" not null, currency text collate "C" not null,
    state text collate "C" not null, opened_at bigint not null, closed_at bigint, closed_by text collate "C", closing text collate "C", number bigint,
    counted_minor bigint, expected_minor bigint, reason text collate "C", report text collate "C", day_number bigint
);
create unique index shift_open on shift (device_id) where state = 'open';
create unique index shift_by_number on shift (place_id, number) where number is not null;
create index shift_by_place on shift (place_id, id);
create index shift_without_day on shift (place_id, id) where day_number is null;

create table report_number (place_id text collate "C" primary key, last bigint not null);

create table cash_movement (
    shift_id text collate "C" not null, id text collate "C" not null, why text collate "C" not null, amount_minor bigint not null, note text collate "C",
    clerk_id text collate "C" not null, at bigint not null, primary key (shift_id, id)
);

create table cash_count (
    shift_id text collate "C" not null, denomination_minor bigint not null, pieces bigint not null,
    primary key (shift_id, denomination_minor)
);

-- Parts of what is handed over for one sale; what was given back is negative. taken: is it in the till? 0 while the sale
-- waits for its card.
create table tender (
    top_up_id text collate "C" not null, n bigint not null, kind text collate "C" not null, amount_minor bigint not null, currency text collate "C" not null,
    given_minor bigint, shift_id text collate "C" not null, place_id text collate "C" not null, clerk_id text collate "C" not null, at bigint not null, taken bigint not null,
    primary key (top_up_id, n)
);
create index tender_by_shift on tender (shift_id, top_up_id);

-- Money that a customer must get back at the counter, because the sale did not stand after it was taken.
create table owed_back (
    top_up_id text collate "C" primary key, place_id text collate "C" not null, amount_minor bigint not null, currency text collate "C" not null,
    since bigint not null, given_at bigint
);
create index owed_back_open on owed_back (place_id, since) where given_at is null;

-- Closed business days of outlets. number: without gaps at its outlet. report: what the report said, as JSON.
create table business_day (
    place_id text collate "C" not null, number bigint not null, from_at bigint not null, closed_at bigint not null, closed_by text collate "C" not null,
    currency text collate "C" not null, total_minor bigint not null, sales bigint not null, report text collate "C" not null, primary key (place_id, number)
);
create trigger business_day_immutable before update or delete or truncate on business_day execute function refuse_change();
