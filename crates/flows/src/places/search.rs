//! Finding places: by what people type, by where they are, or by city. Everything is found by index and read within
//! limits; what the limits left out is said ([`Found::partial`]). Start reading at [`search`].

use crate::error::Result;
use crate::world::World;
use domain::place::geo::Point;
use domain::place::hours::{Hours, Standing};
use domain::place::words::{self, Term};
use domain::place::{Authorisation, Place, PlaceKind, Service, Tongue, canonical_number};
use domain::time::UnixMs;
use std::collections::{BTreeSet, HashMap};
use store::Tx;
use store::place as stored;

/// Places on one page, and on all pages of one search.
pub const PAGE: usize = 20;
pub const RESULTS_MAX: usize = 200;
/// As far as "near" reaches.
pub const RADIUS_MAX_M: i64 = 50_000;
/// Longer texts are no search.
pub const TYPED_MAX: usize = 100;
/// Entries that one word of a search reads.
const ENTRIES_MAX: usize = 240;
/// Pairs of one run of Chinese that are looked up.
const PAIRS_MAX: usize = 8;
/// Places that one cell of a map gives.
const PER_CELL: usize = 120;
/// Places that are read whole at once, and for one search that is near; fewer where their words are looked at.
const READ_AT_ONCE: usize = 48;
const READS_MAX: usize = 480;
const READS_WITH_WORDS_MAX: usize = 144;
/// From cells of 150 metres to those of 156 kilometres.
const LEVELS: std::ops::RangeInclusive<u32> = 7..=17;
const BY_CITY_MAX: i64 = 240;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub typed: String,
    pub near: Option<Point>,
    /// At most so far away; nothing outside [`RADIUS_MAX_M`] is near.
    pub radius_m: Option<i64>,
    pub kind: Option<PlaceKind>,
    pub service: Option<Service>,
    pub language: Option<Tongue>,
    pub open_now: bool,
    /// Where nothing is typed and nobody is anywhere: the places of this country.
    pub country: Option<String>,
    /// So many were seen already.
    pub seen: usize,
}

/// A place that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    pub place: Place,
    pub metres: Option<i64>,
    pub standing: Standing,
    pub authorisation: Authorisation,
}

/// A page of what was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// What to give as `seen` for the next page.
    pub next: Option<usize>,
    /// Are there more than the pages of one search show?
    pub partial: bool,
}

/// Finds places: those with the number that was typed, whatever their state; else authorised ones.
pub async fn search(world: &World, asked: Asked) -> Result<Found> {
    let now = world.now();
    Ok(world.db.read(move |tx| find(tx, &asked, now)).await?)
}

fn find(tx: &mut Tx<'_>, asked: &Asked, now: UnixMs) -> anyhow::Result<Found> {
    let terms = words::terms(&asked.typed.chars().take(TYPED_MAX).collect::<String>());
    let mut sieve = Sieve { asked, now, terms: &[], standings: HashMap::new() };
    let wanted = (asked.seen + PAGE + 1).min(RESULTS_MAX + 1);
    let (mut hits, partial) = if terms.is_empty() {
        match (asked.near, &asked.country) {
            (Some(point), _) => near(tx, point, wanted, &mut sieve)?,
            (None, Some(country)) => {
                let places = stored::list_by_city(tx, country, ("", ""), BY_CITY_MAX)?;
                let all = i64::try_from(places.len())? == BY_CITY_MAX;
                (sieve.through(places), all)
            }
            (None, None) => (Vec::new(), false),
        }
    } else {
        by_words(tx, &terms, wanted, &mut sieve)?
    };
    if asked.near.is_some() {
        hits.sort_by(|a, b| (a.metres, &a.place.number).cmp(&(b.metres, &b.place.number)));
    }
    if let Some(hit) = numbered(tx, asked, now)? {
        hits.retain(|other| other.place.id != hit.place.id);
        hits.insert(0, hit);
    }
    let partial = partial || hits.len() > RESULTS_MAX;
    hits.truncate(RESULTS_MAX);
    let next = Some(asked.seen + PAGE).filter(|next| *next < hits.len());
    let mut hits: Vec<Hit> = hits.into_iter().skip(asked.seen).take(PAGE).collect();
    for hit in &mut hits {
        hit.standing = sieve.standing(&hit.place);
    }
    Ok(Found { partial: partial && next.is_none(), hits, next })
}

/// The place whose number was typed: also one that may not sell, because whoever has its number must see that.
fn numbered(tx: &mut Tx<'_>, asked: &Asked, now: UnixMs) -> anyhow::Result<Option<Hit>> {
    let Some(number) = canonical_number(&asked.typed) else { return Ok(None) };
    let place = stored::find_by_number(tx, &number)?;
    Ok(place.map(|place| Hit {
        metres: asked.near.map(|here| here.metres_to(place.point)),
        standing: super::standing(&place, now),
        authorisation: place.authorisation(now),
        place,
    }))
}

/// Of places that are not on the page nobody asks whether they are open.
const NOT_YET: Standing = Standing::Closed { opens: None, holiday: false };

