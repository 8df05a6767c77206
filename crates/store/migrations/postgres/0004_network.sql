-- Credits that the host network gives to the lines whose balance it keeps. The id is the request id at the network,
-- the same for ever; grant_json is what is asked, to the letter. amount_minor is the money in it, 0 for a bundle.
create table network_credit (
    operation_id text collate "C" primary key, top_up_id text collate "C" not null, network text collate "C" not null,
    grant_json text collate "C" not null, amount_minor bigint not null check (amount_minor >= 0),
    currency text collate "C" not null, state text collate "C" not null, first_sent_at bigint, last_sent_at bigint,
    sends bigint not null, network_ref text collate "C", refusal text collate "C", created_at bigint not null,
    state_at bigint not null
);
create unique index network_credit_by_top_up on network_credit (top_up_id);
create index network_credit_open on network_credit (created_at) where state in ('prepared', 'sent', 'in_progress', 'unknown');
create index network_credit_by_ref on network_credit (network_ref) where network_ref is not null;
