-- Credits that the host network gives to the lines whose balance it keeps. The id is the request id at the network,
-- the same for ever; grant_json is what is asked, to the letter. amount_minor is the money in it, 0 for a bundle.
create table network_credit (
    operation_id text primary key, top_up_id text not null, network text not null, grant_json text not null,
    amount_minor integer not null check (amount_minor >= 0), currency text not null, state text not null,
    first_sent_at integer, last_sent_at integer, sends integer not null, network_ref text, refusal text,
    created_at integer not null, state_at integer not null
) strict;
create unique index network_credit_by_top_up on network_credit (top_up_id);
create index network_credit_open on network_credit (created_at) where state in ('prepared', 'sent', 'in_progress', 'unknown');
create index network_credit_by_ref on network_credit (network_ref) where network_ref is not null;
