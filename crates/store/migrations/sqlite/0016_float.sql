-- Float: who asked for money on a float or off it, who agreed, and what sales earned.

-- key: the form that it came with. reference: the bank's, letters and digits alone. first_by: who agreed where two must.
-- The proof stands last: lists never read it.
create table float_request (
    id text primary key, key text not null, agent_id text not null, kind text not null, from_partner text,
    to_partner text not null, amount_minor integer not null check (amount_minor > 0), currency text not null,
    reference text, note text not null, state text not null, asked_by text not null, asked_at integer not null,
    first_by text, first_at integer, decided_by text, decided_at integer, decision_note text, state_at integer not null,
    proof_kind text, proof_sealed text
) strict;
create unique index float_request_by_key on float_request (key);
-- One transfer of the bank fills a float once, whoever states it; what was declined can be stated again.
create unique index float_request_by_reference on float_request (reference)
    where reference is not null and state in ('asked', 'agreed_once', 'done');
create index float_request_by_agent on float_request (agent_id, id);
create index float_request_by_state on float_request (state, id);
create index float_request_by_giver on float_request (from_partner, asked_at) where from_partner is not null;
create index float_request_by_card on float_request (agent_id, asked_at) where kind = 'card';

-- A version never changes once written.
create table commission_plan (
    id text not null, version integer not null, currency text not null, rules text not null, current integer not null,
    created_by text not null, created_at integer not null, primary key (id, version)
) strict;
create unique index commission_plan_current on commission_plan (id) where current = 1;

-- What one sale earned, by which rule, and what went back with its reversal. volume_minor: what the agent had sold in the
-- month before it.
create table commission (
    top_up_id text not null, kind text not null, agent_id text not null, partner_id text not null, month text not null,
    class text not null, value_minor integer not null, amount_minor integer not null, currency text not null,
    rule text not null, volume_minor integer not null, at integer not null, primary key (top_up_id, kind)
) strict, without rowid;
create index commission_by_agent on commission (agent_id, month, top_up_id);
create index commission_by_partner on commission (partner_id, month, top_up_id);

-- Running sums of sales: key is whose and when, as ag_…/2026-11, plc_…/2026-11-23, clk_…/2026-11-23.
create table sold (
    key text primary key, currency text not null, sales integer not null, value_minor integer not null,
    commission_minor integer not null
) strict, without rowid;
