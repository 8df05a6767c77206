-- Agents: who sells for us over a counter, with what they showed, who agreed, and their shops.

-- key: the form that it came with, so that sending it twice applies once. terms: JSON; plan stands beside it to be joined.
-- contact_sealed: who applied and how they are reached.
create table agent (
    id text primary key, key text not null, kind text not null, parent_id text, partner_id text not null,
    market text not null, name text not null, state text not null, reason text, terms text not null, plan text,
    contact_sealed text not null, locale text not null, created_at integer not null, state_at integer not null
) strict;
create unique index agent_by_key on agent (key);
create unique index agent_by_partner on agent (partner_id);
create index agent_by_parent on agent (parent_id, id) where parent_id is not null;
create index agent_by_state on agent (state, id);

-- What an agent showed. The content stands last: lists never read it.
create table agent_document (
    agent_id text not null, n integer not null, kind text not null, file_kind text not null, bytes integer not null,
    name_sealed text not null, expires_at integer, at integer not null, body_sealed text not null,
    primary key (agent_id, n)
) strict;
create index agent_document_by_end on agent_document (expires_at) where expires_at is not null;

-- Who of the staff agreed to an application. Nobody agrees twice; new terms start again.
create table agent_approval (
    agent_id text not null, staff_id text not null, note text not null, at integer not null,
    primary key (agent_id, staff_id)
) strict;

-- place_id: the outlet is a place; what the public sees of it stands there once it is approved. facts: the same as JSON,
-- as the owner proposed them. low_at: since when its float is low and the owner was warned.
create table outlet (
    place_id text primary key, key text not null, agent_id text not null, partner_id text not null, market text not null,
    number text not null, state text not null, reason text, limits text not null, currency text not null,
    low_float_minor integer, low_at integer, facts text not null, created_at integer not null, state_at integer not null
) strict;
create unique index outlet_by_key on outlet (key);
create unique index outlet_by_partner on outlet (partner_id);
create unique index outlet_by_number on outlet (number);
create index outlet_by_agent on outlet (agent_id, place_id);
create index outlet_by_state on outlet (state, place_id);
create index outlet_watched on outlet (place_id) where low_float_minor is not null;
