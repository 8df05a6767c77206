-- Float: who asked for money on a float or off it, who agreed, and what sales earned.

-- key: the form that it came with. reference: the bank's, letters and digits alone. first_by: who agreed where two must.
-- The proof stands last: lists never read it.
create table float_request (
    id text collate "C" primary key, key text collate "C" not null, agent_id text collate "C" not null, kind text collate "C" not null, from_partner text collate "C",
    to_partner text collate "C" not null, amount_minor bigint not null check (amount_minor > 0), currency text collate "C" not null,
    reference text collate "C", note text collate "C" not null, state text collate "C" not null, asked_by text collate "C" not null, asked_at bigint not null,
    first_by text collate "C", first_at bigint, decided_by text collate "C", decided_at bigint, decision_note text collate "C", state_at bigint not null,
    proof_kind text collate "C", proof_sealed text collate "C"
);
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
    id text collate "C" not null, version bigint not null, currency text collate "C" not null, rules text collate "C" not null, current bigint not null,
    created_by text collate "C" not null, created_at bigint not null, primary key (id, version)
);
create unique index commission_plan_current on commission_plan (id) where current = 1;

-- What one sale earned, by which rule, and what went back with its reversal. volume_minor: what the agent had sold in the
-- month before it.
create table commission (
    top_up_id text collate "C" not null, kind text collate "C" not null, agent_id text collate "C" not null, partner_id text collate "C" not null, month text collate "C" not null,
    class text collate "C" not null, value_minor bigint not null, amount_minor bigint not null, currency text collate "C" not null,
    rule text collate "C" not null, volume_minor bigint not null, at bigint not null, primary key (top_up_id, kind)
);
create index commission_by_agent on commission (agent_id, month, top_up_id);
create index commission_by_partner on commission (partner_id, month, top_up_id);

-- Running sums of sales: key is whose and when, as ag_…/2026-11, plc_…/2026-11-23, clk_…/2026-11-23.
create table sold (
    key text collate "C" primary key, currency text collate "C" not null, sales bigint not null, value_minor bigint not null,
    commission_minor bigint not null
);
