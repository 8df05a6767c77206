//! One order in every state, made in the last minutes before the demo opens: some of them stay as they are only until
//! their time is over, like any other order.

use super::Past;
use super::orders;
use super::plan::{CARD, Planned, Way};
use crate::clock::past::at;
use crate::demo::numbers::{NETWORK_SILENT, NETWORK_SLOW};
use anyhow::{Result, bail};
use domain::locale::Locale;
use domain::time::{MINUTE_MS, SECOND_MS, UnixMs};
use flows::request::{self, Reply, RequestKey};
use flows::top_up::reverse::{self, FloatReversal};
use std::sync::Arc;

/// A status that nobody knows.
const UNKNOWN_STATUS: &str = "4000009900000087";
/// Takes another amount than asked.
const OTHER_AMOUNT: &str = "4000009900000095";
/// Whose refunds stay pending.
const REFUND_PENDS: &str = "4000009900000129";

/// The buyer of all of them, and the number.
const NUMBER: &str = "+447400151160";

fn planned(now: UnixMs, minutes_ago: i64, way: Way) -> Planned {
    Planned {
        at: now.plus_ms(-minutes_ago * MINUTE_MS),
        number: NUMBER.into(),
        offer: "gb-credit-10".into(),
        way,
        card: CARD,
        locale: Locale::ZhCn,
        email: Some("buyer@example.org".into()),
        buyer: 1,
        lin: false,
        took_ms: 20 * SECOND_MS,
    }
}

/// Makes them. Credited, cancelled and refunded ones are in the past already.
pub async fn make(past: &Arc<Past>, now: UnixMs) -> Result<()> {
    let number = |n: i64| format!("+{}", 447_400_151_160 + n);
    let all = [
        // Waiting for payment; the page stays open for half an hour.
        Planned { number: number(0), ..planned(now, 4, Way::Left) },
        Planned { number: number(1), card: UNKNOWN_STATUS, ..planned(now, 5, Way::Card) },
        Planned { number: number(2), card: OTHER_AMOUNT, ..planned(now, 9, Way::Card) },
        Planned { number: number(3), card: REFUND_PENDS, ..planned(now, 12, Way::Barred) },
        Planned { number: NETWORK_SLOW.into(), ..planned(now, 3, Way::Card) },
        Planned { number: NETWORK_SILENT.into(), ..planned(now, 2, Way::Card) },
    ];
    for order in all {
        past.outside.set_clock(Some(order.at)).await?;
        orders::play(past.clone(), order).await?;
    }
    at(now.plus_ms(-MINUTE_MS), reversed(past, planned(now, 1, Way::Float))).await
}

/// A partner sells to a wrong number and takes it back.
async fn reversed(past: &Past, planned: Planned) -> Result<()> {
    let id = orders::float(past, &planned).await?;
    let key = past.world.ids.next(planned.at);
    let wanted = FloatReversal {
        key: RequestKey::of(past.caller.partner.as_str(), &key, key.as_bytes()),
        seller: past.caller.seller(),
        top_up: id,
        within_ms: past.world.settings.reverse_within_ms,
        answering: request::plainly(&past.world),
    };
    let reply = reverse::of_float(&past.world, wanted).await?;
    let Reply::Answered(answer) = reply else { bail!("the sale was not taken back: {reply:?}") };
    match request::outcome(&past.world, &answer)? {
        Some(Ok(_)) => Ok(()),
        other => bail!("the sale was not taken back: {other:?}"),
    }
}
