//! The pages on which people find a shop or kiosk, see one, and check its sticker.

use domain::place::hours::{Day, Moment, Standing};
use domain::place::{Authorisation, Bring, PlaceKind, PlaceTender, Service, Tongue};
use domain::time::UnixMs;
use serde::Serialize;

use super::{View, sample};

/// Addresses of the sheet and the script that only these pages have.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ShopAssets {
    pub css_url: String,
    pub js_url: String,
}

/// Whether a place is open, as a key of the words and what goes into them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StandingShown {
    pub key: &'static str,
    pub open: bool,
    /// As clocks show it, for example `21:00`.
    pub time: String,
    /// From 1 for Monday.
    pub weekday: u32,
}

impl StandingShown {
    /// What is said of a place that is open or closed.
    pub fn of(standing: &Standing) -> StandingShown {
        let shown = |key, open, moment: Option<&Moment>| StandingShown {
            key,
            open,
            time: moment.map_or_else(String::new, |moment| moment.clock.to_string()),
            weekday: moment.map_or(1, |moment| moment.weekday),
        };
        match standing {
            Standing::Open { until: None } => shown("always", true, None),
            Standing::Open { until: Some(until) } => {
                // What is open until two at night is open until two.
                let soon = until.days == 0 || (until.days == 1 && until.clock.hour < 12);
                shown(if soon { "until" } else { "until-day" }, true, Some(until))
            }
            Standing::Closed { opens: None, holiday: true } => shown("holiday", false, None),
            Standing::Closed { opens: None, holiday: false } => shown("closed", false, None),
            Standing::Closed { opens: Some(opens), holiday } => {
                let key = match (holiday, opens.days) {
                    (true, 1) => "holiday-tomorrow",
                    (true, _) => "holiday-day",
                    (false, 0) => "today",
                    (false, 1) => "tomorrow",
                    (false, 2..7) => "day",
                    (false, _) => "closed-long",
                };
                shown(key, false, Some(opens))
            }
        }
    }
}

/// A place in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ShopRow {
    pub number: String,
    pub name: String,
    pub kind: PlaceKind,
    pub metres: Option<i64>,
    pub standing: StandingShown,
    pub authorisation: Authorisation,
    pub host_place: String,
    pub floor: String,
    pub street: String,
    pub district: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub services: Vec<Service>,
    pub languages: Vec<Tongue>,
}

/// How the list came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShopsBy {
    Words,
    Near,
    Country,
}

/// The list with its search.
#[derive(Debug, Clone, Serialize)]
pub struct Shops {
    pub assets: ShopAssets,
    pub by: ShopsBy,
    pub q: String,
    /// `lat,lon`, where the reader allowed it.
    pub near: Option<String>,
    pub kind: Option<PlaceKind>,
    pub service: Option<Service>,
    pub language: Option<Tongue>,
    pub open_now: bool,
    pub country: String,
    pub countries: Vec<String>,
    pub services: &'static [Service],
    pub tongues: &'static [Tongue],
    pub kinds: &'static [PlaceKind],
    pub rows: Vec<ShopRow>,
    /// What to ask for the next page with, and the query that asks for it.
    pub next: Option<usize>,
    pub next_query: String,
    /// Are there more than the pages show?
    pub partial: bool,
}

impl Shops {
    /// Is anything but the place itself chosen?
    pub fn is_filtered(&self) -> bool {
        self.kind.is_some() || self.service.is_some() || self.language.is_some() || self.open_now
    }
}

/// A map to open a place in.
#[derive(Debug, Clone, Serialize)]
pub struct MapLink {
    /// Names its words: `geo`, `apple`, `google` or `amap`.
    pub app: &'static str,
    pub href: String,
}

/// A day of the table of hours.
#[derive(Debug, Clone, Serialize)]
pub struct DayShown {
    pub weekday: u32,
    /// ISO 8601.
    pub date: String,
    pub holiday: bool,
    pub today: bool,
    pub open: Vec<(String, String)>,
}

