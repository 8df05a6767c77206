-- The office: staff, their one-time tokens and sessions, the audit, and what webhooks name.

-- totp_step: the last step of 30 s whose code was accepted, so that none is accepted twice.
create table staff (
    id text primary key, login text not null, name text not null, role text not null, state text not null,
    phrase_hash text, totp_sealed text, totp_step integer not null, created_at integer not null
) strict;
create unique index staff_by_login on staff (login);

create table staff_token (
    token_hash text primary key, staff_id text not null, created_at integer not null, expires_at integer not null,
    used_at integer
) strict;
create index staff_token_by_staff on staff_token (staff_id);

create table staff_session (
    id text primary key, staff_id text not null, secret_hash text not null, device text not null,
    created_at integer not null, seen_at integer not null, expires_at integer not null, ended_at integer
) strict;
create unique index staff_session_by_secret on staff_session (secret_hash);
create index staff_session_by_staff on staff_session (staff_id, created_at);
create index staff_session_by_end on staff_session (expires_at);

create table audit_writer (id text primary key, last_n integer not null, head text not null) strict, without rowid;

-- Who did, saw and changed what. line_id: whose data it was about. Each row's hash covers the one before it.
create table audit (
    writer text not null, n integer not null, at integer not null, actor text not null, staff_id text,
    action text not null, subject_kind text not null, subject_id text not null, line_id text, reason text,
    detail text, hash text not null, primary key (writer, n)
) strict, without rowid;
create index audit_by_time on audit (at, writer, n);
create index audit_by_staff on audit (staff_id, at, writer, n) where staff_id is not null;
create index audit_by_action on audit (action, at, writer, n);
create index audit_by_subject on audit (subject_kind, subject_id, at);
create index audit_by_line on audit (line_id, at) where line_id is not null;

-- Which messages of the inbox name an object of a provider.
create table inbox_object (object_ref text not null, inbox_id text not null, primary key (object_ref, inbox_id)) strict, without rowid;
create index inbox_object_by_inbox on inbox_object (inbox_id);

create trigger audit_no_update before update on audit begin select raise(abort, 'the audit is immutable'); end;
create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit is immutable'); end;
