-- What a market's fiscal device signs of sales at counters: one row for each sale and kind, so that nothing is signed twice.
-- facts: what the device is told, as JSON, written down before it is asked for the first time. evidence: what it said.
create table fiscal_signature (
    id text primary key, top_up_id text not null, kind text not null, market text not null, place_id text not null,
    shift_id text not null, state text not null, tries integer not null, refusal text, facts text, evidence text,
    created_at integer not null,
    state_at integer not null
) strict;
create unique index fiscal_signature_once on fiscal_signature (top_up_id, kind);
create index fiscal_signature_by_shift on fiscal_signature (shift_id);
create index fiscal_signature_open on fiscal_signature (place_id, id) where state <> 'signed';
create index fiscal_signature_last on fiscal_signature (place_id, state_at) where state = 'signed';
