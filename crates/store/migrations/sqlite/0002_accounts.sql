-- Accounts: subscribers, how they are reached, their lines, sessions, security codes and consents.

create table subscriber (
    id text primary key, state text not null, name_sealed text, locale text not null, created_at integer not null,
    erased_at integer
) strict;

-- Hash and sealed value are empty once it was removed. line_id: the line of ours whose number it is.
create table contact (
    id text primary key, subscriber_id text not null, kind text not null, value_hash text not null,
    value_sealed text not null, shown text not null, line_id text, verified_at integer not null, removed_at integer
) strict;
create unique index contact_live on contact (kind, value_hash) where removed_at is null;
create unique index contact_of_subscriber on contact (subscriber_id, kind) where removed_at is null;
create index contact_by_subscriber on contact (subscriber_id);

create table subscriber_line (
    subscriber_id text not null, line_id text not null, label text not null, added_at integer not null,
    removed_at integer, primary key (subscriber_id, line_id)
) strict;
create index subscriber_line_by_line on subscriber_line (line_id);

-- proved_at: when a security code was last right in this session.
create table session (
    id text primary key, subscriber_id text not null, secret_hash text not null, device text not null,
    created_at integer not null, seen_at integer not null, proved_at integer not null, expires_at integer not null,
    ended_at integer
) strict;
create unique index session_by_secret on session (secret_hash);
create index session_by_subscriber on session (subscriber_id, ended_at);
create index session_by_end on session (expires_at);

-- The digits stand sealed until they are sent, the target until the code is used; then both are empty.
-- deliver is 0 where nobody is behind the target: it answers like every other code, and no digits fit.
create table security_code (
    id text primary key, purpose text not null, binding text not null, subscriber_id text, kind text not null,
    target_hash text not null, target_sealed text, channel text not null, code_hash text not null,
    code_sealed text, deliver integer not null, state text not null, locale text not null, tries integer not null,
    created_at integer not null, expires_at integer not null, used_at integer
) strict;
create index security_code_by_target on security_code (target_hash);
create index security_code_by_end on security_code (expires_at);
create index security_code_by_subscriber on security_code (subscriber_id) where subscriber_id is not null;

create table registration (
    id text primary key, email_hash text not null, email_sealed text, email_verified_at integer,
    phone_hash text, phone_sealed text, name_sealed text, locale text not null, consents text not null,
    created_at integer not null, expires_at integer not null, done_at integer
) strict;
create index registration_by_email on registration (email_hash, id);
create index registration_by_end on registration (expires_at);

create table consent (
    subscriber_id text not null, topic text not null, channel text not null, state text not null,
    changed_at integer not null, source text not null, primary key (subscriber_id, topic, channel)
) strict;

-- A message about the safety of an account. The target is empty once it was sent or given up.
create table security_notice (
    id text primary key, subscriber_id text not null, kind text not null, channel text not null,
    target_sealed text, detail text not null, locale text not null, state text not null,
    created_at integer not null, sent_at integer
) strict;
create index security_notice_by_subscriber on security_notice (subscriber_id);
create index security_notice_by_age on security_notice (created_at);
