//! What people asked the support in the past, and what staff did about it: an answered question, one that nobody has
//! taken on yet, one without an order, and a refund that waits for its second person. The texts are in
//! `demo/cases.toml`.

use super::Past;
use crate::clock::past::at;
use anyhow::{Context, Result, anyhow, bail};
use domain::id::{SubscriberId, TopUpId};
use domain::locale::Locale;
use domain::refund_request::RefundRequestReason;
use domain::staff::Role;
use domain::support_case::CaseCause;
use domain::time::{MINUTE_MS, UnixMs};
use domain::top_up::TopUpState;
use flows::care::Colleague;
use flows::care::cases::{self, Question, Taken};
use flows::care::desk::{self, Done, Writing};
use flows::care::refunds::{self, Ask};
use serde::Deserialize;
use store::support_case::SupportCase;

const CASES: &str = include_str!("../../../demo/cases.toml");
const CLERK: &str = "clerk";
/// What an answer took.
const ANSWERED_AFTER_MS: i64 = 25 * MINUTE_MS;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: Option<String>,
    cause: String,
    locale: Locale,
    minutes_ago: i64,
    #[serde(default)]
    contact: String,
    text: String,
    answer: Option<String>,
    rating: Option<i64>,
    /// The clerk asks that the money goes back, with this note.
    refund: Option<String>,
}

/// Asks everything, each at its time.
pub async fn make(past: &Past, now: UnixMs) -> Result<()> {
    let asked: Asked = toml::from_str(CASES).context("demo/cases.toml")?;
    let staff = past.world.db.read(store::staff::list).await?;
    let clerk = staff.into_iter().find(|member| member.login == CLERK).context("the demo has no clerk")?;
    let clerk = Colleague { id: clerk.id, role: Role::Clerk };
    for case in asked.case {
        at(now.plus_ms(-case.minutes_ago * MINUTE_MS), play(past, &clerk, case)).await?;
    }
    Ok(())
}

async fn play(past: &Past, clerk: &Colleague, case: Case) -> Result<()> {
    let (world, subscriber) = (&past.world, past.lin.get().filter(|_| case.about.as_deref() == Some("lin")));
    let top_up = order(past, case.about.as_deref(), subscriber.cloned()).await?;
    let question = Question {
        key: world.ids.next(world.now()),
        top_up: top_up.clone(),
        subscriber: subscriber.cloned(),
        cause: CaseCause::parse(&case.cause).with_context(|| case.cause.clone())?,
        locale: case.locale,
        text: case.text.clone(),
        contact: case.contact.clone(),
        files: Vec::new(),
        address: "127.0.0.1".into(),
    };
    let opened = match cases::open(world, question).await? {
        Taken::Yes(opened) => opened,
        refused @ (Taken::No(_) | Taken::Locked(_)) => bail!("the question was not taken: {refused:?}"),
    };
    if let Some(text) = &case.answer {
        crate::clock::past::pass(ANSWERED_AFTER_MS);
        answered(past, clerk, &opened, text, case.rating).await?;
    }
    match (case.refund, top_up) {
        (Some(note), Some(top_up)) => {
            let reason = RefundRequestReason::OtherAmount;
            let asked = refunds::ask(world, clerk, Ask { top_up, attempt: None, reason, note }).await?;
            asked.map(drop).map_err(|refused| anyhow!("the refund was not asked for: {}", refused.code()))
        }
        (None, _) | (_, None) => Ok(()),
    }
}

/// The clerk answers; the asker closes the case and says how it was.
async fn answered(
    past: &Past,
    clerk: &Colleague,
    case: &SupportCase,
    text: &str,
    rating: Option<i64>,
) -> Result<()> {
    let world = &past.world;
    let key = world.ids.next(world.now());
    let written = desk::write(world, clerk, &case.id, Writing::Answer, &key, text).await?;
    if written != Done::Yes {
        bail!("the answer was not taken: {written:?}");
    }
    cases::close(world, &case.id).await?;
    if let Some(rating) = rating {
        cases::rate(world, &case.id, rating).await?;
    }
    Ok(())
}

/// The order that is asked about.
async fn order(past: &Past, about: Option<&str>, lin: Option<SubscriberId>) -> Result<Option<TopUpId>> {
    let Some(about) = about else { return Ok(None) };
    let state = TopUpState::parse(about);
    let (first, last) = (TopUpId::stored("tu_"), TopUpId::stored("tu_~"));
    let found = past.world.db.read(move |tx| match &lin {
        Some(lin) => store::search::of_subscriber(tx, lin, 1),
        None => store::search::of_days(tx, &first, &last, state, 1),
    });
    // A short past has not all of them; then the question is about none.
    Ok(found.await?.into_iter().next().map(|newest| newest.id))
}
