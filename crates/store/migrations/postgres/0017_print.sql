-- One document for one printer: what is printed stands here, sealed, until it is done or too old. Jobs of one subject
-- are counted, so that two that are asked for at once cannot both be the first paper; `copy` is 0 for that one.
create table print_job (
    id text collate "C" primary key, subject text collate "C" not null, device_id text collate "C" not null, printer text collate "C" not null, nth bigint not null, copy bigint not null,
    state text collate "C" not null, trouble text collate "C", detail text collate "C", tries bigint not null, created_at bigint not null,
    state_at bigint not null, near_end bigint not null, body_sealed text collate "C"
);
create unique index print_job_nth on print_job (subject, nth);
create index print_job_open on print_job (device_id, id) where state in ('queued', 'waiting', 'sending');
create index print_job_by_device on print_job (device_id, id);
create index print_job_old on print_job (created_at);
create index print_job_by_age on print_job (created_at) where body_sealed is not null;
