//! The pass: a cookie that lets this browser see one order, given when it was bought here or proved.

use crate::site::Site;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::time::{DAY_MS, UnixMs};
use store::keyring::Purpose;

const LASTS_MS: i64 = 30 * DAY_MS;
/// A browser keeps the passes of its newest orders.
const PASSES_MAX: usize = 20;

fn name(code: &str) -> String {
    format!("order_{}", code.replace('-', ""))
}

/// Adds the pass for an order; the oldest passes leave when there are too many.
pub fn give(site: &Site, jar: CookieJar, code: &str) -> Result<CookieJar, flows::Error> {
    let until = site.world.now().plus_ms(LASTS_MS);
    let sealed = site.world.keyring.seal(Purpose::OrderPass, &format!("{code} {}", until.0))?;
    let mut passes: Vec<(i64, String)> = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with("order_"))
        .map(|cookie| (read(site, cookie.value()).map_or(0, |(_, until)| until.0), cookie.name().to_owned()))
        .collect();
    passes.sort();
    let surplus = (passes.len() + 1).saturating_sub(PASSES_MAX);
    let mut jar = jar;
    for (_, old) in passes.into_iter().take(surplus) {
        jar = jar.remove(Cookie::build(old).path("/o").build());
    }
    let cookie = Cookie::build((name(code), sealed))
        .path("/o")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .permanent()
        .build();
    Ok(jar.add(cookie))
}

/// Has this browser a pass for the order?
pub fn has(site: &Site, jar: &CookieJar, code: &str) -> bool {
    let pass = jar.get(&name(code)).and_then(|cookie| read(site, cookie.value()));
    pass.is_some_and(|(of, until)| of == code && site.world.now() < until)
}

fn read(site: &Site, sealed: &str) -> Option<(String, UnixMs)> {
    let text = site.world.keyring.open_sealed(Purpose::OrderPass, sealed).ok()?;
    let (code, until) = text.split_once(' ')?;
    Some((code.to_owned(), UnixMs(until.parse().ok()?)))
}
