-- The counter: clerks and their one-time codes, devices and their pairing, unlockings, and what happened.

-- place_id: the one outlet where they work, nothing for an owner. tries: wrong PINs in a row.
create table clerk (
    id text collate "C" primary key, agent_id text collate "C" not null, place_id text collate "C", number bigint not null, name text collate "C" not null, role text collate "C" not null,
    locale text collate "C" not null, state text collate "C" not null, pin_hash text collate "C", tries bigint not null, locked_until bigint, created_at bigint not null
);
create unique index clerk_by_number on clerk (agent_id, number);

create table clerk_code (
    code_hash text collate "C" primary key, clerk_id text collate "C" not null, created_at bigint not null, expires_at bigint not null, used_at bigint
);
create index clerk_code_by_clerk on clerk_code (clerk_id);
create index clerk_code_by_end on clerk_code (expires_at);

-- secret_hash: of the cookie by which a page knows its device. public_key: what its signatures are checked with.
create table device (
    id text collate "C" primary key, agent_id text collate "C" not null, place_id text collate "C" not null, name text collate "C" not null, public_key text collate "C" not null,
    secret_hash text collate "C" not null, printer_address text collate "C", printer_width text collate "C", reader text collate "C", paired_at bigint not null,
    revoked_at bigint, last_seen_at bigint not null
);
create unique index device_by_secret on device (secret_hash);
create unique index device_by_key on device (public_key);
create index device_by_agent on device (agent_id, id);
create index device_by_place on device (place_id, id);

-- What makes a signed request unlike every other, for as long as its signature would be taken.
create table device_nonce (device_id text collate "C" not null, nonce text collate "C" not null, at bigint not null, primary key (device_id, nonce));
create index device_nonce_by_time on device_nonce (at);

create table pairing (
    code_hash text collate "C" primary key, agent_id text collate "C" not null, place_id text collate "C" not null, name text collate "C" not null, created_at bigint not null,
    expires_at bigint not null, used_at bigint
);
create index pairing_by_end on pairing (expires_at);

-- One unlocking of a device. ended_by: why it is over. training: nothing of it touches the ledger.
create table clerk_session (
    id text collate "C" primary key, secret_hash text collate "C" not null, device_id text collate "C" not null, clerk_id text collate "C" not null, training bigint not null,
    started_at bigint not null, last_used_at bigint not null, ended_at bigint, ended_by text collate "C"
);
create unique index clerk_session_by_secret on clerk_session (secret_hash);
create index clerk_session_by_device on clerk_session (device_id) where ended_at is null;
create index clerk_session_by_clerk on clerk_session (clerk_id) where ended_at is null;
create index clerk_session_by_use on clerk_session (last_used_at);

-- subject: the code of a top-up, or the id of what it was done to.
create table counter_journal (
    place_id text collate "C" not null, id text collate "C" not null, at bigint not null, device_id text collate "C", clerk_id text collate "C", what text collate "C" not null, subject text collate "C",
    last_four text collate "C", amount_minor bigint, currency text collate "C", reason text collate "C", primary key (place_id, id)
);
create index counter_journal_by_last_four on counter_journal (place_id, last_four, id) where last_four is not null;
create index counter_journal_by_subject on counter_journal (place_id, subject, id) where subject is not null;
create index counter_journal_by_amount on counter_journal (place_id, amount_minor, id) where amount_minor is not null;

create trigger counter_journal_immutable before update or delete or truncate on counter_journal execute function refuse_change();
