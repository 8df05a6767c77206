//! Places where people can top up: taken from the operator's file ([`import`]), found by what people type or by where
//! they are ([`search`]), and what one looks like ([`photo`]).

pub mod feed;
pub mod import;
pub mod photo;
pub mod search;

use crate::error::Result;
use crate::world::World;
use domain::place::hours::{Hours, Standing};
use domain::place::{Authorisation, Place};
use domain::time::UnixMs;

/// A place with all that a visitor wants to know now.
#[derive(Debug, Clone)]
pub struct Seen {
    pub place: Place,
    pub authorisation: Authorisation,
    pub standing: Standing,
    /// When its photo was taken, where there is one that is not too old.
    pub photo_at: Option<UnixMs>,
}

/// The place whose sticker says this number, whatever its state.
pub async fn look(world: &World, number: &str) -> Result<Option<Seen>> {
    let number = number.to_owned();
    let found = world.db.read(move |tx| {
        let Some(place) = store::place::find_by_number(tx, &number)? else { return Ok(None) };
        let taken = store::place::photo_taken_at(tx, &place.id)?;
        Ok(Some((place, taken)))
    });
    let now = world.now();
    Ok(found.await?.map(|(place, taken)| Seen {
        authorisation: place.authorisation(now),
        standing: standing(&place, now),
        photo_at: taken.filter(|taken| photo::is_recent(*taken, now)),
        place,
    }))
}

/// Is it open? Hours that cannot be read were never taken in; then it is not said to be open.
fn standing(place: &Place, now: UnixMs) -> Standing {
    match Hours::read(&place.hours, &place.country) {
        Ok(hours) => hours.at(now, &place.time_zone),
        Err(_) => Standing::Closed { opens: None, holiday: false },
    }
}
