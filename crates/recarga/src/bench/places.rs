//! How long finding a shop takes among many: a register of so many places, taken in by the real import, and then every
//! kind of search some hundred times, one after the other in this process. Start reading at [`run`].

use super::make_folder;
use crate::settings::{DatabaseSettings, Settings};
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::place::geo::Point;
use flows::World;
use flows::places::import::import;
use flows::places::search::{Asked, search};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What to measure.
pub struct Plan {
    pub places: usize,
    /// How often each kind of search is done.
    pub times: usize,
    pub data: PathBuf,
    /// An empty PostgreSQL, which is measured after SQLite.
    pub database: Option<String>,
}

/// One kind of search, in microseconds.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
    /// Places on the first page, over all searches of this kind: a kind that finds nothing measures nothing.
    pub found: usize,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub engine: &'static str,
    pub places: usize,
    pub imported_in_s: u64,
    pub optimised_build: bool,
    pub searches: BTreeMap<&'static str, Figure>,
    pub slowest_p99_us: u64,
}

/// Fills a register, searches in it, and removes its folder: on each engine that there is.
pub fn run(plan: &Plan) -> Result<Vec<Figures>> {
    let engines = std::iter::once(None).chain(plan.database.as_deref().map(Some));
    engines.map(|database| on_engine(plan, database)).collect()
}

fn on_engine(plan: &Plan, database: Option<&str>) -> Result<Figures> {
    let folder = make_folder(&plan.data)?;
    let figures = measure(plan, &folder, database);
    std::fs::remove_dir_all(&folder)?;
    figures
}

fn measure(plan: &Plan, folder: &Path, database: Option<&str>) -> Result<Figures> {
    let settings = Settings {
        database: DatabaseSettings {
            data: folder.to_owned(),
            url: database.map(str::to_owned),
            ..DatabaseSettings::default()
        },
        ..Settings::default()
    };
    wiring::administer_with(&settings, async |world| {
        let begun = Instant::now();
        let text = register(plan.places);
        import(world, &text, false)
            .await?
            .map_err(|faults| Stop::wrong(format!("the bench's register: {faults:?}")))?;
        let imported_in_s = begun.elapsed().as_secs();
        let mut searches = BTreeMap::new();
        for (name, make) in KINDS {
            searches.insert(*name, figure(world, plan.times, *make).await?);
        }
        let slowest_p99_us = searches.values().map(|figure: &Figure| figure.p99_us).max().unwrap_or(0);
        let engine = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let optimised_build = !cfg!(debug_assertions);
        Ok(Figures { engine, places: plan.places, imported_in_s, optimised_build, searches, slowest_p99_us })
    })
}

