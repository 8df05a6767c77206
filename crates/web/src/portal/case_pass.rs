//! The pass for a support case: a cookie that lets this browser see one question, given when it was asked here or
//! proved. As [`super::pass`] is for orders.

use crate::site::Site;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::time::{DAY_MS, UnixMs};
use store::keyring::Purpose;
use time::Duration;

const LASTS_DAYS: i64 = 30;
/// A browser keeps the passes of its newest questions.
const PASSES_MAX: usize = 10;
const PREFIX: &str = "case_";

/// Code and end of a pass that is ours and still serves.
fn read(site: &Site, cookie: &Cookie<'_>) -> Option<(String, UnixMs)> {
    let text = site.world.keyring.open_sealed(Purpose::CasePass, cookie.value()).ok()?;
    let (code, until) = text.split_once(' ')?;
    let until = UnixMs(until.parse().ok()?);
    (site.world.now() < until).then(|| (code.to_owned(), until))
}

fn name(code: &str) -> String {
    format!("{PREFIX}{}", code.replace('-', ""))
}

/// Adds the pass for a case; the oldest passes leave when there are too many.
pub fn give(site: &Site, jar: CookieJar, code: &str) -> Result<CookieJar, flows::Error> {
    let until = site.world.now().plus_ms(LASTS_DAYS * DAY_MS);
    let sealed = site.world.keyring.seal(Purpose::CasePass, &format!("{code} {}", until.0))?;
    let own = name(code);
    let mut others: Vec<(i64, String)> = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with(PREFIX) && cookie.name() != own)
        .map(|cookie| (read(site, cookie).map_or(0, |(_, until)| until.0), cookie.name().to_owned()))
        .collect();
    others.sort();
    let surplus = (others.len() + 1).saturating_sub(PASSES_MAX);
    let jar = others
        .into_iter()
        .take(surplus)
        .fold(jar, |jar, (_, old)| jar.remove(Cookie::build(old).path("/").build()));
    let cookie = Cookie::build((own, sealed))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .max_age(Duration::days(LASTS_DAYS))
        .build();
    Ok(jar.add(cookie))
}

/// Has this browser a pass for the case?
pub fn has(site: &Site, jar: &CookieJar, code: &str) -> bool {
    jar.get(&name(code)).and_then(|cookie| read(site, cookie)).is_some_and(|(of, _)| of == code)
}

/// The codes of all cases that this browser has a pass for.
pub fn codes(site: &Site, jar: &CookieJar) -> Vec<String> {
    let ours = jar.iter().filter(|cookie| cookie.name().starts_with(PREFIX));
    let mut codes: Vec<String> = ours.filter_map(|cookie| read(site, cookie)).map(|(code, _)| code).collect();
    codes.sort();
    codes.truncate(PASSES_MAX);
    codes
}
