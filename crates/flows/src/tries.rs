//! Tries that are counted, so that nobody finds out by guessing: in the database, so that a limit holds across
//! processes and restarts.

use crate::error::Result;
use crate::world::World;
use domain::time::{MINUTE_MS, UnixMs};
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

/// Counts a number that somebody at `address` asks for: whether it is a line of ours must not be found out by
/// trying. `Some`: not before this time.
pub async fn of_numbers(world: &World, address: &str) -> Result<Option<UnixMs>> {
    count(world, vec![(format!("number-from/{address}"), NUMBERS_PER_ADDRESS)]).await
}
