-- Promotions: their versions, what was put into their budgets, and who had them.

-- body is the whole promotion as JSON; a version never changes once written.
create table promotion (
    version_id text collate "C" primary key, promotion_id text collate "C" not null, version bigint not null, market text collate "C" not null,
    body text collate "C" not null, current bigint not null, created_at bigint not null
);
create unique index promotion_by_version on promotion (promotion_id, version);
create unique index promotion_current on promotion (promotion_id) where current = 1;

-- What was put into a budget less what was taken out of it again, and how often it was changed. What is left of it is
-- its ledger account.
create table promotion_budget (
    promotion_id text collate "C" primary key, market text collate "C" not null, unit text collate "C" not null, funded bigint not null,
    changes bigint not null
);

-- How often a line has a promotion, orders on their way included. id is promotion/line.
create table promotion_line (id text collate "C" primary key, uses bigint not null check (uses >= 0));

create table promotion_use (
    top_up_id text collate "C" primary key, promotion_id text collate "C" not null, line_id text collate "C" not null, unit text collate "C" not null,
    amount bigint not null check (amount > 0), state text collate "C" not null, bucket_id text collate "C", at bigint not null
);
create index promotion_use_by_promotion on promotion_use (promotion_id, top_up_id);
create index promotion_use_held on promotion_use (top_up_id) where state = 'held';
