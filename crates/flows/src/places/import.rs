//! Taking the operator's file of places: all of it or nothing, and the same file again changes nothing. A place that
//! is no longer in the file stays, unless the file is said to be everything. An outlet that was approved here is not the
//! file's: a line that would change it is refused, and it never ends because the file does not name it.

use crate::error::Result;
use crate::world::World;
use domain::catalogue::Fault;
use domain::id::{AgentId, PlaceId};
use domain::place::geo::Point;
use domain::place::{Bring, Place, PlaceKind, PlaceState, PlaceTender, Service, Tongue, canonical_number};
use domain::time::UnixMs;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::Tx;

/// What an import changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub ended: usize,
}

/// A file is applied whole: this many places are the most that one transaction takes.
const PLACES_MAX: usize = 200_000;
/// More faults than this are not listed.
const FAULTS_MAX: usize = 50;
/// Places looked up and written at once.
const AT_ONCE: usize = 500;

const MUST: &[&str] = &["number", "name", "street", "city", "country", "lat", "lon", "time_zone", "hours"];
const MAY: &[&str] = &[
    "kind",
    "agent_id",
    "host_place",
    "floor",
    "district",
    "postcode",
    "services",
    "languages",
    "tenders",
    "what_to_bring",
    "state",
    "authorised_until",
];

/// Reads a CSV whose first line names its columns (docs/places.md), checks it as a whole and applies it whole, or says
/// what is wrong and changes nothing. `replace`: places that are not in it have ended.
pub async fn import(
    world: &World,
    text: &str,
    replace: bool,
) -> Result<std::result::Result<Imported, Vec<Fault>>> {
    let now = world.now();
    let (places, lines) = match parse(text, now) {
        Ok(parsed) => parsed,
        Err(faults) => return Ok(Err(faults)),
    };
    let (places, lines, ids) = (Arc::new(places), Arc::new(lines), world.ids.clone());
    let applied = world.db.write(move |tx| {
        let faults = not_the_files(tx, &places, &lines)?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let mut imported = Imported::default();
        for part in places.chunks(AT_ONCE) {
            apply(tx, part, &mut imported, || PlaceId::new(ids.as_ref(), now))?;
        }
        if replace {
            imported.ended = end_others(tx, &places, now)?;
        }
        Ok(Ok(imported))
    });
    Ok(applied.await?)
}

/// The lines that would change an outlet which was approved here.
fn not_the_files(
    tx: &mut Tx<'_>,
    places: &[Place],
    lines: &BTreeMap<String, usize>,
) -> anyhow::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for part in places.chunks(AT_ONCE) {
        let numbers: Vec<&str> = part.iter().map(|place| place.number.as_str()).collect();
        let outlets = store::outlet::decided(tx, &numbers)?;
        if outlets.is_empty() {
            continue;
        }
        let own: Vec<&str> = outlets.iter().map(String::as_str).collect();
        for known in store::place::list_by_number(tx, &own)? {
            let line = part.iter().find(|place| place.number == known.number);
            if line.is_some_and(|place| !known.says_the_same(&kept(place, &known))) {
                faults.push(Fault {
                    line: lines.get(&known.number).copied().unwrap_or_default(),
                    reason: format!(
                        "number {} is an outlet that was approved here: change it on its page in the office, or \
                         leave the line out",
                        known.number
                    ),
                });
            }
            if faults.len() >= FAULTS_MAX {
                return Ok(faults);
            }
        }
    }
    Ok(faults)
}

/// The place of a line under the id of the known one. Who runs an outlet is kept where the file does not say it.
fn kept(place: &Place, known: &Place) -> Place {
    let agent = place.agent.clone().or_else(|| known.agent.clone());
    Place { id: known.id.clone(), agent, ..place.clone() }
}

