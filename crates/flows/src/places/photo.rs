//! What a place looks like: one picture, without what the camera wrote into it, shown as long as it is recent.

use crate::care::picture;
use crate::error::Result;
use crate::world::World;
use domain::place::{PHOTO_BYTES_MAX, PHOTO_DAYS_MAX, canonical_number};
use domain::time::{DAY_MS, UnixMs};
use store::place::Photo;

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("no place has this number")]
    PlaceUnknown,
    #[error("the picture has more than {PHOTO_BYTES_MAX} bytes: make it smaller")]
    TooLarge,
    #[error("the file is no JPEG, PNG or WebP picture, or is damaged")]
    NoPicture,
}

pub(super) fn is_recent(taken: UnixMs, now: UnixMs) -> bool {
    taken.plus_ms(PHOTO_DAYS_MAX * DAY_MS) > now
}

/// Gives a place its picture, in the place of an earlier one.
pub async fn set(world: &World, number: &str, bytes: &[u8]) -> Result<std::result::Result<(), Unfit>> {
    if bytes.len() > PHOTO_BYTES_MAX {
        return Ok(Err(Unfit::TooLarge));
    }
    let kind = picture::kind_of(bytes).filter(|kind| kind.is_picture());
    let Some((kind, clean)) = kind.and_then(|kind| Some((kind, picture::without_metadata(kind, bytes)?)))
    else {
        return Ok(Err(Unfit::NoPicture));
    };
    let Some(number) = canonical_number(number) else { return Ok(Err(Unfit::PlaceUnknown)) };
    let photo = Photo { kind, taken_at: world.now(), bytes: clean };
    let written = world.db.write(move |tx| {
        let Some(place) = store::place::find_by_number(tx, &number)? else {
            return Ok(Err(Unfit::PlaceUnknown));
        };
        store::place::put_photo(tx, &place.id, &photo)?;
        Ok(Ok(()))
    });
    Ok(written.await?)
}

/// The picture of a place, where there is one that is not too old.
pub async fn get(world: &World, number: &str) -> Result<Option<Photo>> {
    let number = number.to_owned();
    let read = world.db.read(move |tx| match store::place::find_by_number(tx, &number)? {
        Some(place) => store::place::photo(tx, &place.id),
        None => Ok(None),
    });
    let now = world.now();
    Ok(read.await?.filter(|photo| is_recent(photo.taken_at, now)))
}
