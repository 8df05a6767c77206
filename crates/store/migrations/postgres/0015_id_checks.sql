-- ID checks at the counter: what became of a look at a document, and the little that may be kept of it.

alter table market add column id_check text collate "C";

-- One row per look, passed or refused. sale_hash: keyed, of the device, the clerk and the number that is to be topped
-- up; top_up_id: the one sale that it served. number_hash: keyed, only under the law that legal_basis names. No number,
-- no name, no birth date.
create table id_check (
    id text collate "C" primary key, sale_hash text collate "C" not null, top_up_id text collate "C", market text collate "C" not null, place_id text collate "C" not null,
    clerk_id text collate "C" not null, device_id text collate "C" not null, kind text collate "C", country text collate "C", last4 text collate "C", expires text collate "C",
    outcome text collate "C" not null, reason text collate "C", name_match text collate "C", of_age bigint, number_hash text collate "C", legal_basis text collate "C",
    checked_at bigint not null
);
create index id_check_by_sale on id_check (place_id, sale_hash, id);
create index id_check_unsold on id_check (checked_at) where top_up_id is null;