impl DayShown {
    pub fn of(week: &[Day]) -> Vec<DayShown> {
        let shown = |(at, day): (usize, &Day)| DayShown {
            weekday: day.weekday,
            date: format!("{:04}-{:02}-{:02}", day.year, day.month, day.day),
            holiday: day.holiday,
            today: at == 0,
            open: day.open.iter().map(|(from, until)| (from.to_string(), until.to_string())).collect(),
        };
        week.iter().enumerate().map(shown).collect()
    }
}

/// One place.
#[derive(Debug, Clone, Serialize)]
pub struct ShopPage {
    pub assets: ShopAssets,
    pub row: ShopRow,
    pub lat: f64,
    pub lon: f64,
    pub zone: String,
    pub tenders: Vec<PlaceTender>,
    pub bring: Vec<Bring>,
    pub week: Vec<DayShown>,
    pub photo_at: Option<UnixMs>,
    /// The last moment of the certificate.
    pub until: Option<UnixMs>,
    /// Who authorised it.
    pub seller: String,
    pub maps: Vec<MapLink>,
    /// Of this page, for search engines.
    pub url: String,
}

/// What the sticker of a place is worth.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyOutlet {
    pub assets: ShopAssets,
    /// What the sticker or the reader said.
    pub number: String,
    /// `None`: no place has this number.
    pub shop: Option<ShopPage>,
    pub contact: bool,
}

fn row(number: &str, standing: StandingShown) -> ShopRow {
    ShopRow {
        number: number.into(),
        name: "Luma \"Soho\" <b>".into(),
        kind: PlaceKind::Shop,
        metres: Some(340),
        standing,
        authorisation: Authorisation::Valid,
        host_place: "Chinatown Gate Mall".into(),
        floor: "1/F".into(),
        street: "12 Gerrard Street".into(),
        district: "Soho".into(),
        city: "London".into(),
        postcode: "W1D 5PR".into(),
        country: "GB".into(),
        services: Service::ALL.to_vec(),
        languages: Tongue::ALL.to_vec(),
    }
}

fn standings() -> Vec<StandingShown> {
    let keys = [
        ("always", true),
        ("until", true),
        ("until-day", true),
        ("holiday", false),
        ("closed", false),
        ("holiday-tomorrow", false),
        ("holiday-day", false),
        ("today", false),
        ("tomorrow", false),
        ("day", false),
        ("closed-long", false),
    ];
    let shown =
        |(n, (key, open)): (u32, _)| StandingShown { key, open, time: "09:00".into(), weekday: n % 7 + 1 };
    (0..).zip(keys).map(shown).collect()
}

fn assets() -> ShopAssets {
    ShopAssets { css_url: "/assets/shops.css".into(), js_url: "/assets/shops.js".into() }
}

impl View for Shops {
    const TEMPLATE: &'static str = "portal/shops.html";

    fn samples() -> Vec<Shops> {
        let mut rows: Vec<ShopRow> =
            standings().into_iter().map(|standing| row("S10234", standing)).collect();
        rows[1].metres = Some(12_400);
        rows[2] = ShopRow {
            kind: PlaceKind::Kiosk,
            host_place: String::new(),
            floor: String::new(),
            ..rows[2].clone()
        };
        let states = [Authorisation::Suspended, Authorisation::Lapsed, Authorisation::Ended];
        rows.extend(states.map(|authorisation| ShopRow { authorisation, metres: None, ..rows[0].clone() }));
        let all = Shops {
            assets: assets(),
            by: ShopsBy::Country,
            q: String::new(),
            near: None,
            kind: None,
            service: None,
            language: None,
            open_now: false,
            country: "GB".into(),
            countries: vec!["CN".into(), "GB".into(), "HK".into()],
            services: Service::ALL,
            tongues: Tongue::ALL,
            kinds: PlaceKind::ALL,
            rows,
            next: Some(20),
            next_query: "country=GB&seen=20".into(),
            partial: false,
        };
        let none = Shops { rows: vec![], next: None, ..all.clone() };
        vec![
            all.clone(),
            Shops { by: ShopsBy::Near, near: Some("51.5115,-0.1310".into()), ..all.clone() },
            Shops { by: ShopsBy::Words, q: "soho \"<i>".into(), partial: true, next: None, ..all },
            none.clone(),
            Shops { by: ShopsBy::Near, near: Some("0,0".into()), ..none.clone() },
            Shops { by: ShopsBy::Words, q: "nowhere <".into(), ..none.clone() },
            Shops { open_now: true, kind: Some(PlaceKind::Kiosk), ..none.clone() },
            Shops { countries: vec![], ..none },
        ]
    }
}

