//! How many security codes are asked for and sent. Each limit counts in a window of its own.

use crate::error::Result;
use crate::world::World;
use domain::risk::{Limit, Switch};
use domain::security_code::{RESEND_MS, TRIES_MAX};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// One limit: so many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    pub most: i64,
    pub window_ms: i64,
}

/// Wrong tries for one target from one place.
pub(crate) const WRONG: Cap = Cap { most: TRIES_MAX, window_ms: 15 * MINUTE_MS };
/// Between two codes to one target.
pub(crate) const PAUSE: Cap = Cap { most: 1, window_ms: RESEND_MS };

/// The limits as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Codes to one number or address.
    pub per_target: Cap,
    /// Codes to numbers that were handed out together: fraudsters own such series.
    pub per_prefix: Cap,
    /// Codes asked for from one place.
    pub per_place: Cap,
    /// Text messages with codes in all: the most that they may cost in a day.
    pub texts: Cap,
    /// Are codes sent by text message at all?
    pub texts_on: bool,
    /// Are accounts made?
    pub accounts_on: bool,
}

/// What holds now: what the operator set, or the usual.
pub async fn limits(world: &World) -> Result<Limits> {
    let set = crate::risk::limits(world).await?;
    let hourly = |limit: Limit| Cap { most: set.of(limit), window_ms: HOUR_MS };
    Ok(Limits {
        per_target: hourly(Limit::CodesPerTarget),
        per_prefix: hourly(Limit::CodesPerPrefix),
        per_place: hourly(Limit::CodesPerPlace),
        texts: Cap { window_ms: DAY_MS, ..hourly(Limit::CodesBySms) },
        texts_on: world.sms.is_some() && set.on(Switch::CodesBySms),
        accounts_on: set.on(Switch::NewAccounts),
    })
}
