//! Accounts as they are stored: one file per noun. What is personal stands sealed, and is found by keyed hash.
//!
//! Start reading at [`subscriber`] and [`contact`]; [`session`] is who is signed in, [`security_code`] what was
//! sent to prove it. [`erase`] leaves nothing personal behind.

pub mod consent;
pub mod contact;
pub mod erase;
pub mod notice;
pub mod registration;
pub mod security_code;
pub mod session;
pub mod subscriber;
pub mod subscriber_line;

use crate::db::Tx;
use domain::time::{DAY_MS, UnixMs};

/// What ended a while ago is forgotten, at most `limit` rows of each kind: codes after a day, registrations when they
/// lapse, sessions after three months, and messages after half a year.
pub fn purge(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> anyhow::Result<()> {
    security_code::purge(tx, now.plus_ms(-DAY_MS), limit)?;
    registration::purge(tx, now, limit)?;
    session::purge(tx, now.plus_ms(-90 * DAY_MS), limit)?;
    notice::purge(tx, now.plus_ms(-180 * DAY_MS), limit)?;
    Ok(())
}
