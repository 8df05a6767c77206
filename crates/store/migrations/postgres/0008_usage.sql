-- What lines used, as it was reported, and what each record took from which account.

-- record is who measured and its own word for the record; short_of says what was there when nothing was taken.
create table usage_record (
    id text collate "C" primary key, record text collate "C" not null, line_id text collate "C" not null,
    unit text collate "C" not null, amount bigint not null check (amount > 0), used_at bigint not null,
    recorded_at bigint not null, short_of bigint
);
create unique index usage_by_record on usage_record (record);

create table usage_part (
    account text collate "C" not null, usage_id text collate "C" not null, amount bigint not null check (amount > 0),
    primary key (account, usage_id)
);
create index usage_part_by_usage on usage_part (usage_id);

-- What of a use fell under tax with it: credit that was sold untaxed, as a voucher for several purposes.
create table usage_tax (
    usage_id text collate "C" primary key, taxable bigint not null check (taxable > 0), rate_bps bigint not null, tax bigint not null
);
