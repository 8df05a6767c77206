-- Places where people can top up, as the public may see them, and the words by which they are found.

-- number: printed on the sticker. lat_e7, lon_e7: WGS-84, ten-millionths of a degree; cell: the finest cell that holds
-- them. Lists of words are joined by commas. hours: as OpenStreetMap writes opening_hours.
create table place (
    id text primary key, kind text not null, number text not null, agent_id text, name text not null,
    host_place text not null, floor text not null, street text not null, city text not null, district text not null,
    postcode text not null, country text not null, lat_e7 integer not null, lon_e7 integer not null, cell integer not null,
    time_zone text not null, hours text not null, services text not null, languages text not null, tenders text not null,
    bring text not null, state text not null, authorised_until integer, updated_at integer not null
) strict;
create unique index place_by_number on place (number);
-- Holds all that tells which places are the nearest, so that only those are read.
create index place_by_cell on place (cell, number, lat_e7, lon_e7) where state = 'authorised';
create index place_by_kind on place (kind, cell, number, lat_e7, lon_e7) where state = 'authorised';
create index place_by_city on place (country, city, number) where state = 'authorised';
create index place_by_change on place (updated_at);

-- Words of authorised places, and pairs of a word of the city and one of the name.
create table place_word (word text not null, number text not null, primary key (word, number)) strict, without rowid;

-- What the place looks like; body: base64.
create table place_photo (place_id text primary key, kind text not null, taken_at integer not null, body text not null) strict;
