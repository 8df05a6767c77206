//! All places that may be shown, for map providers and search engines: read in pages, so that no list is ever held
//! whole, under a mark that changes when one of them does.

use crate::error::Result;
use crate::world::World;
use domain::place::{Authorisation, Place};
use domain::time::DAY_MS;

/// Places read at once.
const PAGE: i64 = 500;
/// Places in one file of the site map, and files: search engines take 50,000 addresses in each.
pub const PER_MAP: i64 = 5_000;
const MAPS_MAX: usize = 1_000;

/// Changes whenever the feed does: by a change of a place, or with the day, because certificates end.
pub async fn mark(world: &World) -> Result<String> {
    let changed = world.db.read(store::place::changed_at).await?;
    Ok(format!("{:x}-{:x}", changed.map_or(0, |at| at.0), world.now().0 / DAY_MS))
}

/// The authorised places of the page after this number, and where the next page begins, if there is one.
pub async fn page(world: &World, after: &str) -> Result<(Vec<Place>, Option<String>)> {
    let after = after.to_owned();
    let read = world.db.read(move |tx| store::place::list_after(tx, &after, PAGE)).await?;
    let full = i64::try_from(read.len()).unwrap_or(0) == PAGE;
    let next = read.last().filter(|_| full).map(|last| last.number.clone());
    let now = world.now();
    let shown = read.into_iter().filter(|place| place.authorisation(now) == Authorisation::Valid).collect();
    Ok((shown, next))
}

/// Where the files of the site map begin: after these numbers.
pub async fn maps(world: &World) -> Result<Vec<String>> {
    let mut begin = vec![String::new()];
    begin.extend(world.db.read(|tx| store::place::marks(tx, PER_MAP, MAPS_MAX)).await?);
    Ok(begin)
}

/// The numbers of the authorised places in the file of the site map that begins after this number.
pub async fn map(world: &World, after: &str) -> Result<Vec<String>> {
    let mut numbers = Vec::new();
    let mut begin = Some(after.to_owned());
    for _ in 0..PER_MAP / PAGE {
        let Some(after) = begin.take() else { break };
        let (places, next) = page(world, &after).await?;
        numbers.extend(places.into_iter().map(|place| place.number));
        begin = next;
    }
    Ok(numbers)
}
