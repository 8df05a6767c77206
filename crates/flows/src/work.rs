//! Work: runs what the outbox says is due. Whoever finds a row may run it; running it twice does no harm.

use crate::error::Result;
use crate::world::World;
use crate::{account, campaign, notice, payment, sweep};
use domain::time::UnixMs;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::outbox::{self, Lane, Topic, Work};
use store::report;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// What became of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Finished,
    /// Nothing is known yet: try again, after a longer pause each time.
    Later(String),
    /// Come back at this time.
    At(UnixMs),
    /// Nothing more can be done by itself; the row stays for people.
    GivenUp(String),
    /// A fault of ours, not an answer: it is tried again and counts for nothing.
    Fault(String),
}

/// Faults of ours are tried again this often before people look.
const FAULTS_MAX: i64 = 20;
const IDLE: Duration = Duration::from_millis(250);
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// After so many faults in a row people are told, while it is still tried.
const FAULTS_TOLD: i64 = 6;

/// So many pieces of one lane may run before it claims more; a lane can be over it by a batch. Marketing leaves the SMS
/// centre and the mail server, which take few at a time, to codes and receipts.
fn room(lane: Lane) -> usize {
    match lane {
        Lane::Marketing => 2,
        Lane::Money
        | Lane::Network
        | Lane::Messages
        | Lane::Paper
        | Lane::Fiscal
        | Lane::ButMessages
        | Lane::All => 128,
    }
}

fn batch(lane: Lane) -> i64 {
    match lane {
        Lane::Marketing => 2,
        Lane::Money
        | Lane::Network
        | Lane::Messages
        | Lane::Paper
        | Lane::Fiscal
        | Lane::ButMessages
        | Lane::All => 32,
    }
}

/// Gives back what a process that ended was holding. Only for an installation with a single process: nobody
/// else holds anything when it starts.
pub async fn reclaim(world: &World) -> Result<()> {
    let now = world.now();
    Ok(world.db.write(move |tx| outbox::reclaim(tx, now)).await?)
}

/// Runs due work until `stop` is told. What runs is finished first. Each lane has room of its own, and nothing in it
/// waits for its neighbours: an SMS centre, a printer or a network that hangs holds up nobody's money.
pub async fn serve(world: Arc<World>, stop: watch::Receiver<bool>) {
    let nothing_wakes_it = Notify::new();
    tokio::join!(
        lane(&world, Lane::Money, &world.work_waiting, stop.clone()),
        lane(&world, Lane::Network, &world.network_waiting, stop.clone()),
        lane(&world, Lane::Messages, &world.messages_waiting, stop.clone()),
        lane(&world, Lane::Paper, &world.paper_waiting, stop.clone()),
        lane(&world, Lane::Fiscal, &world.fiscal_waiting, stop.clone()),
        lane(&world, Lane::Marketing, &nothing_wakes_it, stop.clone()),
        sweeping(&world, stop)
    );
}