async fn figure(world: &World, times: usize, make: fn(usize) -> Asked) -> Result<Figure> {
    let (mut took, mut found) = (Vec::with_capacity(times), 0);
    // The first ones fill caches, as the first readers of a day do.
    for n in 0..times + 5 {
        let begun = Instant::now();
        let hits = search(world, make(n)).await?.hits.len();
        if n >= 5 {
            took.push(begun.elapsed());
            found += hits;
        }
    }
    took.sort_unstable();
    let at = |hundredths: usize| micros(took[(took.len() - 1) * hundredths / 100]);
    Ok(Figure { p50_us: at(50), p99_us: at(99), max_us: at(100), found })
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// Cities with many shops each: name, district, country, zone, middle in ten-millionths of a degree.
const CITIES: &[(&str, &str, &str, &str, i64, i64)] = &[
    ("London", "Soho", "GB", "Europe/London", 515_000_000, -1_000_000),
    ("Manchester", "Chinatown", "GB", "Europe/London", 534_800_000, -22_400_000),
    ("Madrid", "Centro", "ES", "Europe/Madrid", 404_200_000, -37_000_000),
    ("Barcelona", "Eixample", "ES", "Europe/Madrid", 413_900_000, 21_700_000),
    ("Hong Kong", "Mong Kok", "HK", "Asia/Hong_Kong", 223_000_000, 1_141_700_000),
    (
        "\u{4e0a}\u{6d77}\u{5e02}",
        "\u{9759}\u{5b89}\u{533a}",
        "CN",
        "Asia/Shanghai",
        312_300_000,
        1_214_700_000,
    ),
    (
        "\u{5317}\u{4eac}\u{5e02}",
        "\u{6d77}\u{6dc0}\u{533a}",
        "CN",
        "Asia/Shanghai",
        399_000_000,
        1_164_000_000,
    ),
    (
        "\u{6df1}\u{5733}\u{5e02}",
        "\u{798f}\u{7530}\u{533a}",
        "CN",
        "Asia/Shanghai",
        225_400_000,
        1_140_500_000,
    ),
];
const MALLS: &[&str] =
    &["Grand Mall", "Station Arcade", "\u{4e45}\u{5149}\u{767e}\u{8d27}", "Electro World", ""];
const BRANDS: &[&str] =
    &["Luma", "Kingsway Phones", "Mobile Corner", "\u{901a}\u{8baf}\u{5e97}", "Top-up House"];
const HOURS: &[&str] =
    &["Mo-Sa 09:00-21:00; PH off", "Mo-Su 10:00-22:00", "24/7", "Mo-Fr 09:00-18:00; Sa,Su,PH off"];

/// Always the same register; numbers that come from one another by a step that shares no divisor with their range.
fn register(places: usize) -> String {
    let mut text = String::from(
        "number,kind,name,host_place,floor,street,city,district,postcode,country,lat,lon,time_zone,hours,services\n",
    );
    let mut state: u64 = 1;
    let mut next = |below: usize| {
        // Constants of Knuth's MMIX.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    for n in 0..places {
        let (city, district, country, zone, lat, lon) = CITIES[next(CITIES.len())];
        let (brand, mall) = (BRANDS[next(BRANDS.len())], MALLS[next(MALLS.len())]);
        // Some thirty kilometres around the middle, denser there.
        let mut off = || i64::try_from(next(3_000_000) + next(3_000_000)).unwrap_or(0) - 3_000_000;
        let (lat, lon) = (lat + off(), lon + off());
        let degrees = |e7: i64| {
            let sign = if e7 < 0 { "-" } else { "" };
            format!("{sign}{}.{:07}", e7.abs() / 10_000_000, e7.abs() % 10_000_000)
        };
        let kind = if n % 50 == 0 { "kiosk" } else { "shop" };
        let (lat, lon, hours) = (degrees(lat), degrees(lon), HOURS[next(HOURS.len())]);
        let (street, house, postcode) = (next(2_000), next(300), next(90_000) + 10_000);
        let _ = writeln!(
            text,
            "B{n:06},{kind},{brand} {street},{mall},L{},{house} Street{street} Road,{city},{district},{postcode},\
             {country},{lat},{lon},{zone},\"{hours}\",top_up bundle",
            n % 7
        );
    }
    text
}

fn near(n: usize, spread: i64) -> Option<Point> {
    let (.., lat, lon) = CITIES[n % CITIES.len()];
    let step = i64::try_from(n % 41).unwrap_or(0) - 20;
    Some(Point { lat_e7: lat + step * spread, lon_e7: lon - step * spread })
}

fn typed(words: &[&str], n: usize) -> Asked {
    Asked { typed: words[n % words.len()].to_owned(), ..Asked::default() }
}

type Kind = (&'static str, fn(usize) -> Asked);

const KINDS: &[Kind] = &[
    ("by number", |n| Asked { typed: format!("B{:06}", n * 37), ..Asked::default() }),
    ("by postcode", |n| Asked { typed: format!("{}", 10_000 + n * 211 % 90_000), ..Asked::default() }),
    ("by street", |n| Asked { typed: format!("street{}", n * 13 % 2_000), ..Asked::default() }),
    ("by one common word", |n| typed(&["london", "luma", "mall", "electro"], n)),
    ("by beginning", |n| typed(&["l", "bar", "kings", "stat"], n)),
    ("by city and name", |n| typed(&["london kingsway", "madrid luma", "hong kong corner"], n)),
    ("by city and mall that are both common", |n| {
        typed(&["barcelona electro world", "manchester station arcade"], n)
    }),
    ("by Chinese run", |n| {
        typed(
            &["\u{4e0a}\u{6d77}\u{9759}\u{5b89}", "\u{6df1}\u{5733}\u{798f}\u{7530}\u{901a}\u{8baf}\u{5e97}"],
            n,
        )
    }),
    ("by words, near", |n| Asked { near: near(n, 50_000), ..typed(&["luma", "mobile corner"], n) }),
    ("by words that nobody around has, near", |n| Asked {
        near: near(n, 50_000),
        ..typed(&["\u{4e0a}\u{6d77}", "kingsway barcelona"], n)
    }),
    ("by words that nobody has", |n| typed(&["xylophone", "london xylophone"], n)),
    ("near, in a city", |n| Asked { near: near(n, 50_000), ..Asked::default() }),
    ("near, page 5", |n| Asked { near: near(n, 50_000), seen: 80, ..Asked::default() }),
    ("near, open now", |n| Asked { near: near(n, 50_000), open_now: true, ..Asked::default() }),
    ("near, kiosks", |n| Asked {
        near: near(n, 50_000),
        kind: Some(domain::place::PlaceKind::Kiosk),
        ..Asked::default()
    }),
    ("near, where few are", |n| Asked { near: near(n, 250_000), ..Asked::default() }),
    ("near, in the sea", |_| Asked {
        near: Some(Point { lat_e7: 0, lon_e7: -300_000_000 }),
        ..Asked::default()
    }),
    ("by country", |n| Asked {
        country: Some(["GB", "CN", "ES", "HK"][n % 4].to_owned()),
        ..Asked::default()
    }),
];
