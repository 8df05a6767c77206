-- Promotions: their versions, what was put into their budgets, and who had them.

-- body is the whole promotion as JSON; a version never changes once written.
create table promotion (
    version_id text primary key, promotion_id text not null, version integer not null, market text not null,
    body text not null, current integer not null, created_at integer not null
) strict;
create unique index promotion_by_version on promotion (promotion_id, version);
create unique index promotion_current on promotion (promotion_id) where current = 1;

-- What was put into a budget less what was taken out of it again, and how often it was changed. What is left of it is
-- its ledger account.
create table promotion_budget (
    promotion_id text primary key, market text not null, unit text not null, funded integer not null,
    changes integer not null
) strict, without rowid;

-- How often a line has a promotion, orders on their way included. id is promotion/line.
create table promotion_line (id text primary key, uses integer not null check (uses >= 0)) strict, without rowid;

create table promotion_use (
    top_up_id text primary key, promotion_id text not null, line_id text not null, unit text not null,
    amount integer not null check (amount > 0), state text not null, bucket_id text, at integer not null
) strict, without rowid;
create index promotion_use_by_promotion on promotion_use (promotion_id, top_up_id);
create index promotion_use_held on promotion_use (top_up_id) where state = 'held';