/// What lets a place through, and what is known of those that came through.
struct Sieve<'a> {
    asked: &'a Asked,
    now: UnixMs,
    /// What a place must still be checked for.
    terms: &'a [Term],
    /// Many places have the same hours.
    standings: HashMap<(String, String, String), Standing>,
}

impl Sieve<'_> {
    fn through(&mut self, places: Vec<Place>) -> Vec<Hit> {
        places.into_iter().filter_map(|place| self.hit(place)).collect()
    }

    fn reads_max(&self) -> usize {
        if self.terms.is_empty() { READS_MAX } else { READS_WITH_WORDS_MAX }
    }

    fn hit(&mut self, place: Place) -> Option<Hit> {
        let asked = self.asked;
        let authorisation = place.authorisation(self.now);
        let metres = asked.near.map(|here| here.metres_to(place.point));
        let fits = authorisation == Authorisation::Valid
            && asked.kind.is_none_or(|kind| place.kind == kind)
            && asked.service.is_none_or(|service| place.services.contains(&service))
            && asked.language.is_none_or(|language| place.languages.contains(&language))
            && asked.radius_m.is_none_or(|radius| metres.is_none_or(|metres| metres <= radius));
        if !fits {
            return None;
        }
        if !self.terms.is_empty() {
            let words = words::single(&place);
            if !self.terms.iter().all(|term| term.fits(&words)) {
                return None;
            }
        }
        // Only what is asked for, or shown in the end, is worked out.
        let standing = if asked.open_now { self.standing(&place) } else { NOT_YET };
        if asked.open_now && !matches!(standing, Standing::Open { .. }) {
            return None;
        }
        Some(Hit { place, metres, standing, authorisation })
    }

    fn standing(&mut self, place: &Place) -> Standing {
        let key = (place.hours.clone(), place.country.clone(), place.time_zone.clone());
        let now = self.now;
        *self.standings.entry(key).or_insert_with_key(|(hours, country, zone)| {
            match Hours::read(hours, country) {
                Ok(hours) => hours.at(now, zone),
                Err(_) => Standing::Closed { opens: None, holiday: false },
            }
        })
    }
}

/// The nearest places: in cells around the point, larger ones until enough are found or all that is near was seen. The
/// index says where places are; only the nearest are read whole, and each once.
fn near(
    tx: &mut Tx<'_>,
    here: Point,
    wanted: usize,
    sieve: &mut Sieve<'_>,
) -> anyhow::Result<(Vec<Hit>, bool)> {
    let radius = sieve.asked.radius_m.unwrap_or(RADIUS_MAX_M).min(RADIUS_MAX_M);
    let mut level = *LEVELS.end();
    let mut looked = Looked { most: sieve.reads_max(), seen: HashMap::new() };
    loop {
        let cells = here.neighbourhood(level);
        let spots = stored::near(tx, &cells, sieve.asked.kind, i64::try_from(PER_CELL)?)?;
        let full = |cell: &std::ops::Range<i64>| {
            spots.iter().filter(|spot| cell.contains(&spot.point.cell())).count() == PER_CELL
        };
        // Of a full cell any part was read.
        let cut = spots.len() >= PER_CELL && cells.iter().any(full);
        let covered = here.covered_m(level).min(radius);
        let last = covered >= radius || level <= *LEVELS.start();
        let step = match spots.len() {
            // Nobody lives here: larger steps.
            0 => 3,
            1..50 => 2,
            _ => 1,
        };
        // What is surely all within some distance; where nothing more is read, everything that is near.
        let reach = if cut || last { radius } else { covered };
        let by_distance = spots.into_iter().map(|spot| (here.metres_to(spot.point), spot.number));
        let mut within: Vec<(i64, String)> = by_distance.filter(|(metres, _)| *metres <= reach).collect();
        within.sort_unstable();
        let (hits, read) = looked.at(tx, &within, wanted, sieve)?;
        if cut || !read || last || hits >= wanted {
            return Ok((looked.hits(radius), cut || !read));
        }
        level = level.saturating_sub(step).max(*LEVELS.start());
    }
}

/// The places that were read whole, with those that fit; none is read twice.
struct Looked {
    most: usize,
    seen: HashMap<String, Option<Hit>>,
}

impl Looked {
    /// Reads these places, the nearest first, until enough of them fit. Says how many do, and whether it was allowed
    /// to read as far as it had to.
    fn at(
        &mut self,
        tx: &mut Tx<'_>,
        within: &[(i64, String)],
        wanted: usize,
        sieve: &mut Sieve<'_>,
    ) -> anyhow::Result<(usize, bool)> {
        let mut hits = 0;
        for some in within.chunks(READ_AT_ONCE) {
            let new: Vec<&str> = some
                .iter()
                .map(|(_, number)| number.as_str())
                .filter(|number| !self.seen.contains_key(*number))
                .collect();
            if self.seen.len() + new.len() > self.most {
                return Ok((hits, false));
            }
            for place in stored::list_by_number(tx, &new)? {
                self.seen.insert(place.number.clone(), sieve.hit(place));
            }
            let fits = |number: &String| self.seen.get(number).is_some_and(Option::is_some);
            hits += some.iter().filter(|(_, number)| fits(number)).count();
            if hits >= wanted {
                break;
            }
        }
        Ok((hits, true))
    }

