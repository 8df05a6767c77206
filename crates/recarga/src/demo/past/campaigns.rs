//! Marketing of the past: Lin agreed to it, one campaign was sent, and one waits for its second person. The texts are in
//! `demo/campaigns.toml`.

use super::Past;
use crate::clock::past::at;
use anyhow::{Context, Result, anyhow};
use domain::campaign::{Plan, Words, open_at};
use domain::id::{CampaignId, SessionId};
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::staff::Role;
use domain::time::{DAY_MS, MINUTE_MS, UnixMs};
use flows::account::{Who, own};
use flows::campaign::decide::{self, Decision};
use flows::care::Colleague;
use serde::Deserialize;
use std::collections::BTreeMap;

const CAMPAIGNS: &str = include_str!("../../../demo/campaigns.toml");
const MARKET: &str = "GB";
const ZONE: &str = "Europe/London";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    campaign: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    name: String,
    /// `sent` or `asked`.
    state: String,
    days_ago: i64,
    lasts_days: i64,
    channels: Vec<NoticeChannel>,
    note: String,
    words: BTreeMap<Locale, Words>,
}

/// Writes all of them, each at its time; what is sent is sent by day.
pub async fn make(past: &std::sync::Arc<Past>, now: UnixMs) -> Result<()> {
    let written: Written = toml::from_str(CAMPAIGNS).context("demo/campaigns.toml")?;
    let staff = past.world.db.read(store::staff::list).await?;
    let of = |login: &str, role: Role| {
        let found = staff.iter().find(|member| member.login == login);
        let found = found.with_context(|| format!("the demo has no {login}"));
        found.map(|member| Colleague { id: member.id.clone(), role })
    };
    let (clerk, supervisor) = (of("clerk", Role::Clerk)?, of("supervisor", Role::Supervisor)?);
    if let Some(lin) = past.lin.get() {
        let now = past.world.now();
        let session = SessionId::new(past.world.ids.as_ref(), now);
        let lin = Who { subscriber: lin.clone(), session, proved_at: now };
        let agreed = [NoticeChannel::Sms, NoticeChannel::Email];
        at(now.plus_ms(-20 * DAY_MS), own::set_marketing(&past.world, &lin, &agreed)).await?;
    }
    for one in written.campaign {
        // The request of today was made a while ago; an older one began in the daytime.
        let sent = one.state == "sent";
        let then = now.plus_ms(-one.days_ago * DAY_MS - 40 * MINUTE_MS);
        let begins = if sent { open_at(then, &[ZONE]) } else { then };
        let id = at(begins, ask(past, &clerk, one, begins)).await?;
        if let (id, Some(note)) = id {
            at(begins.plus_ms(MINUTE_MS), decided(past, &supervisor, &id, Decision::Approve, &note)).await?;
            let ends = begins.plus_ms(20 * MINUTE_MS);
            past.clock.set(ends);
            past.outside.set_clock(Some(ends)).await?;
            past.work(begins.plus_ms(MINUTE_MS), ends).await?;
            past.clock.set(now);
        }
    }
    Ok(())
}

/// The clerk writes and asks; gives the note of the approval where it is approved.
async fn ask(
    past: &Past,
    clerk: &Colleague,
    one: One,
    begins: UnixMs,
) -> Result<(CampaignId, Option<String>)> {
    let plan = Plan {
        name: one.name,
        channels: one.channels,
        fallback: Locale::En,
        words: one.words,
        promotion: None,
        markets: vec![MARKET.into()],
        starts_at: begins,
        ends_at: begins.plus_ms(one.lasts_days * DAY_MS),
    };
    let written = decide::write(&past.world, clerk, None, plan).await?;
    let id = written.map_err(|refused| anyhow!("the campaign was not written: {refused:?}"))?;
    decided(past, clerk, &id, Decision::Ask, "").await?;
    Ok((id, (one.state == "sent").then_some(one.note)))
}

async fn decided(past: &Past, by: &Colleague, id: &CampaignId, what: Decision, note: &str) -> Result<()> {
    let decided = decide::decide(&past.world, by, id, what, note).await?;
    decided.map(drop).map_err(|refused| anyhow!("{what:?} was refused: {refused:?}"))
}
