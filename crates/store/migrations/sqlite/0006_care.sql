-- Care: support cases with their messages, refunds that two people agree on, and what staff has seen to.

-- key: the form that opened it, so that sending it twice opens one case. top_up_id: the order that it is about.
-- contact_sealed: where a guest wants to be told of the answer. answer_by_at: while it is the turn of staff.
create table support_case (
    id text primary key, code text not null, key text not null, top_up_id text, subscriber_id text, cause text not null,
    state text not null, locale text not null, contact_sealed text, assigned_to text, answer_by_at integer,
    created_at integer not null, state_at integer not null, rating integer
) strict;
create unique index support_case_by_code on support_case (code);
create unique index support_case_by_key on support_case (key);
create index support_case_by_top_up on support_case (top_up_id, id) where top_up_id is not null;
create index support_case_by_subscriber on support_case (subscriber_id, id) where subscriber_id is not null;
create index support_case_open on support_case (answer_by_at, id) where state = 'open';
create index support_case_unassigned on support_case (answer_by_at, id) where state = 'open' and assigned_to is null;
create index support_case_assigned on support_case (assigned_to, state_at, id) where assigned_to is not null and state <> 'closed';
create index support_case_by_state on support_case (state, state_at, id);

-- key: the form that sent it. notice_id: the mail or text message that tells of an answer.
create table case_message (
    case_id text not null, n integer not null, key text not null, author text not null, staff_id text,
    body_sealed text not null, at integer not null, notice text not null, notice_id text,
    primary key (case_id, n)
) strict;
create unique index case_message_by_key on case_message (case_id, key);

-- What a customer added to a message: pictures without metadata, PDF. The content stands last: lists never read it.
create table support_file (
    case_id text not null, n integer not null, message_n integer not null, kind text not null, bytes integer not null,
    name_sealed text not null, at integer not null, body_sealed text not null,
    primary key (case_id, n)
) strict;
create index support_file_by_age on support_file (at);

-- What one attempt brought is asked for by at most one open request.
create table refund_request (
    id text primary key, top_up_id text not null, attempt_id text, source text not null,
    amount_minor integer not null check (amount_minor > 0), currency text not null, reason text not null,
    note text not null, state text not null, asked_by text not null, asked_at integer not null,
    decided_by text, decided_at integer, decision_note text, refund_id text, state_at integer not null
) strict;
create unique index refund_request_open on refund_request (top_up_id) where state = 'asked';
create index refund_request_by_top_up on refund_request (top_up_id, id);
create index refund_request_by_state on refund_request (state, id);
create index refund_request_by_asker on refund_request (asked_by, asked_at);
create index refund_request_by_refund on refund_request (refund_id) where refund_id is not null;

-- A piece of work that was given up, or a report, that somebody has seen to.
create table seen_to (work_id text primary key, staff_id text not null, note text not null, at integer not null) strict;

-- What the stuck list looks for.
create index operation_unknown on operation (created_at) where state = 'unknown';
create index attempt_in_review on attempt (state_at) where state = 'review';
