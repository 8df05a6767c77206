-- Invoices, their series without gaps, and how often something was printed.

-- How a market writes invoices, as JSON; none: it writes none.
alter table market add column invoicing text;

-- The last number that was taken of each series; it is taken in the transaction that writes the document.
create table invoice_series (series text primary key, last_n integer not null check (last_n > 0)) strict, without rowid;

-- One document per sale, kind and turn, for ever. body is what it says as JSON, buyer_sealed its buyer; buyer_hash tells
-- the same buyer from another. corrects: the document that a credit note takes back.
create table invoice (
    id text primary key, series text not null, n integer not null, number text not null, kind text not null,
    top_up_id text not null, turn integer not null, corrects text, body text not null, buyer_sealed text,
    buyer_hash text, locale text not null, issued_at integer not null, issued_by text not null
) strict;
create unique index invoice_by_position on invoice (series, n);
create unique index invoice_by_number on invoice (number);
create unique index invoice_once on invoice (top_up_id, kind, turn);
create unique index invoice_corrected_once on invoice (corrects) where corrects is not null;
create trigger invoice_no_update before update on invoice begin select raise(abort, 'invoices are immutable'); end;
create trigger invoice_no_delete before delete on invoice begin select raise(abort, 'invoices are immutable'); end;

-- How often a receipt or an invoice was printed: every print but the first says that it is a copy.
create table print_count (subject text primary key, prints integer not null, last_at integer not null) strict, without rowid;
