-- The first shape: catalogue, lines, partners, ledger, top-ups, payments, inbox, outbox, messages.

create table market (
    country text collate "C" primary key, currency text collate "C" not null, locale text collate "C" not null, taxes text collate "C" not null,
    seller text collate "C" not null, position bigint not null, updated_at bigint not null
);

-- Where bundles can be used; body is the whole zone as JSON. One that is no longer listed keeps its name for buckets.
create table zone (id text collate "C" primary key, body text collate "C" not null, current bigint not null);

create table number_range (prefix text collate "C" primary key, market text collate "C" not null);

-- body is the whole offer as JSON; a version never changes once written.
create table offer (
    version_id text collate "C" primary key, offer_id text collate "C" not null, version bigint not null, market text collate "C" not null,
    body text collate "C" not null, current bigint not null, created_at bigint not null
);
create unique index offer_by_version on offer (offer_id, version);
create unique index offer_current on offer (offer_id) where current = 1;

-- The number stands only here: a keyed hash to find it, sealed to read it, the last four digits to show.
create table line (
    id text collate "C" primary key, market text collate "C" not null, currency text collate "C" not null, status text collate "C" not null,
    msisdn_hash text collate "C" not null, msisdn_sealed text collate "C" not null, last4 text collate "C" not null, locale text collate "C",
    created_at bigint not null, updated_at bigint not null, balance_keeper text collate "C" not null default 'ours'
);
create unique index line_by_number on line (msisdn_hash) where status <> 'closed';
create index line_by_number_ever on line (msisdn_hash);

create table partner (id text collate "C" primary key, name text collate "C" not null, created_at bigint not null);
create unique index partner_by_name on partner (name);

create table api_key (
    id text collate "C" primary key, partner_id text collate "C" not null references partner (id), secret_hash text collate "C" not null,
    scopes text collate "C" not null, created_at bigint not null, revoked_at bigint
);
create unique index api_key_by_secret on api_key (secret_hash);

-- An account is named by what it is: kind:owner:unit. Only the ledger's writer changes it.
-- Half a page stays free, so that a changed balance finds its place beside the old one and no index changes.
create table account (
    id text collate "C" primary key, floor bigint,
    debits_pending bigint not null check (debits_pending >= 0),
    credits_pending bigint not null check (credits_pending >= 0),
    debits_posted bigint not null check (debits_posted >= 0),
    credits_posted bigint not null check (credits_posted >= 0)
) with (fillfactor = 50);

create table writer (
    id text collate "C" primary key, last_n bigint not null, head text collate "C" not null
) with (fillfactor = 10);

create table posting (
    key text collate "C" primary key, writer text collate "C" not null, n bigint not null, request_hash text collate "C" not null,
    outcome text collate "C" not null, actor text collate "C" not null, recorded_at bigint not null, hash text collate "C" not null
);
create unique index posting_by_position on posting (writer, n);

create table transfer (
    writer text collate "C" not null, n bigint not null, leg bigint not null, debit text collate "C" not null, credit text collate "C" not null,
    amount bigint not null check (amount > 0), reason text collate "C" not null, phase text collate "C" not null,
    primary key (writer, n, leg)
);

create table hold (key text collate "C" primary key, state text collate "C" not null, resolved_by text collate "C");

-- While started_at is null its validity waits for its first use, and expires_at is when it lapses. A bucket is closed
-- when it has ended, or when its rest moved to another one.
create table bucket (
    id text collate "C" primary key, line_id text collate "C" not null, unit text collate "C" not null, granted bigint not null check (granted > 0),
    valid_from_at bigint not null, expires_at bigint not null, priority bigint not null,
    top_up_id text collate "C" not null, zone text collate "C", family text collate "C" not null, valid_for_days bigint not null,
    started_at bigint, closed_at bigint
);
create index bucket_by_line on bucket (line_id, expires_at);
create index bucket_by_end on bucket (expires_at) where closed_at is null;
create index bucket_by_top_up on bucket (top_up_id);

create table top_up (
    id text collate "C" primary key, code text collate "C" not null, market text collate "C" not null, line_id text collate "C" not null, offer_id text collate "C" not null,
    offer_version_id text collate "C" not null, channel text collate "C" not null, settlement text collate "C" not null, state text collate "C" not null,
    version bigint not null, currency text collate "C" not null, value_minor bigint not null check (value_minor > 0),
    bonus_minor bigint not null, fee_minor bigint not null, tax_minor bigint not null,
    tax_rate_bps bigint not null, total_minor bigint not null check (total_minor > 0), partner_id text collate "C",
    reference text collate "C", locale text collate "C" not null, email_sealed text collate "C", created_at bigint not null,
    state_at bigint not null, credited_at bigint, answer_by_at bigint, actor text collate "C" not null, promotion text collate "C",
    subscriber_id text collate "C", email_hash text collate "C"
);
create unique index top_up_by_code on top_up (code);
create index top_up_by_partner on top_up (partner_id, id) where partner_id is not null;
create index top_up_by_reference on top_up (partner_id, reference) where reference is not null;
create index top_up_by_subscriber on top_up (subscriber_id, id) where subscriber_id is not null;
create index top_up_by_email on top_up (email_hash, id) where email_hash is not null;
create index top_up_by_line on top_up (line_id, id);
create index top_up_by_deadline on top_up (answer_by_at) where answer_by_at is not null;

