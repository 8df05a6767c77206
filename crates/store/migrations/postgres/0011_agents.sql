-- Agents: who sells for us over a counter, with what they showed, who agreed, and their shops.

-- key: the form that it came with, so that sending it twice applies once. terms: JSON; plan stands beside it to be joined.
-- contact_sealed: who applied and how they are reached.
create table agent (
    id text collate "C" primary key, key text collate "C" not null, kind text collate "C" not null, parent_id text collate "C", partner_id text collate "C" not null,
    market text collate "C" not null, name text collate "C" not null, state text collate "C" not null, reason text collate "C", terms text collate "C" not null, plan text collate "C",
    contact_sealed text collate "C" not null, locale text collate "C" not null, created_at bigint not null, state_at bigint not null
);
create unique index agent_by_key on agent (key);
create unique index agent_by_partner on agent (partner_id);
create index agent_by_parent on agent (parent_id, id) where parent_id is not null;
create index agent_by_state on agent (state, id);

-- What an agent showed. The content stands last: lists never read it.
create table agent_document (
    agent_id text collate "C" not null, n bigint not null, kind text collate "C" not null, file_kind text collate "C" not null, bytes bigint not null,
    name_sealed text collate "C" not null, expires_at bigint, at bigint not null, body_sealed text collate "C" not null,
    primary key (agent_id, n)
);
create index agent_document_by_end on agent_document (expires_at) where expires_at is not null;

-- Who of the staff agreed to an application. Nobody agrees twice; new terms start again.
create table agent_approval (
    agent_id text collate "C" not null, staff_id text collate "C" not null, note text collate "C" not null, at bigint not null,
    primary key (agent_id, staff_id)
);

-- place_id: the outlet is a place; what the public sees of it stands there once it is approved. facts: the same as JSON,
-- as the owner proposed them. low_at: since when its float is low and the owner was warned.
create table outlet (
    place_id text collate "C" primary key, key text collate "C" not null, agent_id text collate "C" not null, partner_id text collate "C" not null, market text collate "C" not null,
    number text collate "C" not null, state text collate "C" not null, reason text collate "C", limits text collate "C" not null, currency text collate "C" not null,
    low_float_minor bigint, low_at bigint, facts text collate "C" not null, created_at bigint not null, state_at bigint not null
);
create unique index outlet_by_key on outlet (key);
create unique index outlet_by_partner on outlet (partner_id);
create unique index outlet_by_number on outlet (number);
create index outlet_by_agent on outlet (agent_id, place_id);
create index outlet_by_state on outlet (state, place_id);
create index outlet_watched on outlet (place_id) where low_float_minor is not null;
