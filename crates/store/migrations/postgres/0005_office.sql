-- The office: staff, their one-time tokens and sessions, the audit, and what webhooks name.

-- totp_step: the last step of 30 s whose code was accepted, so that none is accepted twice.
create table staff (
    id text collate "C" primary key, login text collate "C" not null, name text collate "C" not null, role text collate "C" not null, state text collate "C" not null,
    phrase_hash text collate "C", totp_sealed text collate "C", totp_step bigint not null, created_at bigint not null
);
create unique index staff_by_login on staff (login);

create table staff_token (
    token_hash text collate "C" primary key, staff_id text collate "C" not null, created_at bigint not null, expires_at bigint not null,
    used_at bigint
);
create index staff_token_by_staff on staff_token (staff_id);

create table staff_session (
    id text collate "C" primary key, staff_id text collate "C" not null, secret_hash text collate "C" not null, device text collate "C" not null,
    created_at bigint not null, seen_at bigint not null, expires_at bigint not null, ended_at bigint
);
create unique index staff_session_by_secret on staff_session (secret_hash);
create index staff_session_by_staff on staff_session (staff_id, created_at);
create index staff_session_by_end on staff_session (expires_at);

create table audit_writer (id text collate "C" primary key, last_n bigint not null, head text collate "C" not null);

-- Who did, saw and changed what. line_id: whose data it was about. Each row's hash covers the one before it.
create table audit (
    writer text collate "C" not null, n bigint not null, at bigint not null, actor text collate "C" not null, staff_id text collate "C",
    action text collate "C" not null, subject_kind text collate "C" not null, subject_id text collate "C" not null, line_id text collate "C", reason text collate "C",
    detail text collate "C", hash text collate "C" not null, primary key (writer, n)
);
create index audit_by_time on audit (at, writer, n);
create index audit_by_staff on audit (staff_id, at, writer, n) where staff_id is not null;
create index audit_by_action on audit (action, at, writer, n);
create index audit_by_subject on audit (subject_kind, subject_id, at);
create index audit_by_line on audit (line_id, at) where line_id is not null;

-- Which messages of the inbox name an object of a provider.
create table inbox_object (object_ref text collate "C" not null, inbox_id text collate "C" not null, primary key (object_ref, inbox_id));
create index inbox_object_by_inbox on inbox_object (inbox_id);

create trigger audit_immutable before update or delete or truncate on audit execute function refuse_change();
