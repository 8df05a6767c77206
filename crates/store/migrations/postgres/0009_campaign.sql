-- Campaigns: one marketing text for those who agreed, by two people of the staff; what became of it for each reader;
-- and who ended such texts by a reply.

-- plan: what it says, to whom and when, as JSON. fed_to: the last reader, by id, whose message was written down.
create table campaign (
    id text collate "C" primary key, plan text collate "C" not null, state text collate "C" not null, written_by text collate "C" not null, written_at bigint not null,
    decided_by text collate "C", decided_at bigint, decision_note text collate "C", stopped_by text collate "C", stopped_at bigint, stop_note text collate "C",
    fed_to text collate "C" not null, fed bigint not null, state_at bigint not null
);
create index campaign_by_state on campaign (state, id);

-- One message per campaign and reader, for ever. handed_at: when it was about to be handed over.
create table campaign_message (
    id text collate "C" primary key, campaign_id text collate "C" not null, subscriber_id text collate "C" not null, channel text collate "C" not null,
    locale text collate "C" not null, state text collate "C" not null, attempts bigint not null, provider_ref text collate "C", last_error text collate "C",
    created_at bigint not null, handed_at bigint, delivered_at bigint
);
create unique index campaign_message_once on campaign_message (campaign_id, subscriber_id);
create index campaign_message_by_state on campaign_message (campaign_id, state);
create index campaign_message_by_reader on campaign_message (subscriber_id, handed_at) where handed_at is not null;
create index campaign_message_by_ref on campaign_message (provider_ref) where provider_ref is not null;

create index consent_given on consent (topic, subscriber_id, channel) where state = 'given';

-- Who wrote a word such as STOP: one row per contact, however often it is written. confirmed_at: the last answer.
create table stop_reply (
    contact_id text collate "C" primary key, subscriber_id text collate "C" not null, at bigint not null, confirmed_at bigint not null,
    confirmation text collate "C" not null
);
create index stop_reply_by_age on stop_reply (at);
