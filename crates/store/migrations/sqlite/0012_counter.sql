-- The counter: clerks and their one-time codes, devices and their pairing, unlockings, and what happened.

-- place_id: the one outlet where they work, nothing for an owner. tries: wrong PINs in a row.
create table clerk (
    id text primary key, agent_id text not null, place_id text, number integer not null, name text not null, role text not null,
    locale text not null, state text not null, pin_hash text, tries integer not null, locked_until integer, created_at integer not null
) strict;
create unique index clerk_by_number on clerk (agent_id, number);

create table clerk_code (
    code_hash text primary key, clerk_id text not null, created_at integer not null, expires_at integer not null, used_at integer
) strict;
create index clerk_code_by_clerk on clerk_code (clerk_id);
create index clerk_code_by_end on clerk_code (expires_at);

-- secret_hash: of the cookie by which a page knows its device. public_key: what its signatures are checked with.
create table device (
    id text primary key, agent_id text not null, place_id text not null, name text not null, public_key text not null,
    secret_hash text not null, printer_address text, printer_width text, reader text, paired_at integer not null,
    revoked_at integer, last_seen_at integer not null
) strict;
create unique index device_by_secret on device (secret_hash);
create unique index device_by_key on device (public_key);
create index device_by_agent on device (agent_id, id);
create index device_by_place on device (place_id, id);

-- What makes a signed request unlike every other, for as long as its signature would be taken.
create table device_nonce (device_id text not null, nonce text not null, at integer not null, primary key (device_id, nonce)) strict, without rowid;
create index device_nonce_by_time on device_nonce (at);

create table pairing (
    code_hash text primary key, agent_id text not null, place_id text not null, name text not null, created_at integer not null,
    expires_at integer not null, used_at integer
) strict;
create index pairing_by_end on pairing (expires_at);

-- One unlocking of a device. ended_by: why it is over. training: nothing of it touches the ledger.
create table clerk_session (
    id text primary key, secret_hash text not null, device_id text not null, clerk_id text not null, training integer not null,
    started_at integer not null, last_used_at integer not null, ended_at integer, ended_by text
) strict;
create unique index clerk_session_by_secret on clerk_session (secret_hash);
create index clerk_session_by_device on clerk_session (device_id) where ended_at is null;
create index clerk_session_by_clerk on clerk_session (clerk_id) where ended_at is null;
create index clerk_session_by_use on clerk_session (last_used_at);

-- subject: the code of a top-up, or the id of what it was done to.
create table counter_journal (
    place_id text not null, id text not null, at integer not null, device_id text, clerk_id text, what text not null, subject text,
    last_four text, amount_minor integer, currency text, reason text, primary key (place_id, id)
) strict, without rowid;
create index counter_journal_by_last_four on counter_journal (place_id, last_four, id) where last_four is not null;
create index counter_journal_by_subject on counter_journal (place_id, subject, id) where subject is not null;
create index counter_journal_by_amount on counter_journal (place_id, amount_minor, id) where amount_minor is not null;

create trigger counter_journal_no_update before update on counter_journal begin select raise(abort, 'the journal is immutable'); end;
create trigger counter_journal_no_delete before delete on counter_journal begin select raise(abort, 'the journal is immutable'); end;
