-- An attempt on a card reader: which reader, and whether it still has it. A reader serves one attempt at a time.
create table reader_attempt (
    attempt_id text primary key, reader text not null, description text not null, held integer not null
) strict;
create unique index reader_attempt_held on reader_attempt (reader) where held = 1;
