-- Risk: what the operator set, how orders of one hand are told, and what was noticed about them.

-- key: limit.<name> or switch.<name>. What is not here has its usual value.
create table risk_setting (key text primary key, value integer not null, changed_by text not null, changed_at integer not null) strict;

-- Orders and money with one mark in a running window. key is kind/window/mark, for money with its currency.
create table risk_count (
    key text primary key, window_at integer not null, ends_at integer not null, count integer not null
) strict, without rowid;
create index risk_count_by_end on risk_count (ends_at);

-- The marks of an order: keyed hashes, kept for a while.
create table risk_mark (
    top_up_id text not null, kind text not null, mark text not null, at integer not null, primary key (top_up_id, kind)
) strict, without rowid;
create index risk_mark_by_age on risk_mark (at);

-- Which cards were used or tried with a mark.
create table risk_card (mark text not null, card text not null, at integer not null, primary key (mark, card)) strict, without rowid;
create index risk_card_by_age on risk_card (at);

-- What was noticed about an order, each thing once.
create table risk_event (
    top_up_id text not null, kind text not null, subject text not null, detail text not null, at integer not null,
    primary key (top_up_id, kind, subject)
) strict, without rowid;
