-- Risk: what the operator set, how orders of one hand are told, and what was noticed about them.

-- key: limit.<name> or switch.<name>. What is not here has its usual value.
create table risk_setting (key text collate "C" primary key, value bigint not null, changed_by text collate "C" not null, changed_at bigint not null);

-- Orders and money with one mark in a running window. key is kind/window/mark, for money with its currency.
create table risk_count (
    key text collate "C" primary key, window_at bigint not null, ends_at bigint not null, count bigint not null
);
create index risk_count_by_end on risk_count (ends_at);

-- The marks of an order: keyed hashes, kept for a while.
create table risk_mark (
    top_up_id text collate "C" not null, kind text collate "C" not null, mark text collate "C" not null, at bigint not null, primary key (top_up_id, kind)
);
create index risk_mark_by_age on risk_mark (at);

-- Which cards were used or tried with a mark.
create table risk_card (mark text collate "C" not null, card text collate "C" not null, at bigint not null, primary key (mark, card));
create index risk_card_by_age on risk_card (at);

-- What was noticed about an order, each thing once.
create table risk_event (
    top_up_id text collate "C" not null, kind text collate "C" not null, subject text collate "C" not null, detail text collate "C" not null, at bigint not null,
    primary key (top_up_id, kind, subject)
);