fn apply(
    tx: &mut Tx<'_>,
    places: &[Place],
    imported: &mut Imported,
    new_id: impl Fn() -> PlaceId,
) -> anyhow::Result<()> {
    let numbers: Vec<&str> = places.iter().map(|place| place.number.as_str()).collect();
    let known = store::place::list_by_number(tx, &numbers)?;
    let known: HashMap<&str, &Place> = known.iter().map(|place| (place.number.as_str(), place)).collect();
    let mut new = Vec::new();
    for place in places {
        match known.get(place.number.as_str()) {
            Some(known) if known.says_the_same(place) => imported.unchanged += 1,
            Some(known) => {
                let place = kept(place, known);
                if known.says_the_same(&place) {
                    imported.unchanged += 1;
                } else {
                    store::place::put(tx, Some(known), &place)?;
                    imported.changed += 1;
                }
            }
            None => new.push(Place { id: new_id(), ..place.clone() }),
        }
    }
    imported.added += new.len();
    store::place::insert_all(tx, &new)
}

/// Ends every place that the file does not name; outlets that were approved here end with their agent.
fn end_others(tx: &mut Tx<'_>, places: &[Place], now: UnixMs) -> anyhow::Result<usize> {
    let named: BTreeSet<&str> = places.iter().map(|place| place.number.as_str()).collect();
    let (mut ended, mut after) = (0, String::new());
    loop {
        let page = store::place::list_after(tx, &after, 1_000)?;
        let Some(last) = page.last() else { return Ok(ended) };
        after = last.number.clone();
        let numbers: Vec<&str> = page.iter().map(|place| place.number.as_str()).collect();
        let outlets: BTreeSet<String> = store::outlet::decided(tx, &numbers)?.into_iter().collect();
        for known in page.iter().filter(|known| !named.contains(known.number.as_str())) {
            if known.state != PlaceState::Ended && !outlets.contains(&known.number) {
                let place = Place { state: PlaceState::Ended, updated_at: now, ..known.clone() };
                store::place::put(tx, Some(known), &place)?;
                ended += 1;
            }
        }
    }
}

/// The places of the file, and on which line each number stands.
type Parsed = (Vec<Place>, BTreeMap<String, usize>);

fn parse(text: &str, now: UnixMs) -> std::result::Result<Parsed, Vec<Fault>> {
    // Spreadsheets write a mark before the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    if let Some(reason) = header_fault(&headers) {
        return Err(vec![Fault { line: 1, reason }]);
    }
    let (mut places, mut faults, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    for record in reader.records() {
        let at = |position: Option<&csv::Position>| {
            position.map_or(0, |position| usize::try_from(position.line()).unwrap_or(0))
        };
        let read = match &record {
            Ok(record) => (at(record.position()), place(&headers, record, now)),
            Err(error) => (at(error.position()), Err(said(error))),
        };
        match read {
            (line, Ok(place)) => match seen.insert(place.number.clone(), line) {
                Some(first) => {
                    let reason = format!("number {} stands in line {first} already", place.number);
                    faults.push(Fault { line, reason });
                }
                None => places.push(place),
            },
            (line, Err(reason)) => faults.push(Fault { line, reason }),
        }
        if faults.len() >= FAULTS_MAX || places.len() > PLACES_MAX {
            break;
        }
    }
    if places.len() > PLACES_MAX {
        let reason = format!("more than {PLACES_MAX} places: split the file");
        faults.push(Fault { line: PLACES_MAX, reason });
    }
    if faults.is_empty() { Ok((places, seen)) } else { Err(faults) }
}

fn header_fault(headers: &csv::StringRecord) -> Option<String> {
    let missing: Vec<&str> =
        MUST.iter().filter(|must| !headers.iter().any(|h| h == **must)).copied().collect();
    if !missing.is_empty() {
        return Some(format!("the first line must name the columns; missing: {}", missing.join(", ")));
    }
    let unknown = headers.iter().find(|header| !MUST.contains(header) && !MAY.contains(header));
    if let Some(unknown) = unknown {
        return Some(format!(
            "column {unknown:?} is unknown; known: {}, {}",
            MUST.join(", "),
            MAY.join(", ")
        ));
    }
    let twice =
        headers.iter().enumerate().find(|(at, header)| headers.iter().skip(at + 1).any(|h| h == *header));
    twice.map(|(_, header)| format!("column {header:?} stands twice"))
}