-- The changes of a top-up after its first version.
create table top_up_event (
    top_up_id text collate "C" not null, version bigint not null, state text collate "C" not null, at bigint not null,
    actor text collate "C" not null, primary key (top_up_id, version)
);

-- order_id: the top-up, or the float request, that it pays for.
create table payment (
    id text collate "C" primary key, order_id text collate "C" not null, provider text collate "C" not null, state text collate "C" not null,
    amount_minor bigint not null check (amount_minor > 0), currency text collate "C" not null,
    captured_attempt_id text collate "C", created_at bigint not null
);
create unique index payment_by_order on payment (order_id);

-- One hosted page. At most one attempt of a payment is the current one; earlier ones stay watched.
create table attempt (
    id text collate "C" primary key, payment_id text collate "C" not null, state text collate "C" not null, current bigint not null,
    page_ref text collate "C", money_ref text collate "C", url text collate "C", card_brand text collate "C", card_last4 text collate "C", last_decline text collate "C",
    expires_at bigint not null, return_url text collate "C", created_at bigint not null,
    state_at bigint not null, captured_minor bigint, captured_currency text collate "C"
);
create unique index attempt_current on attempt (payment_id) where current = 1;
create index attempt_by_payment on attempt (payment_id);
create unique index attempt_by_page on attempt (page_ref) where page_ref is not null;
create unique index attempt_by_money on attempt (money_ref) where money_ref is not null;

-- One call to a provider; the id is the provider's idempotency key.
create table operation (
    id text collate "C" primary key, kind text collate "C" not null, subject text collate "C" not null, state text collate "C" not null,
    created_at bigint not null, first_sent_at bigint, answered_at bigint, detail text collate "C"
);
create index operation_by_subject on operation (subject);

create table payment_event (
    id text collate "C" primary key, payment_id text collate "C" not null, attempt_id text collate "C" not null, source text collate "C" not null,
    finding text collate "C" not null, from_state text collate "C" not null, to_state text collate "C" not null, at bigint not null
);
create index payment_event_by_payment on payment_event (payment_id);

create table refund (
    id text collate "C" primary key, top_up_id text collate "C" not null, payment_id text collate "C" not null, attempt_id text collate "C" not null,
    provider text collate "C" not null, amount_minor bigint not null check (amount_minor > 0), currency text collate "C" not null,
    state text collate "C" not null, refund_ref text collate "C", reason text collate "C" not null, created_at bigint not null,
    state_at bigint not null
);
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
    subject text collate "C" not null, n bigint not null, what text collate "C" not null, detail text collate "C", at bigint not null,
    primary key (subject, n)
);

create table inbox (
    id text collate "C" primary key, kind text collate "C" not null, objects text collate "C" not null, body text collate "C" not null, state text collate "C" not null,
    received_at bigint not null, applied_at bigint, times bigint not null default 1
);
create index inbox_by_age on inbox (received_at);

-- Work that is due. A claim moves available_at into the future and raises the epoch; a row leaves when it
-- is done; dead rows stay for people.
create table outbox (
    id text collate "C" primary key, topic text collate "C" not null, subject text collate "C" not null, detail text collate "C", state text collate "C" not null,
    available_at bigint not null, attempts bigint not null, faults bigint not null,
    epoch bigint not null, last_error text collate "C"
);
create index outbox_open on outbox (available_at) where state = 'open';
create index outbox_dead on outbox (topic, subject) where state = 'dead';
create index outbox_by_subject on outbox (topic, subject, id) where state = 'open';

create table message (
    id text collate "C" primary key, top_up_id text collate "C" not null, channel text collate "C" not null, kind text collate "C" not null, refund_id text collate "C" not null, version bigint not null,
    locale text collate "C" not null, line_id text collate "C" not null, state text collate "C" not null, attempts bigint not null,
    provider_ref text collate "C", created_at bigint not null, sent_at bigint, delivered_at bigint, last_error text collate "C"
);
create unique index message_once on message (top_up_id, kind, channel, refund_id, version);
create index message_by_ref on message (provider_ref) where provider_ref is not null;

-- The outcome of a request that moves money, for ever; only body is purged. id is scope/key.
create table response (
    id text collate "C" primary key, request_hash text collate "C" not null, state text collate "C" not null, subject text collate "C", status bigint, body text collate "C",
    created_at bigint not null
);

create table quote (
    id text collate "C" primary key, partner_id text collate "C" not null, line_id text collate "C" not null, offer_version_id text collate "C" not null,
    amount_minor bigint, total_minor bigint not null, expires_at bigint not null, promotion text collate "C"
);
create index quote_by_end on quote (expires_at);

-- Counters that must hold across processes and restarts.
create table throttle (key text collate "C" primary key, window_at bigint not null, count bigint not null);
create index throttle_by_window on throttle (window_at);

-- Balances are updated in place often: leave room for it on the page.
alter table account set (fillfactor = 60);

-- What was recorded stays as it is; corrections are more postings.
create function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception '% rows are immutable', tg_table_name; end $$;
create trigger posting_immutable before update or delete or truncate on posting execute function refuse_change();
create trigger transfer_immutable before update or delete or truncate on transfer execute function refuse_change();
create trigger trace_immutable before update or delete or truncate on trace execute function refuse_change();
