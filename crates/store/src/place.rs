//! Places where people can top up: written whole, found by number, word, city and cell. Every look has its index and
//! its limit. Start reading at [`put`] and [`near`].

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use domain::id::PlaceId;
use domain::place::geo::Point;
use domain::place::{Bring, Place, PlaceKind, PlaceState, PlaceTender, Service, Tongue, words};
use domain::support_case::FileKind;
use domain::time::UnixMs;
use std::collections::BTreeSet;
use std::ops::Range;

const COLUMNS: &str = "id, kind, number, agent_id, name, host_place, floor, street, city, district, postcode, country, \
     lat_e7, lon_e7, time_zone, hours, services, languages, tenders, bring, state, authorised_until, updated_at";

fn joined(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(",")
}

fn listed<T>(row: &Row<'_>, column: usize, parse: fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let text = row.text(column)?;
    let words = text.split(',').filter(|word| !word.is_empty());
    words.map(|word| parse(word).with_context(|| format!("the place's unknown word {word:?}"))).collect()
}

fn read(row: &Row<'_>) -> Result<Place> {
    Ok(Place {
        id: PlaceId::stored(row.text(0)?),
        kind: row.word(1, PlaceKind::parse)?,
        number: row.text(2)?,
        agent: row.opt_text(3)?,
        name: row.text(4)?,
        host_place: row.text(5)?,
        floor: row.text(6)?,
        street: row.text(7)?,
        city: row.text(8)?,
        district: row.text(9)?,
        postcode: row.text(10)?,
        country: row.text(11)?,
        point: Point { lat_e7: row.int(12)?, lon_e7: row.int(13)? },
        time_zone: row.text(14)?,
        hours: row.text(15)?,
        services: listed(row, 16, Service::parse)?,
        languages: listed(row, 17, Tongue::parse)?,
        tenders: listed(row, 18, PlaceTender::parse)?,
        bring: listed(row, 19, Bring::parse)?,
        state: row.word(20, PlaceState::parse)?,
        authorised_until: row.opt_int(21)?.map(UnixMs),
        updated_at: UnixMs(row.int(22)?),
    })
}

const INSERT: &str = "insert into place (id, kind, number, agent_id, name, host_place, floor, street, city, district, \
     postcode, country, lat_e7, lon_e7, time_zone, hours, services, languages, tenders, bring, state, \
     authorised_until, updated_at, cell) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
     ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
const INSERT_WORD: &str = "insert into place_word (word, number) values (?1, ?2) on conflict do nothing";

fn columns(p: &Place) -> [Value<'_>; 24] {
    values![
        p.id.as_str(),
        p.kind.as_str(),
        &p.number,
        p.agent.as_deref(),
        &p.name,
        &p.host_place,
        &p.floor,
        &p.street,
        &p.city,
        &p.district,
        &p.postcode,
        &p.country,
        p.point.lat_e7,
        p.point.lon_e7,
        &p.time_zone,
        &p.hours,
        joined(p.services.iter().map(|word| word.as_str())),
        joined(p.languages.iter().map(|word| word.as_str())),
        joined(p.tenders.iter().map(|word| word.as_str())),
        joined(p.bring.iter().map(|word| word.as_str())),
        p.state.as_str(),
        p.authorised_until.map(|at| at.0),
        p.updated_at,
        p.point.cell(),
    ]
}

/// The words under which a place is found.
fn words_of(place: &Place) -> BTreeSet<String> {
    match place.state {
        PlaceState::Authorised => words::of(place),
        PlaceState::Suspended | PlaceState::Ended => BTreeSet::new(),
    }
}

/// Writes places that nobody knows yet.
pub fn insert_all(tx: &mut Tx<'_>, places: &[Place]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = places.iter().map(|place| columns(place).to_vec()).collect();
    tx.insert_all(INSERT, &rows)?;
    let words = places.iter().map(|place| (place, words_of(place)));
    let rows: Vec<Vec<Value<'_>>> = words
        .flat_map(|(place, words)| words.into_iter().map(|word| values![word, &place.number].to_vec()))
        .collect();
    tx.insert_all(INSERT_WORD, &rows)
}

/// Writes a place with its words: a new one, or in the place of what is known under its id.
pub fn put(tx: &mut Tx<'_>, known: Option<&Place>, place: &Place) -> Result<()> {
    let (before, now) = (known.map(words_of).unwrap_or_default(), words_of(place));
    // The words of a place that got another number all name the old one.
    let renumbered = known.is_some_and(|known| known.number != place.number);
    if let Some(known) = known {
        for word in before.iter().filter(|word| renumbered || !now.contains(*word)) {
            tx.execute(
                "delete from place_word where word = ?1 and number = ?2",
                &values![word, &known.number],
            )?;
        }
        tx.execute("delete from place where id = ?1", &values![known.id.as_str()])?;
    }
    tx.execute(INSERT, &columns(place))?;
    let new = now.iter().filter(|word| renumbered || !before.contains(*word));
    let rows: Vec<Vec<Value<'_>>> = new.map(|word| values![word, &place.number].to_vec()).collect();
    tx.insert_all(INSERT_WORD, &rows)
}

/// The place of this id.
pub fn find(tx: &mut Tx<'_>, id: &PlaceId) -> Result<Option<Place>> {
    tx.query_first(&format!("select {COLUMNS} from place where id = ?1"), &values![id.as_str()], read)
}

/// The place whose sticker says this number, whatever its state.
pub fn find_by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Place>> {
    tx.query_first(&format!("select {COLUMNS} from place where number = ?1"), &values![number], read)
}