    fn hits(self, radius: i64) -> Vec<Hit> {
        let fits = self.seen.into_values().flatten();
        fits.filter(|hit| hit.metres.is_some_and(|metres| metres <= radius)).collect()
    }
}

/// The entries of one term: the numbers that have it, and whether those are all.
struct Entries {
    numbers: BTreeSet<String>,
    all: bool,
    /// Its rarest word.
    word: String,
}

fn by_words(
    tx: &mut Tx<'_>,
    terms: &[Term],
    wanted: usize,
    sieve: &mut Sieve<'_>,
) -> anyhow::Result<(Vec<Hit>, bool)> {
    let mut entries = Vec::with_capacity(terms.len());
    for term in terms {
        entries.push(entries_of(tx, term)?);
    }
    // Terms whose entries were not read to their end are checked on each place.
    let unsure: Vec<Term> =
        terms.iter().zip(&entries).filter(|(_, found)| !found.all).map(|(term, _)| term.clone()).collect();
    let mut whole = entries.iter().filter(|found| found.all).map(|found| found.numbers.clone());
    let (numbers, cut) = match whole.next() {
        Some(first) => (whole.fold(first, |a, b| a.intersection(&b).cloned().collect()), false),
        None => match in_a_city(tx, &entries)? {
            Some(numbers) => (numbers.numbers, !numbers.all),
            None => (entries.swap_remove(0).numbers, true),
        },
    };
    let mut sieve = Sieve { terms: if cut { terms } else { &unsure }, standings: HashMap::new(), ..*sieve };
    if let Some(point) = sieve.asked.near.filter(|_| cut) {
        // Too many have these words: those that are near, and have them.
        let (hits, partial) = near(tx, point, wanted, &mut sieve)?;
        if !hits.is_empty() {
            return Ok((hits, partial));
        }
        // Nobody around has them: some of those elsewhere.
    }
    // No more are shown of those that have common words, wherever they are.
    let most = if cut { RESULTS_MAX + 1 } else { ENTRIES_MAX };
    let keys: Vec<&str> = numbers.iter().take(most).map(String::as_str).collect();
    let mut hits = sieve.through(stored::list_by_number(tx, &keys)?);
    // What the name itself says stands before what only the address says.
    hits.sort_by_cached_key(|hit| {
        let named = words::named(&hit.place);
        (!terms.iter().all(|term| term.fits(&named)), hit.place.city.clone(), hit.place.number.clone())
    });
    Ok((hits, cut || numbers.len() > ENTRIES_MAX))
}

fn entries_of(tx: &mut Tx<'_>, term: &Term) -> anyhow::Result<Entries> {
    let limit = i64::try_from(ENTRIES_MAX)? + 1;
    match term {
        Term::Begins(begin) => {
            let numbers = stored::numbers_by_beginning(tx, begin, limit)?;
            let all = numbers.len() <= ENTRIES_MAX;
            Ok(Entries { numbers: numbers.into_iter().collect(), all, word: begin.clone() })
        }
        Term::Pairs(pairs) => {
            let mut lists = Vec::new();
            for pair in pairs.iter().take(PAIRS_MAX) {
                lists.push((stored::numbers_by_word(tx, pair, limit)?, pair));
            }
            lists.sort_by_key(|(numbers, _)| numbers.len());
            let missing = Term::may_miss(pairs);
            // Whoever has the run has one of its rarest pairs.
            let rarest = &lists[..lists.len().min(missing + 1)];
            let all =
                pairs.len() <= PAIRS_MAX && lists.iter().all(|(numbers, _)| numbers.len() <= ENTRIES_MAX);
            let word = lists
                .iter()
                .find(|(numbers, _)| !numbers.is_empty())
                .map_or_else(String::new, |(_, w)| (*w).clone());
            let mut numbers: BTreeSet<String> =
                rarest.iter().flat_map(|(numbers, _)| numbers.clone()).collect();
            if all {
                let has =
                    |number: &String| lists.iter().filter(|(numbers, _)| numbers.contains(number)).count();
                numbers.retain(|number| has(number) + missing >= pairs.len());
            }
            Ok(Entries { numbers, all, word })
        }
    }
}

/// Two words that many places have each, and few together: one is the city.
fn in_a_city(tx: &mut Tx<'_>, entries: &[Entries]) -> anyhow::Result<Option<Entries>> {
    let limit = i64::try_from(ENTRIES_MAX)? + 1;
    let mut best: Option<Entries> = None;
    for city in entries.iter().take(3) {
        for other in entries.iter().take(3).filter(|other| other.word != city.word) {
            let word = words::together(&city.word, &other.word);
            let numbers: BTreeSet<String> =
                stored::numbers_by_beginning(tx, &word, limit)?.into_iter().collect();
            let fewer = best.as_ref().is_none_or(|best| numbers.len() < best.numbers.len());
            if !numbers.is_empty() && fewer {
                best = Some(Entries { all: numbers.len() <= ENTRIES_MAX, numbers, word });
            }
        }
    }
    Ok(best)
}
