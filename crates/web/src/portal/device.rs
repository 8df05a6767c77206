//! The device cookie: a random name by which orders of one browser are counted. It says nothing about its reader, and
//! what is stored of it is a keyed hash (`flows::risk`). Whoever refuses it is counted by number and address alone.

use super::session;
use crate::site::Site;
use axum_extra::extract::CookieJar;

const COOKIE: &str = "device";
/// 128 bits in hexadecimal.
const CHARS: usize = 32;

/// The browser's name, if it has one.
pub fn of(jar: &CookieJar) -> Option<String> {
    let value = jar.get(COOKIE)?.value();
    let fits = value.len() == CHARS && value.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| value.to_owned())
}

/// Gives the browser a name unless it has one.
pub fn keep(site: &Site, jar: CookieJar) -> CookieJar {
    if of(&jar).is_some() {
        return jar;
    }
    let name = site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect();
    jar.add(session::lasting(site, COOKIE, name))
}
