-- What a market's fiscal device signs of sales at counters: one row for each sale and kind, so that nothing is signed twice.
-- facts: what the device is told, as JSON, written down before it is asked for the first time. evidence: what it said.
create table fiscal_signature (
    id text collate "C" primary key, top_up_id text collate "C" not null, kind text collate "C" not null, market text collate "C" not null, place_id text collate "C" not null,
    shift_id text collate "C" not null, state text collate "C" not null, tries bigint not null, refusal text collate "C", facts text collate "C", evidence text collate "C",
    created_at bigint not null,
    state_at bigint not null
);
create unique index fiscal_signature_once on fiscal_signature (top_up_id, kind);
create index fiscal_signature_by_shift on fiscal_signature (shift_id);
create index fiscal_signature_open on fiscal_signature (place_id, id) where state <> 'signed';
create index fiscal_signature_last on fiscal_signature (place_id, state_at) where state = 'signed';
