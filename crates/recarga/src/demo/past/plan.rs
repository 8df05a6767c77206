//! What happened: who bought what when. The same in every demo but for the dates, which end now.

use domain::locale::Locale;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use fastrand::Rng;

/// About this many orders are made per day; fewer in the beginning, more at weekends.
const PER_DAY: u64 = 34;
/// Lines that were made up for each market.
const LINES_PER_MARKET: u64 = 45;
/// Lines that are barred now and then.
const BARRED_PER_MARKET: u64 = 30;
/// The card that pays.
pub const CARD: &str = "4242424242424242";
const SEED: u64 = 20_260_101;

/// Where people bought: offers begin with the market's letters, numbers count on from a first one.
struct Place {
    market: &'static str,
    first_number: u64,
    /// Out of 100 orders.
    share: u64,
    credits: [&'static str; 3],
    /// Has the demo's partner a float in its currency?
    float: bool,
}

const EURO: [&str; 3] = ["credit-5", "credit-10", "credit-20"];
const PLACES: &[Place] = &[
    Place { market: "gb", first_number: 447_400_151_100, share: 40, credits: EURO, float: true },
    Place { market: "de", first_number: 4_915_123_456_800, share: 14, credits: EURO, float: true },
    Place { market: "fr", first_number: 33_612_345_800, share: 10, credits: EURO, float: true },
    Place { market: "es", first_number: 34_612_345_800, share: 10, credits: EURO, float: true },
    Place { market: "nl", first_number: 31_612_345_800, share: 6, credits: EURO, float: true },
    Place { market: "it", first_number: 393_471_234_600, share: 6, credits: EURO, float: true },
    Place { market: "pl", first_number: 48_512_345_800, share: 4, credits: EURO, float: false },
    Place {
        market: "hk",
        first_number: 85_251_234_600,
        share: 10,
        credits: ["credit-50", "credit-100", "credit-200"],
        float: false,
    },
];

/// How an order was paid, or was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Card,
    PayPal,
    /// By the demo's partner, from its float.
    Float,
    /// The buyer left the payment page and cancelled.
    Cancelled,
    /// The buyer's page was left open until it ended.
    Left,
    /// The line was barred while its buyer paid: the money went back.
    Barred,
}

/// One order of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub at: UnixMs,
    /// E.164 with a plus.
    pub number: String,
    pub offer: String,
    pub way: Way,
    pub card: &'static str,
    pub locale: Locale,
    pub email: Option<String>,
    /// Tells the buyers apart: devices and cards are theirs.
    pub buyer: u64,
    /// Is the buyer Lin, signed in?
    pub lin: bool,
    /// How long the buyer took on the payment page.
    pub took_ms: i64,
}

/// The register of the made-up lines, as `flows::lines::import` reads it.
pub fn register() -> String {
    let lines = PLACES
        .iter()
        .flat_map(|p| (0..LINES_PER_MARKET + BARRED_PER_MARKET).map(|n| number(p, n) + ",active,\n"));
    std::iter::once("msisdn,status,locale\n".to_owned()).chain(lines).collect()
}

fn number(place: &Place, n: u64) -> String {
    format!("+{}", place.first_number + n)
}

/// The orders of so many days before `now`, day by day, each day in the order of time.
pub fn days(now: UnixMs, days: u32) -> Vec<Vec<Planned>> {
    let mut random = Rng::with_seed(SEED);
    (0..i64::from(days))
        .map(|n| {
            let begins = now.plus_ms(-(i64::from(days) - n) * DAY_MS);
            day(&mut random, begins, n)
        })
        .collect()
}

fn day(random: &mut Rng, begins: UnixMs, n: i64) -> Vec<Planned> {
    let busy = if n % 7 >= 5 { 8 } else { 0 };
    let count = PER_DAY - 6 + random.u64(0..8) + busy / 2;
    let mut orders: Vec<Planned> = (0..count).map(|_| order(random, begins)).collect();
    orders.sort_by_key(|order| order.at);
    orders
}

fn order(random: &mut Rng, begins: UnixMs) -> Planned {
    let place = place(random);
    let n = random.u64(0..LINES_PER_MARKET);
    let thing = match random.u64(0..100) {
        0..18 => place.credits[0],
        18..52 => place.credits[1],
        52..74 => place.credits[2],
        74..90 => "traveller",
        _ => "weekend",
    };
    let way = match random.u64(0..100) {
        0..50 => Way::Card,
        50..66 => Way::PayPal,
        66..94 if place.float => Way::Float,
        66..94 => Way::Card,
        94..97 => Way::Cancelled,
        97..99 => Way::Left,
        _ => Way::Barred,
    };
    // The last page of a day must have ended before the day does.
    let at = begins.plus_ms(random.i64(0..DAY_MS - HOUR_MS));
    // A line that is barred for a while belongs to nobody else.
    let n = if way == Way::Barred { LINES_PER_MARKET + random.u64(0..BARRED_PER_MARKET) } else { n };
    let buyer = place.first_number + n;
    Planned {
        at,
        number: number(place, n),
        offer: format!("{}-{thing}", place.market),
        way,
        card: CARD,
        locale: if random.u64(0..100) < 55 { Locale::ZhCn } else { Locale::En },
        email: (random.u64(0..100) < 60).then(|| format!("buyer{buyer}@example.org")),
        buyer,
        lin: false,
        took_ms: random.i64(20_000..2 * MINUTE_MS),
    }
}

fn place(random: &mut Rng) -> &'static Place {
    let mut left = random.u64(0..PLACES.iter().map(|p| p.share).sum());
    for place in PLACES {
        if left < place.share {
            return place;
        }
        left -= place.share;
    }
    &PLACES[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_768_478_400_000);

    #[test]
    fn ninety_days_hold_about_three_thousand_orders_and_the_last_ends_before_now() {
        let days = days(NOW, 90);
        let orders: Vec<&Planned> = days.iter().flatten().collect();
        assert!((2_800..=3_300).contains(&orders.len()), "{}", orders.len());
        assert!(orders.iter().all(|o| o.at < NOW && o.at >= NOW.plus_ms(-90 * DAY_MS)));
        assert!(days.iter().all(|day| day.is_sorted_by_key(|o| o.at)));
    }

    #[test]
    fn every_demo_has_the_same_past() {
        assert_eq!(days(NOW, 30), days(NOW, 30));
    }
}
