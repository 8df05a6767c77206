-- The till: shifts of devices, cash that moves in them, what customers hand over, and what they get back.

-- number: of its report, without gaps at its outlet. report: what the report said, as JSON. day_number: of its business day.
create table shift (
    id text primary key, place_id text not null, device_id text not null, clerk_id text not null, currency text not null,
    state text not null, opened_at integer not null, closed_at integer, closed_by text, closing text, number integer,
    counted_minor integer, expected_minor integer, reason text, report text, day_number integer
) strict;
create unique index shift_open on shift (device_id) where state = 'open';
create unique index shift_by_number on shift (place_id, number) where number is not null;
create index shift_by_place on shift (place_id, id);
create index shift_without_day on shift (place_id, id) where day_number is null;

create table report_number (place_id text primary key, last integer not null) strict, without rowid;

create table cash_movement (
    shift_id text not null, id text not null, why text not null, amount_minor integer not null, note text,
    clerk_id text not null, at integer not null, primary key (shift_id, id)
) strict, without rowid;

create table cash_count (
    shift_id text not null, denomination_minor integer not null, pieces integer not null,
    primary key (shift_id, denomination_minor)
) strict, without rowid;

-- Parts of what is handed over for one sale; what was given back is negative. taken: is it in the till? 0 while the sale
-- waits for its card.
create table tender (
    top_up_id text not null, n integer not null, kind text not null, amount_minor integer not null, currency text not null,
    given_minor integer, shift_id text not null, place_id text not null, clerk_id text not null, at integer not null, taken integer not null,
    primary key (top_up_id, n)
) strict, without rowid;
create index tender_by_shift on tender (shift_id, top_up_id);

-- Money that a customer must get back at the counter, because the sale did not stand after it was taken.
create table owed_back (
    top_up_id text primary key, place_id text not null, amount_minor integer not null, currency text not null,
    since integer not null, given_at integer
) strict;
create index owed_back_open on owed_back (place_id, since) where given_at is null;

-- Closed business days of outlets. number: without gaps at its outlet. report: what the report said, as JSON.
create table business_day (
    place_id text not null, number integer not null, from_at integer not null, closed_at integer not null, closed_by text not null,
    currency text not null, total_minor integer not null, sales integer not null, report text not null, primary key (place_id, number)
) strict, without rowid;
create trigger business_day_no_update before update on business_day begin select raise(abort, 'business days are immutable'); end;
create trigger business_day_no_delete before delete on business_day begin select raise(abort, 'business days are immutable'); end;
