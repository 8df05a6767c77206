//! What several views about agents show: limits, a float, an outlet's facts.

use domain::agent::SaleLimits;
use domain::money::Money;
use domain::outlet::{OutletFacts, OutletState};
use domain::place::{PlaceKind, Service, Tongue};
use serde::Serialize;

use crate::view::sample;

/// Limits as a form shows and takes them: as typed, or as they stand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LimitsShown {
    pub per_sale: String,
    pub clerk_day: String,
    pub outlet_day: String,
}

impl LimitsShown {
    /// One amount as people type it: `12.50`.
    pub fn typed(amount: Money) -> String {
        crate::format::decimal_places(amount)
    }

    /// As they stand, in major units; empty where there is none.
    pub fn of(limits: &SaleLimits) -> LimitsShown {
        let typed = |limit: Option<Money>| limit.map(LimitsShown::typed).unwrap_or_default();
        LimitsShown {
            per_sale: typed(limits.per_sale),
            clerk_day: typed(limits.clerk_day),
            outlet_day: typed(limits.outlet_day),
        }
    }
}

/// What is in a float.
#[derive(Debug, Clone, Serialize)]
pub struct FloatShown {
    pub balance: Money,
    /// The credit line included.
    pub available: Money,
    pub credit_line: Money,
}

impl FloatShown {
    pub(super) fn sample() -> FloatShown {
        let (balance, available) = (sample::gbp(12_000), sample::gbp(62_000));
        FloatShown { balance, available, credit_line: sample::gbp(50_000) }
    }
}

/// An outlet as its pages show it.
#[derive(Debug, Clone, Serialize)]
pub struct OutletShown {
    pub place: String,
    pub state: OutletState,
    pub reason: Option<String>,
    pub facts: OutletFacts,
    /// Where it is, as it is typed: `51.5115, -0.131`.
    pub point: String,
    /// What can be chosen.
    pub kinds: &'static [PlaceKind],
    pub services: &'static [Service],
    pub tongues: &'static [Tongue],
}

impl OutletShown {
    /// An outlet with what can be chosen for it.
    pub fn new(place: &str, state: OutletState, reason: Option<String>, facts: OutletFacts) -> OutletShown {
        let degrees = |e6: i64| {
            let sign = if e6 < 0 { "-" } else { "" };
            format!("{sign}{}.{:06}", e6.abs() / 1_000_000, e6.abs() % 1_000_000)
        };
        let point = facts.latitude_e6.zip(facts.longitude_e6);
        OutletShown {
            place: place.to_owned(),
            state,
            reason,
            point: point.map(|(lat, lon)| format!("{}, {}", degrees(lat), degrees(lon))).unwrap_or_default(),
            facts,
            kinds: PlaceKind::ALL,
            services: Service::ALL,
            tongues: Tongue::ALL,
        }
    }

    pub(super) fn sample(state: OutletState) -> OutletShown {
        let reason = (state == OutletState::Suspended).then(|| "Two <b>complaints</b>.".into());
        OutletShown::new(
            "plc_01JD9Z3K7Q8W4M5N6P7R8S9T0V",
            state,
            reason,
            OutletFacts {
                number: "100001".into(),
                kind: PlaceKind::Shop,
                name: "Sol & Söhne <Electronics>".into(),
                host_place: String::new(),
                floor: String::new(),
                street: "1 High Street".into(),
                city: "London".into(),
                postcode: "N1 1AA".into(),
                country: "GB".into(),
                time_zone: "Europe/London".into(),
                hours: "Mo-Sa 09:00-21:00".into(),
                services: vec![Service::TopUp],
                languages: vec![Tongue::En],
                latitude_e6: Some(51_500_000),
                longitude_e6: Some(-120_000),
            },
        )
    }
}
