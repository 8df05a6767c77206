-- The first shape: catalogue, lines, partners, ledger, top-ups, payments, inbox, outbox, messages.

create table market (
    country text primary key, currency text not null, locale text not null, taxes text not null,
    seller text not null, position integer not null, updated_at integer not null
) strict;

-- Where bundles can be used; body is the whole zone as JSON. One that is no longer listed keeps its name for buckets.
create table zone (id text primary key, body text not null, current integer not null) strict;

create table number_range (prefix text primary key, market text not null) strict;

-- body is the whole offer as JSON; a version never changes once written.
create table offer (
    version_id text primary key, offer_id text not null, version integer not null, market text not null,
    body text not null, current integer not null, created_at integer not null
) strict;
create unique index offer_by_version on offer (offer_id, version);
create unique index offer_current on offer (offer_id) where current = 1;

-- The number stands only here: a keyed hash to find it, sealed to read it, the last four digits to show.
create table line (
    id text primary key, market text not null, currency text not null, status text not null,
    msisdn_hash text not null, msisdn_sealed text not null, last4 text not null, locale text,
    created_at integer not null, updated_at integer not null, balance_keeper text not null default 'ours'
) strict;
create unique index line_by_number on line (msisdn_hash) where status <> 'closed';
create index line_by_number_ever on line (msisdn_hash);

create table partner (id text primary key, name text not null, created_at integer not null) strict;
create unique index partner_by_name on partner (name);

create table api_key (
    id text primary key, partner_id text not null references partner (id), secret_hash text not null,
    scopes text not null, created_at integer not null, revoked_at integer
) strict;
create unique index api_key_by_secret on api_key (secret_hash);

-- An account is named by what it is: kind:owner:unit. Only the ledger's writer changes it.
create table account (
    id text primary key, floor integer,
    debits_pending integer not null check (debits_pending >= 0),
    credits_pending integer not null check (credits_pending >= 0),
    debits_posted integer not null check (debits_posted >= 0),
    credits_posted integer not null check (credits_posted >= 0)
) strict, without rowid;

create table writer (id text primary key, last_n integer not null, head text not null) strict, without rowid;

create table posting (
    key text primary key, writer text not null, n integer not null, request_hash text not null,
    outcome text not null, actor text not null, recorded_at integer not null, hash text not null
) strict, without rowid;
create unique index posting_by_position on posting (writer, n);

create table transfer (
    writer text not null, n integer not null, leg integer not null, debit text not null, credit text not null,
    amount integer not null check (amount > 0), reason text not null, phase text not null,
    primary key (writer, n, leg)
) strict, without rowid;

create table hold (key text primary key, state text not null, resolved_by text) strict, without rowid;

-- While started_at is null its validity waits for its first use, and expires_at is when it lapses. A bucket is closed
-- when it has ended, or when its rest moved to another one.
create table bucket (
    id text primary key, line_id text not null, unit text not null, granted integer not null check (granted > 0),
    valid_from_at integer not null, expires_at integer not null, priority integer not null,
    top_up_id text not null, zone text, family text not null, valid_for_days integer not null,
    started_at integer, closed_at integer
) strict;
create index bucket_by_line on bucket (line_id, expires_at);
create index bucket_by_end on bucket (expires_at) where closed_at is null;
create index bucket_by_top_up on bucket (top_up_id);

create table top_up (
    id text primary key, code text not null, market text not null, line_id text not null, offer_id text not null,
    offer_version_id text not null, channel text not null, settlement text not null, state text not null,
    version integer not null, currency text not null, value_minor integer not null check (value_minor > 0),
    bonus_minor integer not null, fee_minor integer not null, tax_minor integer not null,
    tax_rate_bps integer not null, total_minor integer not null check (total_minor > 0), partner_id text,
    reference text, locale text not null, email_sealed text, created_at integer not null,
    state_at integer not null, credited_at integer, answer_by_at integer, actor text not null, promotion text,
    subscriber_id text, email_hash text
) strict, without rowid;
create unique index top_up_by_code on top_up (code);
create index top_up_by_partner on top_up (partner_id, id) where partner_id is not null;
create index top_up_by_reference on top_up (partner_id, reference) where reference is not null;
create index top_up_by_subscriber on top_up (subscriber_id, id) where subscriber_id is not null;
create index top_up_by_email on top_up (email_hash, id) where email_hash is not null;
create index top_up_by_line on top_up (line_id, id);
create index top_up_by_deadline on top_up (answer_by_at) where answer_by_at is not null;

-- The changes of a top-up after its first version.
create table top_up_event (
    top_up_id text not null, version integer not null, state text not null, at integer not null,
    actor text not null, primary key (top_up_id, version)
) strict, without rowid;

-- order_id: the top-up, or the float request, that it pays for.
create table payment (
    id text primary key, order_id text not null, provider text not null, state text not null,
    amount_minor integer not null check (amount_minor > 0), currency text not null,
    captured_attempt_id text, created_at integer not null
) strict;
create unique index payment_by_order on payment (order_id);