/// What the reader of the file says, in our words where people will meet it.
fn said(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns where the first line names {expected_len}")
        }
        _ => error.to_string(),
    }
}

fn place(
    headers: &csv::StringRecord,
    record: &csv::StringRecord,
    now: UnixMs,
) -> std::result::Result<Place, String> {
    let of = |column: &str| {
        headers.iter().position(|header| header == column).and_then(|at| record.get(at)).unwrap_or("")
    };
    let text = |column: &str| of(column).to_owned();
    let number = of("number");
    let services = words(of("services"), "services", Service::parse, Service::ALL)?;
    let place = Place {
        id: PlaceId::stored(""),
        kind: word(of("kind"), "kind", PlaceKind::Shop, PlaceKind::parse, PlaceKind::ALL)?,
        number: canonical_number(number).unwrap_or_else(|| number.to_owned()),
        agent: agent(of("agent_id"))?,
        name: text("name"),
        host_place: text("host_place"),
        floor: text("floor"),
        street: text("street"),
        city: text("city"),
        district: text("district"),
        postcode: text("postcode"),
        country: text("country"),
        point: Point::degrees(of("lat"), of("lon")).ok_or_else(|| {
            let (lat, lon) = (of("lat"), of("lon"));
            format!("lat {lat:?} and lon {lon:?} are no degrees of WGS-84, as 51.5115 and -0.131")
        })?,
        time_zone: text("time_zone"),
        hours: text("hours"),
        services: if services.is_empty() { vec![Service::TopUp] } else { services },
        languages: words(of("languages"), "languages", Tongue::parse, Tongue::ALL)?,
        tenders: words(of("tenders"), "tenders", PlaceTender::parse, PlaceTender::ALL)?,
        bring: words(of("what_to_bring"), "what_to_bring", Bring::parse, Bring::ALL)?,
        state: word(of("state"), "state", PlaceState::Authorised, PlaceState::parse, PlaceState::ALL)?,
        authorised_until: until(of("authorised_until"), of("time_zone"))?,
        updated_at: now,
    };
    match place.fault() {
        Some(fault) => Err(fault),
        None => Ok(place),
    }
}

fn agent(text: &str) -> std::result::Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let id = AgentId::parse(text).map_err(|error| format!("agent_id {text:?}: {error}"))?;
    Ok(Some(id.as_str().to_owned()))
}

/// The last day of a certificate: it ends when that day does, where the place is.
fn until(text: &str, time_zone: &str) -> std::result::Result<Option<UnixMs>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || format!("authorised_until {text:?} is not a day as 2027-12-31");
    let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    let zone =
        jiff::tz::TimeZone::get(time_zone).map_err(|_| format!("time_zone {time_zone:?} is unknown"))?;
    let next = day.tomorrow().and_then(|next| next.to_zoned(zone)).map_err(|_| wrong())?;
    Ok(Some(UnixMs(next.timestamp().as_millisecond())))
}

trait Word: Copy + PartialEq + std::fmt::Display {}
impl<T: Copy + PartialEq + std::fmt::Display> Word for T {}

fn known<T: Word>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn word<T: Word>(
    text: &str,
    column: &str,
    default: T,
    parse: fn(&str) -> Option<T>,
    all: &[T],
) -> std::result::Result<T, String> {
    if text.is_empty() {
        return Ok(default);
    }
    parse(text).ok_or_else(|| format!("{column} {text:?} is none of {}", known(all)))
}

/// Several words, apart by spaces, commas or bars.
fn words<T: Word>(
    text: &str,
    column: &str,
    parse: fn(&str) -> Option<T>,
    all: &[T],
) -> std::result::Result<Vec<T>, String> {
    let mut read = Vec::new();
    for part in text.split([' ', ',', ';', '|']).filter(|part| !part.is_empty()) {
        let word = parse(part).ok_or_else(|| format!("{column} {part:?} is none of {}", known(all)))?;
        if !read.contains(&word) {
            read.push(word);
        }
    }
    Ok(read)
}
