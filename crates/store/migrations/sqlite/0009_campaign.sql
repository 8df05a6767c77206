-- Campaigns: one marketing text for those who agreed, by two people of the staff; what became of it for each reader;
-- and who ended such texts by a reply.

-- plan: what it says, to whom and when, as JSON. fed_to: the last reader, by id, whose message was written down.
create table campaign (
    id text primary key, plan text not null, state text not null, written_by text not null, written_at integer not null,
    decided_by text, decided_at integer, decision_note text, stopped_by text, stopped_at integer, stop_note text,
    fed_to text not null, fed integer not null, state_at integer not null
) strict;
create index campaign_by_state on campaign (state, id);

-- One message per campaign and reader, for ever. handed_at: when it was about to be handed over.
create table campaign_message (
    id text primary key, campaign_id text not null, subscriber_id text not null, channel text not null,
    locale text not null, state text not null, attempts integer not null, provider_ref text, last_error text,
    created_at integer not null, handed_at integer, delivered_at integer
) strict;
create unique index campaign_message_once on campaign_message (campaign_id, subscriber_id);
create index campaign_message_by_state on campaign_message (campaign_id, state);
create index campaign_message_by_reader on campaign_message (subscriber_id, handed_at) where handed_at is not null;
create index campaign_message_by_ref on campaign_message (provider_ref) where provider_ref is not null;

create index consent_given on consent (topic, subscriber_id, channel) where state = 'given';

-- Who wrote a word such as STOP: one row per contact, however often it is written. confirmed_at: the last answer.
create table stop_reply (
    contact_id text primary key, subscriber_id text not null, at integer not null, confirmed_at integer not null,
    confirmation text not null
) strict;
create index stop_reply_by_age on stop_reply (at);
