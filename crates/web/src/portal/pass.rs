//! The pass: a cookie that lets this browser see one order, given when it was bought here or proved.
//!
//! One more is made before an order exists, when its price is shown: should the answer to Pay be lost, the browser
//! finds the order all the same.

use crate::site::Site;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::time::{DAY_MS, UnixMs};
use render::view::OwnOrder;
use store::keyring::Purpose;
use time::Duration;

const LASTS_DAYS: i64 = 30;
/// A browser keeps the passes of its newest orders.
const PASSES_MAX: usize = 20;
const PREFIX: &str = "order_";
/// The pass of the order that the review page shows, which may never be made: the next review takes its place.
const NEXT: &str = "order_next";

/// A pass as a browser shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub code: String,
    until: UnixMs,
    /// Was the order bought with this browser? Its whole number is known here then.
    pub bought: bool,
}

impl Pass {
    fn text(&self) -> String {
        let how = if self.bought { "bought" } else { "proved" };
        format!("{} {} {how}", self.code, self.until.0)
    }

    fn read(site: &Site, cookie: &Cookie<'_>) -> Option<Pass> {
        let text = site.world.keyring.open_sealed(Purpose::OrderPass, cookie.value()).ok()?;
        let mut parts = text.split(' ');
        let (code, until) = (parts.next()?.to_owned(), UnixMs(parts.next()?.parse().ok()?));
        let pass = Pass { code, until, bought: parts.next() == Some("bought") };
        (site.world.now() < until).then_some(pass)
    }
}

fn name(code: &str) -> String {
    format!("{PREFIX}{}", code.replace('-', ""))
}

/// Adds the pass for an order; the oldest passes leave when there are too many.
pub fn give(site: &Site, jar: CookieJar, code: &str, bought: bool) -> Result<CookieJar, flows::Error> {
    let bought = bought || of(site, &jar, code).is_some_and(|pass| pass.bought);
    add(site, jar, name(code), code, bought)
}

/// Adds the pass for the order that may be made next. The one before it keeps its own if it was made; `orders` are
/// those that there are.
pub fn give_next(
    site: &Site,
    jar: CookieJar,
    code: &str,
    orders: &[OwnOrder],
) -> Result<CookieJar, flows::Error> {
    let before = jar.get(NEXT).and_then(|cookie| Pass::read(site, cookie)).map(|pass| pass.code);
    let made = before.filter(|before| orders.iter().any(|order| order.code == *before));
    let jar = match made {
        Some(made) => give(site, jar, &made, true)?,
        None => jar,
    };
    add(site, jar, NEXT.to_owned(), code, true)
}

fn add(
    site: &Site,
    jar: CookieJar,
    name: String,
    code: &str,
    bought: bool,
) -> Result<CookieJar, flows::Error> {
    let until = site.world.now().plus_ms(LASTS_DAYS * DAY_MS);
    let pass = Pass { code: code.to_owned(), until, bought };
    let sealed = site.world.keyring.seal(Purpose::OrderPass, &pass.text())?;
    let mut passes: Vec<(i64, String)> = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with(PREFIX) && cookie.name() != name)
        .map(|cookie| (Pass::read(site, cookie).map_or(0, |pass| pass.until.0), cookie.name().to_owned()))
        .collect();
    passes.sort();
    let surplus = (passes.len() + 1).saturating_sub(PASSES_MAX);
    let mut jar = jar;
    for (_, old) in passes.into_iter().take(surplus) {
        jar = jar.remove(Cookie::build(old).path("/").build());
    }
    let cookie = Cookie::build((name, sealed))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .max_age(Duration::days(LASTS_DAYS))
        .build();
    Ok(jar.add(cookie))
}

/// The pass that this browser has for an order.
pub fn of(site: &Site, jar: &CookieJar, code: &str) -> Option<Pass> {
    let named = [name(code), NEXT.to_owned()];
    let passes = named.iter().filter_map(|name| jar.get(name)).filter_map(|cookie| Pass::read(site, cookie));
    passes.filter(|pass| pass.code == code).max_by_key(|pass| pass.bought)
}

/// The codes of all orders that this browser has a pass for.
pub fn codes(site: &Site, jar: &CookieJar) -> Vec<String> {
    let ours = jar.iter().filter(|cookie| cookie.name().starts_with(PREFIX));
    let mut codes: Vec<String> = ours.filter_map(|c| Pass::read(site, c)).map(|pass| pass.code).collect();
    codes.sort();
    codes.dedup();
    codes.truncate(PASSES_MAX);
    codes
}
