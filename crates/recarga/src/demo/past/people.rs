//! Lin Yue, whom the demo's personal centre belongs to: registered by real codes, a regular buyer, and with a bundle
//! of which most is used.

use super::Past;
use super::plan::{CARD, Planned, Way};
use crate::clock::past::at;
use crate::demo::numbers::LIN;
use anyhow::{Result, anyhow, bail};
use domain::id::SubscriberId;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use domain::unit::Unit;
use flows::account::Asker;
use flows::account::register::{self, Details};
use flows::request::{Reply, RequestKey};
use flows::usage::{self, Outcomes, Record, Request};
use std::sync::Arc;
use store::response::Answer;

/// The address behind the door of the personal centre.
pub const ADDRESS: &str = "lin@luma.example";

/// The bundle was bought so many days ago: of its 30 days three are left.
pub const BUNDLE_DAYS_AGO: i64 = 27;
/// What is used of its 5 GB until now, in so many parts.
const USED_OCTETS: i64 = 3_800_000_000;
const USES: i64 = 52;
/// Lin tops up every so many days.
const EVERY_DAYS: i64 = 12;

/// Registers Lin at `now`, the day's time.
pub async fn register(past: &Past) -> Result<SubscriberId> {
    let asker = Asker {
        address: "127.0.0.1".into(),
        locale: Locale::ZhCn,
        country: Some("GB".into()),
        device: "Chrome, Android".into(),
    };
    let world = &past.world;
    let said = |refusal| anyhow!("Lin was not registered: {refusal:?}");
    let begun = register::begin(world, &asker, ADDRESS).await?.map_err(said)?;
    let code = past.outside.code_at(ADDRESS).await?;
    let proved = register::prove_email(world, &asker, &begun.sent.held, &code, &begun.registration).await?;
    let id = proved.map_err(said)?;
    let details = Details {
        number: LIN.into(),
        country: "GB".into(),
        name: "\u{6797}\u{60a6}".into(),
        locale: Locale::ZhCn,
        marketing: Vec::new(),
    };
    let sent = register::fill_in(world, &asker, &id, &details).await?.map_err(said)?;
    let code = past.outside.code_at(LIN).await?;
    let entered = register::finish(world, &asker, &sent.held, &code, &id).await?;
    Ok(entered.map_err(said)?.subscriber)
}

/// What Lin buys on the day that began so many days ago.
pub fn orders(begins: UnixMs, days_ago: i64) -> Vec<Planned> {
    let order = |offer: &str, way, hour| Planned {
        at: begins.plus_ms(hour * HOUR_MS),
        number: LIN.into(),
        offer: offer.into(),
        way,
        card: CARD,
        locale: Locale::ZhCn,
        email: Some(ADDRESS.into()),
        buyer: 0,
        lin: true,
        took_ms: MINUTE_MS,
    };
    match days_ago {
        BUNDLE_DAYS_AGO => vec![order("gb-traveller", Way::Card, 1)],
        _ if days_ago % EVERY_DAYS == 5 => vec![order("gb-credit-10", Way::PayPal, 9)],
        _ => Vec::new(),
    }
}

/// What Lin's phone uses between the bundle and now.
pub async fn uses(past: &Past, begins: UnixMs, days_ago: i64) -> Result<()> {
    let parts = USES / (BUNDLE_DAYS_AGO - 1);
    if days_ago >= BUNDLE_DAYS_AGO {
        return Ok(());
    }
    for part in 0..parts {
        let used_at = begins.plus_ms((part + 1) * DAY_MS / (parts + 1));
        let id = format!("lin-{days_ago}-{part}");
        at(used_at, one_use(past, id, used_at)).await?;
    }
    Ok(())
}

async fn one_use(past: &Past, id: String, used_at: UnixMs) -> Result<()> {
    let world = past.world.clone();
    let request = Request {
        key: RequestKey::of(past.caller.partner.as_str(), &id, id.as_bytes()),
        caller: past.caller.clone(),
        record: Record {
            id,
            msisdn: Msisdn::parse_e164(LIN)?,
            unit: Unit::Octets,
            amount: USED_OCTETS / USES,
            used_at,
        },
        answering: Arc::new(move |outcome| {
            let status = if matches!(outcome, Outcomes::Taken(..)) { 201 } else { 409 };
            Answer::new(&world.keyring, status, "")
        }),
    };
    match usage::spend(&past.world, request).await? {
        Reply::Answered(answer) if answer.status == 201 => Ok(()),
        other => bail!("Lin's use was not taken: {other:?}"),
    }
}
