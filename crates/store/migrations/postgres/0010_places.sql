-- Places where people can top up, as the public may see them, and the words by which they are found.

-- number: printed on the sticker. lat_e7, lon_e7: WGS-84, ten-millionths of a degree; cell: the finest cell that holds
-- them. Lists of words are joined by commas. hours: as OpenStreetMap writes opening_hours.
create table place (
    id text collate "C" primary key, kind text collate "C" not null, number text collate "C" not null, agent_id text collate "C", name text collate "C" not null,
    host_place text collate "C" not null, floor text collate "C" not null, street text collate "C" not null, city text collate "C" not null, district text collate "C" not null,
    postcode text collate "C" not null, country text collate "C" not null, lat_e7 bigint not null, lon_e7 bigint not null, cell bigint not null,
    time_zone text collate "C" not null, hours text collate "C" not null, services text collate "C" not null, languages text collate "C" not null, tenders text collate "C" not null,
    bring text collate "C" not null, state text collate "C" not null, authorised_until bigint, updated_at bigint not null
);
create unique index place_by_number on place (number);
-- Holds all that tells which places are the nearest, so that only those are read.
create index place_by_cell on place (cell, number, lat_e7, lon_e7) where state = 'authorised';
create index place_by_kind on place (kind, cell, number, lat_e7, lon_e7) where state = 'authorised';
create index place_by_city on place (country, city, number) where state = 'authorised';
create index place_by_change on place (updated_at);

-- Words of authorised places, and pairs of a word of the city and one of the name.
create table place_word (word text collate "C" not null, number text collate "C" not null, primary key (word, number));

-- What the place looks like; body: base64.
create table place_photo (place_id text collate "C" primary key, kind text collate "C" not null, taken_at bigint not null, body text collate "C" not null);