fn page(authorisation: Authorisation) -> ShopPage {
    let day = |weekday, today, holiday, open: &[(&str, &str)]| DayShown {
        weekday,
        date: format!("2026-11-{:02}", 22 + weekday),
        holiday,
        today,
        open: open.iter().map(|(from, until)| ((*from).into(), (*until).into())).collect(),
    };
    let map = |app| MapLink { app, href: "https://maps.example/?q=1&name=%22".into() };
    ShopPage {
        assets: assets(),
        row: ShopRow { authorisation, ..row("S10234", standings().remove(1)) },
        lat: 51.5115,
        lon: -0.131,
        zone: sample::ZONE.into(),
        tenders: PlaceTender::ALL.to_vec(),
        bring: Bring::ALL.to_vec(),
        week: vec![
            day(1, true, false, &[("09:00", "12:00"), ("13:00", "21:00")]),
            day(2, false, true, &[]),
            day(3, false, false, &[]),
        ],
        photo_at: Some(sample::AT),
        until: Some(sample::AT),
        seller: "Luma Mobile (UK) Ltd".into(),
        maps: ["geo", "apple", "google", "amap"].map(map).into(),
        url: "https://topup.example.com/shops/S10234".into(),
    }
}

impl View for ShopPage {
    const TEMPLATE: &'static str = "portal/shop.html";

    fn samples() -> Vec<ShopPage> {
        let states =
            [Authorisation::Valid, Authorisation::Suspended, Authorisation::Lapsed, Authorisation::Ended];
        let mut samples: Vec<ShopPage> = states.into_iter().map(page).collect();
        let valid = samples[0].clone();
        samples.push(ShopPage {
            photo_at: None,
            until: None,
            bring: vec![],
            tenders: vec![],
            row: ShopRow {
                kind: PlaceKind::Kiosk,
                host_place: String::new(),
                languages: vec![],
                ..valid.row.clone()
            },
            ..valid
        });
        samples
    }
}

impl View for VerifyOutlet {
    const TEMPLATE: &'static str = "portal/verify_outlet.html";

    fn samples() -> Vec<VerifyOutlet> {
        let states =
            [Authorisation::Valid, Authorisation::Suspended, Authorisation::Lapsed, Authorisation::Ended];
        let known = |state| VerifyOutlet {
            assets: assets(),
            number: "S10234".into(),
            shop: Some(page(state)),
            contact: true,
        };
        let mut samples: Vec<VerifyOutlet> = states.into_iter().map(known).collect();
        let number = "S9\"<i>".to_owned();
        samples.push(VerifyOutlet { number, shop: None, contact: true, ..samples[0].clone() });
        samples.push(VerifyOutlet {
            number: String::new(),
            shop: None,
            contact: false,
            ..samples[0].clone()
        });
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::place::hours::Clock;

    #[test]
    fn the_night_belongs_to_the_evening_before_it() {
        let moment =
            |days, hour| Moment { at: UnixMs(0), days, weekday: 2, clock: Clock { hour, minute: 30 } };
        let open = |days, hour| StandingShown::of(&Standing::Open { until: Some(moment(days, hour)) });
        assert_eq!((open(0, 21).key, open(1, 2).key, open(1, 21).key), ("until", "until", "until-day"));
        let closed = |opens, holiday| StandingShown::of(&Standing::Closed { opens, holiday }).key;
        assert_eq!(closed(Some(moment(1, 9)), true), "holiday-tomorrow");
        assert_eq!(closed(Some(moment(0, 9)), false), "today");
        assert_eq!(closed(Some(moment(9, 9)), false), "closed-long");
        assert_eq!(closed(None, false), "closed");
    }
}