async fn lane(world: &Arc<World>, lane: Lane, waiting: &Notify, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        while running.try_join_next().is_some() {}
        let has_room = running.len() < room(lane);
        let begun = if has_room { begin_or_log(world, lane, &mut running).await } else { 0 };
        if begun > 0 {
            continue;
        }
        tokio::select! {
            // What ended may have left work, and leaves room.
            Some(_) = running.join_next() => {}
            () = waiting.notified(), if has_room => {}
            () = tokio::time::sleep(IDLE), if has_room => {}
            _ = stop.changed() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

async fn sweeping(world: &Arc<World>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = sweep::sweep(world).await {
            tracing::error!(error = %error.chain(), "the sweep failed");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn begin_or_log(world: &Arc<World>, lane: Lane, running: &mut JoinSet<()>) -> usize {
    begin_due(world, lane, running).await.unwrap_or_else(|error| {
        tracing::error!(error = %error.chain(), "claiming work failed");
        0
    })
}

/// Claims what is due now and begins it, and says how much it was.
async fn begin_due(world: &Arc<World>, lane: Lane, running: &mut JoinSet<()>) -> Result<usize> {
    let now = world.now();
    if !world.db.read(move |tx| outbox::is_due(tx, now, lane)).await? {
        return Ok(0);
    }
    let claimed = world.db.write(move |tx| outbox::claim(tx, now, batch(lane), lane)).await?;
    store::fail::point("work.after_claim");
    let count = claimed.len();
    for work in claimed {
        let world = world.clone();
        running.spawn(async move { run_now(&world, &work).await });
    }
    Ok(count)
}

/// Claims and runs what is due now, side by side, waits until it ended, and says how much it was.
pub async fn run_due(world: &Arc<World>, lane: Lane) -> Result<usize> {
    let mut running = JoinSet::new();
    let count = begin_due(world, lane, &mut running).await?;
    while running.join_next().await.is_some() {}
    Ok(count)
}

/// Runs one claimed piece of work and writes down what became of it.
pub async fn run_now(world: &World, work: &Work) {
    // One that panics is a fault like any other: caught here, it is written down and tried again.
    let failed = match AssertUnwindSafe(run(world, work)).catch_unwind().await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.chain()),
        Err(_) => Err("it panicked; the log says where".to_owned()),
    };
    let done = failed.unwrap_or_else(|text| {
        tracing::error!(topic = %work.topic, subject = %work.subject, error = %text, "work failed");
        if work.faults >= FAULTS_MAX { Done::GivenUp(text) } else { Done::Fault(text) }
    });
    let (work, now, ids) = (work.clone(), world.now(), world.ids.clone());
    let written = world
        .db
        .write(move |tx| match &done {
            Done::Finished => outbox::finish(tx, &work).map(|_| ()),
            Done::Later(why) => {
                let at = payment::poll::next_look(work.attempts - 1, now)
                    .unwrap_or(now.plus_ms(domain::time::DAY_MS));
                outbox::retry(tx, &work, at, why)
            }
            Done::Fault(why) => {
                let at = payment::poll::next_look(work.faults, now).unwrap_or(now);
                if work.faults == FAULTS_TOLD {
                    let what = "it fails each time; it is still tried";
                    report::once(tx, work.topic, &work.subject, what, ids.as_ref(), now)?;
                }
                outbox::postpone(tx, &work, at, why)
            }
            Done::At(at) => outbox::retry(tx, &work, *at, "waits"),
            Done::GivenUp(why) => outbox::bury(tx, &work, why),
        })
        .await;
    if let Err(error) = written {
        // The claim lapses and the work is found again.
        tracing::error!(error = %error, "the outcome of work was not written down");
    }
}

async fn run(world: &World, work: &Work) -> Result<Done> {
    match work.topic {
        Topic::Operation => payment::operate::run(world, work).await,
        Topic::NetworkCredit => crate::top_up::network::run(world, work).await,
        Topic::PollAttempt => payment::poll::attempt(world, work).await,
        Topic::PollRefund => payment::poll::refund(world, work).await,
        Topic::Webhook => payment::webhook::process(world, work).await,
        Topic::TopUpChanged => notice::announce(world, work).await,
        Topic::Late => notice::late(world, work).await,
        Topic::Message => notice::send(world, work).await,
        Topic::Receipt => notice::receipt(world, work).await,
        Topic::SupportAnswer => crate::care::answer::tell(world, work).await,
        Topic::SecurityCode => account::send::code(world, work).await,
        Topic::SecurityNotice => account::send::notice(world, work).await,
        Topic::Campaign => campaign::send::feed(world, work).await,
        Topic::CampaignMessage => campaign::send::message(world, work).await,
        Topic::FloatLow => crate::agents::low::warn(world, work).await,
        // It is left for people as it is.
        Topic::CapReached => Ok(Done::GivenUp("a cap was reached".to_owned())),
        Topic::StopReply => campaign::stop::confirm(world, work).await,
        Topic::Print => crate::print::run(world, work).await,
        Topic::Fiscal => crate::fiscal::run(world, work).await,
    }
}
