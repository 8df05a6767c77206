-- An attempt on a card reader: which reader, and whether it still has it. A reader serves one attempt at a time.
create table reader_attempt (
    attempt_id text collate "C" primary key, reader text collate "C" not null, description text collate "C" not null, held bigint not null
);
create unique index reader_attempt_held on reader_attempt (reader) where held = 1;