-- One hosted page. At most one attempt of a payment is the current one; earlier ones stay watched.
create table attempt (
    id text primary key, payment_id text not null, state text not null, current integer not null,
    page_ref text, money_ref text, url text, card_brand text, card_last4 text, last_decline text,
    expires_at integer not null, return_url text, created_at integer not null,
    state_at integer not null, captured_minor integer, captured_currency text
) strict;
create unique index attempt_current on attempt (payment_id) where current = 1;
create index attempt_by_payment on attempt (payment_id);
create unique index attempt_by_page on attempt (page_ref) where page_ref is not null;
create unique index attempt_by_money on attempt (money_ref) where money_ref is not null;

-- One call to a provider; the id is the provider's idempotency key.
create table operation (
    id text primary key, kind text not null, subject text not null, state text not null,
    created_at integer not null, first_sent_at integer, answered_at integer, detail text
) strict;
create index operation_by_subject on operation (subject);

create table payment_event (
    id text primary key, payment_id text not null, attempt_id text not null, source text not null,
    finding text not null, from_state text not null, to_state text not null, at integer not null
) strict;
create index payment_event_by_payment on payment_event (payment_id);

create table refund (
    id text primary key, top_up_id text not null, payment_id text not null, attempt_id text not null,
    provider text not null, amount_minor integer not null check (amount_minor > 0), currency text not null,
    state text not null, refund_ref text, reason text not null, created_at integer not null,
    state_at integer not null
) strict;
-- What one attempt brought goes back at most once: again only after the provider said that it did not.
create unique index refund_by_attempt on refund (attempt_id) where state <> 'failed';
create index refund_open on refund (created_at) where state in ('requested', 'pending', 'unknown');
create index refund_by_top_up on refund (top_up_id);
-- The end of the id is the reference that people quote.
create index refund_by_reference on refund (substr(id, 22));
create unique index refund_by_ref on refund (refund_ref) where refund_ref is not null;

-- What happened to one call, refund, credit at the network or message besides what its own row keeps: repeats, answers
-- that stayed out, states that it left again. subject: its id. Rows never change; a first try that worked has none.
create table trace (
    subject text not null, n integer not null, what text not null, detail text, at integer not null,
    primary key (subject, n)
) strict, without rowid;

create table inbox (
    id text primary key, kind text not null, objects text not null, body text not null, state text not null,
    received_at integer not null, applied_at integer, times integer not null default 1
) strict;
create index inbox_by_age on inbox (received_at);

-- Work that is due. A claim moves available_at into the future and raises the epoch; a row leaves when it
-- is done; dead rows stay for people.
create table outbox (
    id text primary key, topic text not null, subject text not null, detail text, state text not null,
    available_at integer not null, attempts integer not null, faults integer not null,
    epoch integer not null, last_error text
) strict, without rowid;
create index outbox_open on outbox (available_at) where state = 'open';
create index outbox_dead on outbox (topic, subject) where state = 'dead';
create index outbox_by_subject on outbox (topic, subject, id) where state = 'open';

create table message (
    id text primary key, top_up_id text not null, channel text not null, kind text not null, refund_id text not null, version integer not null,
    locale text not null, line_id text not null, state text not null, attempts integer not null,
    provider_ref text, created_at integer not null, sent_at integer, delivered_at integer, last_error text
) strict;
create unique index message_once on message (top_up_id, kind, channel, refund_id, version);
create index message_by_ref on message (provider_ref) where provider_ref is not null;

-- The outcome of a request that moves money, for ever; only body is purged. id is scope/key.
create table response (
    id text primary key, request_hash text not null, state text not null, subject text, status integer, body text,
    created_at integer not null
) strict, without rowid;

create table quote (
    id text primary key, partner_id text not null, line_id text not null, offer_version_id text not null,
    amount_minor integer, total_minor integer not null, expires_at integer not null, promotion text
) strict;
create index quote_by_end on quote (expires_at);

-- Counters that must hold across processes and restarts.
create table throttle (key text primary key, window_at integer not null, count integer not null) strict, without rowid;
create index throttle_by_window on throttle (window_at);

-- What was recorded stays as it is; corrections are more postings.
create trigger posting_no_update before update on posting begin select raise(abort, 'postings are immutable'); end;
create trigger posting_no_delete before delete on posting begin select raise(abort, 'postings are immutable'); end;
create trigger transfer_no_update before update on transfer begin select raise(abort, 'transfers are immutable'); end;
create trigger transfer_no_delete before delete on transfer begin select raise(abort, 'transfers are immutable'); end;
create trigger trace_no_update before update on trace begin select raise(abort, 'traces are immutable'); end;
create trigger trace_no_delete before delete on trace begin select raise(abort, 'traces are immutable'); end;
