//! Tries that are counted, so that nobody finds out by guessing: in the database, so that a limit holds across
//! processes and restarts.

use crate::error::Result;
use crate::world::World;
use domain::time::{MINUTE_MS, UnixMs};
use std::net::{IpAddr, Ipv6Addr};
use store::throttle;

const WINDOW_MS: i64 = 15 * MINUTE_MS;
/// Shops and offices share an address: a person never gets there, a list of numbers does.
const NUMBERS_PER_ADDRESS: i64 = 60;

/// Counts one more try under each key, with how many are allowed in a quarter of an hour. `Some`: one was too many,
/// and nothing is answered before this time.
pub(crate) async fn count(world: &World, keys: Vec<(String, i64)>) -> Result<Option<UnixMs>> {
    let now = world.now();
    let locked = world.db.write(move |tx| {
        let mut until = None;
        for (key, limit) in &keys {
            let (count, ends) = throttle::count(tx, key, WINDOW_MS, now)?;
            if count > *limit {
                until = until.max(Some(ends));
            }
        }
        Ok(until)
    });
    Ok(locked.await?)
}

/// Takes a try back under each key: it was right, and only wrong ones count.
pub(crate) async fn give_back(world: &World, keys: Vec<String>) -> Result<()> {
    let given = world.db.write(move |tx| keys.iter().try_for_each(|key| throttle::give_back(tx, key)));
    Ok(given.await?)
}

/// What tries from an address are counted under: whoever has one IPv6 address has all of its network (RFC 4291 §2.5.4).
pub(crate) fn place(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Counts a number that somebody at `address` asks for: whether it is a line of ours must not be found out by
/// trying. `Some`: not before this time.
pub async fn of_numbers(world: &World, address: &str) -> Result<Option<UnixMs>> {
    count(world, vec![(format!("number-from/{}", place(address)), NUMBERS_PER_ADDRESS)]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_place_however_many_addresses_it_has() {
        assert_eq!(place("2001:db8:1:2::1"), place("2001:db8:1:2:ffff::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_eq!(place("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(place("unknown"), "unknown");
    }
}
