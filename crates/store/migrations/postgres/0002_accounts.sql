-- Accounts: subscribers, how they are reached, their lines, sessions, security codes and consents.

create table subscriber (
    id text collate "C" primary key, state text collate "C" not null, name_sealed text collate "C", locale text collate "C" not null, created_at bigint not null,
    erased_at bigint
);

-- Hash and sealed value are empty once it was removed. line_id: the line of ours whose number it is.
create table contact (
    id text collate "C" primary key, subscriber_id text collate "C" not null, kind text collate "C" not null, value_hash text collate "C" not null,
    value_sealed text collate "C" not null, shown text collate "C" not null, line_id text collate "C", verified_at bigint not null, removed_at bigint
);
create unique index contact_live on contact (kind, value_hash) where removed_at is null;
create unique index contact_of_subscriber on contact (subscriber_id, kind) where removed_at is null;
create index contact_by_subscriber on contact (subscriber_id);

create table subscriber_line (
    subscriber_id text collate "C" not null, line_id text collate "C" not null, label text collate "C" not null, added_at bigint not null,
    removed_at bigint, primary key (subscriber_id, line_id)
);
create index subscriber_line_by_line on subscriber_line (line_id);

-- proved_at: when a security code was last right in this session.
create table session (
    id text collate "C" primary key, subscriber_id text collate "C" not null, secret_hash text collate "C" not null, device text collate "C" not null,
    created_at bigint not null, seen_at bigint not null, proved_at bigint not null, expires_at bigint not null,
    ended_at bigint
);
create unique index session_by_secret on session (secret_hash);
create index session_by_subscriber on session (subscriber_id, ended_at);
create index session_by_end on session (expires_at);

-- The digits stand sealed until they are sent, the target until the code is used; then both are empty.
-- deliver is 0 where nobody is behind the target: it answers like every other code, and no digits fit.
create table security_code (
    id text collate "C" primary key, purpose text collate "C" not null, binding text collate "C" not null, subscriber_id text collate "C", kind text collate "C" not null,
    target_hash text collate "C" not null, target_sealed text collate "C", channel text collate "C" not null, code_hash text collate "C" not null,
    code_sealed text collate "C", deliver bigint not null, state text collate "C" not null, locale text collate "C" not null, tries bigint not null,
    created_at bigint not null, expires_at bigint not null, used_at bigint
);
create index security_code_by_target on security_code (target_hash);
create index security_code_by_end on security_code (expires_at);
create index security_code_by_subscriber on security_code (subscriber_id) where subscriber_id is not null;

create table registration (
    id text collate "C" primary key, email_hash text collate "C" not null, email_sealed text collate "C", email_verified_at bigint,
    phone_hash text collate "C", phone_sealed text collate "C", name_sealed text collate "C", locale text collate "C" not null, consents text collate "C" not null,
    created_at bigint not null, expires_at bigint not null, done_at bigint
);
create index registration_by_email on registration (email_hash, id);
create index registration_by_end on registration (expires_at);

create table consent (
    subscriber_id text collate "C" not null, topic text collate "C" not null, channel text collate "C" not null, state text collate "C" not null,
    changed_at bigint not null, source text collate "C" not null, primary key (subscriber_id, topic, channel)
);

-- A message about the safety of an account. The target is empty once it was sent or given up.
create table security_notice (
    id text collate "C" primary key, subscriber_id text collate "C" not null, kind text collate "C" not null, channel text collate "C" not null,
    target_sealed text collate "C", detail text collate "C" not null, locale text collate "C" not null, state text collate "C" not null,
    created_at bigint not null, sent_at bigint
);
create index security_notice_by_subscriber on security_notice (subscriber_id);
create index security_notice_by_age on security_notice (created_at);
