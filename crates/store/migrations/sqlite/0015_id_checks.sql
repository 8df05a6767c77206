-- ID checks at the counter: what became of a look at a document, and the little that may be kept of it.

alter table market add column id_check text;

-- One row per look, passed or refused. sale_hash: keyed, of the device, the clerk and the number that is to be topped
-- up; top_up_id: the one sale that it served. number_hash: keyed, only under the law that legal_basis names. No number,
-- no name, no birth date.
create table id_check (
    id text primary key, sale_hash text not null, top_up_id text, market text not null, place_id text not null,
    clerk_id text not null, device_id text not null, kind text, country text, last4 text, expires text,
    outcome text not null, reason text, name_match text, of_age integer, number_hash text, legal_basis text,
    checked_at integer not null
) strict;
create index id_check_by_sale on id_check (place_id, sale_hash, id);
create index id_check_unsold on id_check (checked_at) where top_up_id is null;
