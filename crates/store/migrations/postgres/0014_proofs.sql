-- Invoices, their series without gaps, and how often something was printed.

-- How a market writes invoices, as JSON; none: it writes none.
alter table market add column invoicing text collate "C";

-- The last number that was taken of each series; it is taken in the transaction that writes the document.
create table invoice_series (series text collate "C" primary key, last_n bigint not null check (last_n > 0));

-- One document per sale, kind and turn, for ever. body is what it says as JSON, buyer_sealed its buyer; buyer_hash tells
-- the same buyer from another. corrects: the document that a credit note takes back.
create table invoice (
    id text collate "C" primary key, series text collate "C" not null, n bigint not null, number text collate "C" not null, kind text collate "C" not null,
    top_up_id text collate "C" not null, turn bigint not null, corrects text collate "C", body text collate "C" not null, buyer_sealed text collate "C",
    buyer_hash text collate "C", locale text collate "C" not null, issued_at bigint not null, issued_by text collate "C" not null
);
create unique index invoice_by_position on invoice (series, n);
create unique index invoice_by_number on invoice (number);
create unique index invoice_once on invoice (top_up_id, kind, turn);
create unique index invoice_corrected_once on invoice (corrects) where corrects is not null;
create trigger invoice_immutable before update or delete or truncate on invoice execute function refuse_change();

-- How often a receipt or an invoice was printed: every print but the first says that it is a copy.
create table print_count (subject text collate "C" primary key, prints bigint not null, last_at bigint not null);