/// The places of these numbers, in any order.
pub fn list_by_number(tx: &mut Tx<'_>, numbers: &[&str]) -> Result<Vec<Place>> {
    tx.query_each(
        "select id, kind, number, agent_id, name, host_place, floor, street, city, district, postcode, country, \
         lat_e7, lon_e7, time_zone, hours, services, languages, tenders, bring, state, authorised_until, updated_at \
         from place where number = ?1",
        numbers,
        read,
    )
}

/// Numbers of authorised places that have a word with this beginning.
pub fn numbers_by_beginning(tx: &mut Tx<'_>, begin: &str, limit: i64) -> Result<Vec<String>> {
    let sql = "select number from place_word where word >= ?1 and word < ?2 order by word, number limit ?3";
    tx.query(sql, &values![begin, words::after(begin), limit], |row| row.text(0))
}

/// Numbers of authorised places that have exactly this word.
pub fn numbers_by_word(tx: &mut Tx<'_>, word: &str, limit: i64) -> Result<Vec<String>> {
    let sql = "select number from place_word where word = ?1 order by number limit ?2";
    tx.query(sql, &values![word, limit], |row| row.text(0))
}

/// Where a place is, and by what it can be read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub number: String,
    pub point: Point,
}

/// Where authorised places in these cells are, at most `limit` of each cell, in no order: read from the index alone.
pub fn near(tx: &mut Tx<'_>, cells: &[Range<i64>], kind: Option<PlaceKind>, limit: i64) -> Result<Vec<Spot>> {
    let mut parts = Vec::with_capacity(cells.len());
    let mut values = vec![Value::from(limit)];
    // Each has its index: where few places are of a kind, the others are not read.
    let of_kind = if kind.is_some() { "and kind = ?2" } else { "" };
    values.extend(kind.map(|kind| Value::from(kind.as_str())));
    for range in cells {
        let (from, before) = (values.len() + 1, values.len() + 2);
        parts.push(format!(
            "select * from (select number, lat_e7, lon_e7 from place where state = 'authorised' {of_kind} and \
             cell >= ?{from} and cell < ?{before} limit ?1) part"
        ));
        values.extend([Value::from(range.start), Value::from(range.end)]);
    }
    tx.query(&parts.join(" union all "), &values, |row| {
        Ok(Spot { number: row.text(0)?, point: Point { lat_e7: row.int(1)?, lon_e7: row.int(2)? } })
    })
}

/// Authorised places of a country by city and number, after a city and number.
pub fn list_by_city(tx: &mut Tx<'_>, country: &str, after: (&str, &str), limit: i64) -> Result<Vec<Place>> {
    let sql = format!(
        "select {COLUMNS} from place where state = 'authorised' and country = ?1 and (city, number) > (?2, ?3) \
         order by city, number limit ?4"
    );
    tx.query(&sql, &values![country, after.0, after.1, limit], read)
}

/// The countries that have an authorised place, by their code.
pub fn countries(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<String>> {
    let sql =
        "select country from place where state = 'authorised' and country > ?1 order by country limit 1";
    let mut found: Vec<String> = Vec::new();
    while found.len() < limit {
        let last = found.last().map_or("", String::as_str);
        let Some(next) = tx.query_first(sql, &values![last], |row| row.text(0))? else { break };
        found.push(next);
    }
    Ok(found)
}

/// Places of any state by number, after a number.
pub fn list_after(tx: &mut Tx<'_>, number: &str, limit: i64) -> Result<Vec<Place>> {
    let sql = format!("select {COLUMNS} from place where number > ?1 order by number limit ?2");
    tx.query(&sql, &values![number, limit], read)
}

/// The last number of each full run of so many places.
pub fn marks(tx: &mut Tx<'_>, every: i64, limit: usize) -> Result<Vec<String>> {
    let sql = "select number from place where number > ?1 order by number limit 1 offset ?2";
    let mut found: Vec<String> = Vec::new();
    while found.len() < limit {
        let last = found.last().map_or("", String::as_str);
        let Some(next) = tx.query_first(sql, &values![last, every - 1], |row| row.text(0))? else { break };
        found.push(next);
    }
    Ok(found)
}

/// When a place was last changed.
pub fn changed_at(tx: &mut Tx<'_>) -> Result<Option<UnixMs>> {
    let sql = "select updated_at from place order by updated_at desc limit 1";
    tx.query_first(sql, &[], |row| Ok(UnixMs(row.int(0)?)))
}

/// What a place looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    pub kind: FileKind,
    pub taken_at: UnixMs,
    pub bytes: Vec<u8>,
}

pub fn put_photo(tx: &mut Tx<'_>, place: &PlaceId, photo: &Photo) -> Result<()> {
    tx.execute_one(
        "insert into place_photo (place_id, kind, taken_at, body) values (?1, ?2, ?3, ?4) on conflict (place_id) \
         do update set kind = excluded.kind, taken_at = excluded.taken_at, body = excluded.body",
        &values![place.as_str(), photo.kind.as_str(), photo.taken_at, BASE64.encode(&photo.bytes)],
    )
}

/// When the photo of a place was taken, without its bytes.
pub fn photo_taken_at(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Option<UnixMs>> {
    let sql = "select taken_at from place_photo where place_id = ?1";
    tx.query_first(sql, &values![place.as_str()], |row| Ok(UnixMs(row.int(0)?)))
}

pub fn photo(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Option<Photo>> {
    let sql = "select kind, taken_at, body from place_photo where place_id = ?1";
    tx.query_first(sql, &values![place.as_str()], |row| {
        let bytes = BASE64.decode(row.text(2)?).context("the photo of a place")?;
        Ok(Photo { kind: row.word(0, FileKind::parse)?, taken_at: UnixMs(row.int(1)?), bytes })
    })
}
