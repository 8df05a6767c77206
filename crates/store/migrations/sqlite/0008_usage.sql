-- What lines used, as it was reported, and what each record took from which account.

-- record is who measured and its own word for the record; short_of says what was there when nothing was taken.
create table usage_record (
    id text primary key, record text not null, line_id text not null, unit text not null,
    amount integer not null check (amount > 0), used_at integer not null, recorded_at integer not null,
    short_of integer
) strict, without rowid;
create unique index usage_by_record on usage_record (record);

create table usage_part (
    account text not null, usage_id text not null, amount integer not null check (amount > 0),
    primary key (account, usage_id)
) strict, without rowid;
create index usage_part_by_usage on usage_part (usage_id);

-- What of a use fell under tax with it: credit that was sold untaxed, as a voucher for several purposes.
create table usage_tax (
    usage_id text primary key, taxable integer not null check (taxable > 0), rate_bps integer not null, tax integer not null
) strict, without rowid;
