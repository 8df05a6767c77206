//! Printing: a job is written down with what is printed, and sent by a worker of its own. A printer without paper lets
//! it wait; paper that may have come out is never printed a second time: what is asked for again is a copy, and says so.
//! Start at [`queue`]; [`prepare`] and [`queue_in`] do the same inside another step.

use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::id::{DeviceId, Ids, PrintJobId, TopUpId};
use domain::print_job::{PrintJobState, PrinterTrouble};
use domain::slip::Slip;
use domain::time::{DAY_MS, HOUR_MS, SECOND_MS, UnixMs};
use gateways::printing::{Condition, NotEncodable, Printed, PrinterAddress};
use store::Tx;
use store::keyring::{Keyring, Purpose};
use store::outbox::{self, NewWork, Topic, Work};
use store::print_count;
use store::print_job::{self, PrintJob};

/// More open jobs than this are not queued for one device: nobody waits for that much paper.
pub const OPEN_MAX: i64 = 50;
/// More papers than this about one thing are no mistake of a printer's.
pub const OF_ONE_MAX: i64 = 50;
/// What has waited so long is not printed any more: its customer has left.
const WAITS_MS: i64 = 12 * HOUR_MS;
/// No document is kept longer.
const BODY_DAYS: i64 = 2;
/// So long it is known which printer printed what, and what came between; after that only how many papers there are.
const JOB_DAYS: i64 = 90;
/// How soon a printer that cannot print is asked again: at first somebody may be putting in a new roll.
const AGAIN_MS: i64 = 3 * SECOND_MS;
const AGAIN_LATER_MS: i64 = 15 * SECOND_MS;
const QUICK_TRIES: i64 = 20;

/// What is to be printed, and where.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What the paper is about, such as a top-up's id: its first paper is the original, every later one a copy.
    pub subject: String,
    pub device: DeviceId,
    pub printer: PrinterAddress,
    pub slip: Slip,
}

/// Why a job was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotQueued {
    #[error(transparent)]
    Slip(#[from] NotEncodable),
    #[error("{OPEN_MAX} slips wait for this printer: mend it, or cancel some")]
    Full,
    #[error("this was printed {OF_ONE_MAX} times")]
    Often,
}

/// A job that is checked and sealed, and can be written down.
#[derive(Debug, Clone)]
pub struct Prepared {
    subject: String,
    device: DeviceId,
    printer: PrinterAddress,
    body_sealed: String,
}

impl Prepared {
    /// What it is about.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// Checks a job, also as the copy that it may turn out to be, and seals what is printed.
pub fn prepare(keyring: &Keyring, job: &NewJob) -> Result<std::result::Result<Prepared, NotQueued>> {
    if let Err(why) = gateways::printing::encode(&job.slip.copy(OF_ONE_MAX)) {
        return Ok(Err(why.into()));
    }
    let slip = serde_json::to_string(&job.slip).context("a slip as JSON")?;
    Ok(Ok(Prepared {
        subject: job.subject.clone(),
        device: job.device.clone(),
        printer: job.printer,
        body_sealed: keyring.seal(Purpose::PrintJob, &slip)?,
    }))
}

/// How many jobs a subject has, and how many papers with those from browsers. Of a sale nobody else counts a paper until
/// this step ends, so that no two are both the first.
pub fn printed_in(tx: &mut Tx<'_>, subject: &str, now: UnixMs) -> anyhow::Result<(i64, i64)> {
    let others = match TopUpId::parse(subject) {
        Ok(_) => print_count::hold(tx, subject, now)?,
        Err(_) => 0,
    };
    let (jobs, papers) = print_job::count(tx, subject)?;
    Ok((jobs, papers + others))
}

/// Writes a job down together with the work of printing it. Afterwards [`wake`].
pub fn queue_in(
    tx: &mut Tx<'_>,
    job: &Prepared,
    ids: &dyn Ids,
    now: UnixMs,
) -> anyhow::Result<std::result::Result<PrintJob, NotQueued>> {
    let open = print_job::list_open(tx, &job.device, OPEN_MAX)?.len();
    if i64::try_from(open).unwrap_or(i64::MAX) >= OPEN_MAX {
        return Ok(Err(NotQueued::Full));
    }
    // Two that are asked for at one moment: whoever comes second counts again, and is a copy.
    for _ in 0..3 {
        let (jobs, papers) = printed_in(tx, &job.subject, now)?;
        if jobs >= OF_ONE_MAX {
            return Ok(Err(NotQueued::Often));
        }
        let row = row(job, jobs + 1, papers, ids, now);
        if print_job::insert(tx, &row, &job.body_sealed)? {
            let mut work = NewWork::due(Topic::Print, row.device.as_str(), now);
            work.detail = Some(row.id.to_string());
            outbox::push(tx, work, ids, now)?;
            return Ok(Ok(row));
        }
    }
    anyhow::bail!("jobs of {} are being written down all the time", job.subject)
}

fn row(job: &Prepared, nth: i64, copy: i64, ids: &dyn Ids, now: UnixMs) -> PrintJob {
    PrintJob {
        id: PrintJobId::new(ids, now),
        subject: job.subject.clone(),
        device: job.device.clone(),
        printer: job.printer.to_string(),
        nth,
        copy,
        state: PrintJobState::Queued,
        trouble: None,
        detail: None,
        tries: 0,
        created_at: now,
        state_at: now,
        near_end: false,
    }
}

/// Queues a job. The first paper of a subject is the original; what is asked for again is a copy, whatever became of
/// the first one, unless it is certain that none came out.
pub async fn queue(world: &World, job: &NewJob) -> Result<std::result::Result<PrintJob, NotQueued>> {
    let prepared = match prepare(&world.keyring, job)? {
        Ok(prepared) => prepared,
        Err(why) => return Ok(Err(why)),
    };
    let (ids, now) = (world.ids.clone(), world.now());
    let queued = world.db.write(move |tx| queue_in(tx, &prepared, ids.as_ref(), now)).await?;
    wake(world);
    Ok(queued)
}

/// There is something to print.
pub fn wake(world: &World) {
    world.paper_waiting.notify_one();
}

/// Where a job stands.
pub async fn find(world: &World, id: &PrintJobId) -> Result<Option<PrintJob>> {
    let id = id.clone();
    Ok(world.db.read(move |tx| print_job::load(tx, &id)).await?)
}

/// The jobs of a device that are still to be printed, the next one first.
pub async fn list_open(world: &World, device: &DeviceId) -> Result<Vec<PrintJob>> {
    let device = device.clone();
    Ok(world.db.read(move |tx| print_job::list_open(tx, &device, OPEN_MAX)).await?)
}

/// Calls a job off; false where something of it was sent already, or it came to its end.
pub async fn cancel(world: &World, id: &PrintJobId) -> Result<bool> {
    let (id, now) = (id.clone(), world.now());
    let cancelled = world
        .db
        .write(move |tx| {
            let Some(mut job) = print_job::load(tx, &id)? else { return Ok(false) };
            let from = job.state;
            if !matches!(from, PrintJobState::Queued | PrintJobState::Waiting) {
                return Ok(false);
            }
            (job.state, job.state_at) = (PrintJobState::Cancelled, now);
            print_job::advance(tx, &job, from)
        })
        .await?;
    Ok(cancelled)
}

/// How a printer stands at this moment; prints nothing.
pub async fn condition(world: &World, printer: PrinterAddress) -> Condition {
    world.printer.condition(printer).await
}

/// Prints the job that a piece of work names.
pub(crate) async fn run(world: &World, work: &Work) -> Result<Done> {
    let id = PrintJobId::stored(work.detail.clone().context("print work names its job")?);
    let Some((job, slip)) = begin(world, &id).await? else { return Ok(Done::Finished) };
    let Ok(printer) = job.printer.parse::<PrinterAddress>() else {
        return end(world, job, PrintJobState::Refused, None, Some("no printer's address".into())).await;
    };
    let slip = if job.copy > 0 { slip.copy(job.copy) } else { slip };
    let printed = world.printer.print(printer, &slip).await;
    store::fail::point("print.after_send");
    match printed {
        Printed::Accepted { paper_near_end } => {
            let job = PrintJob { near_end: paper_near_end, ..job };
            end(world, job, PrintJobState::Printed, None, None).await
        }
        Printed::Refused { why } => {
            end(world, job, PrintJobState::Refused, None, Some(why.to_string())).await
        }
        Printed::Unknown { why, trouble } => {
            tracing::warn!(job = %job.id, why, "nobody knows whether a slip was printed");
            end(world, job, PrintJobState::Unknown, trouble, Some(why)).await
        }
        Printed::NotSent { trouble } => {
            let again = if job.tries < QUICK_TRIES { AGAIN_MS } else { AGAIN_LATER_MS };
            end(world, job, PrintJobState::Waiting, Some(trouble), None).await?;
            Ok(Done::At(world.now().plus_ms(again)))
        }
    }
}

/// Marks the job as on its way, before any byte is sent: whoever finds it so later knows that there may be paper.
/// Gives nothing where there is nothing to send.
async fn begin(world: &World, id: &PrintJobId) -> Result<Option<(PrintJob, Slip)>> {
    let (id, now) = (id.clone(), world.now());
    let begun = world
        .db
        .write(move |tx| {
            let Some(mut job) = print_job::load(tx, &id)? else { return Ok(None) };
            let from = job.state;
            if !from.is_open() {
                return Ok(None);
            }
            let body = print_job::load_body(tx, &id)?;
            job.state_at = now;
            job.state = match &body {
                // Whoever sent it ended in the middle.
                _ if from == PrintJobState::Sending => PrintJobState::Unknown,
                Some(_) if now.0 - job.created_at.0 < WAITS_MS => PrintJobState::Sending,
                Some(_) | None => PrintJobState::Expired,
            };
            if job.state == PrintJobState::Sending {
                job.tries += 1;
            }
            let moved = print_job::advance(tx, &job, from)?;
            Ok(body.filter(|_| moved && job.state == PrintJobState::Sending).map(|body| (job, body)))
        })
        .await?;
    let Some((job, body)) = begun else { return Ok(None) };
    match open(&world.keyring, &body) {
        Ok(slip) => Ok(Some((job, slip))),
        Err(error) => {
            tracing::error!(job = %job.id, error = %error, "a slip cannot be read");
            end(world, job, PrintJobState::Refused, None, Some("it cannot be read".into())).await?;
            Ok(None)
        }
    }
}

fn open(keyring: &Keyring, sealed: &str) -> anyhow::Result<Slip> {
    Ok(serde_json::from_str(&keyring.open_sealed(Purpose::PrintJob, sealed)?)?)
}

/// Writes down what became of a job that was being sent.
async fn end(
    world: &World,
    job: PrintJob,
    state: PrintJobState,
    trouble: Option<PrinterTrouble>,
    detail: Option<String>,
) -> Result<Done> {
    let job = PrintJob { state, trouble, detail, state_at: world.now(), ..job };
    world.db.write(move |tx| print_job::advance(tx, &job, PrintJobState::Sending)).await?;
    metrics::counter!("recarga_print_jobs_total", "state" => state.as_str()).increment(1);
    Ok(Done::Finished)
}

/// Documents that nobody prints any more go, and later the jobs; of a sale it stays known how often it was printed, so
/// that what is printed years later is still a copy.
pub(crate) fn purge(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> anyhow::Result<()> {
    print_job::purge_bodies(tx, now.plus_ms(-BODY_DAYS * DAY_MS), limit)?;
    for (subject, state) in print_job::purge(tx, now.plus_ms(-JOB_DAYS * DAY_MS), limit)? {
        if state.may_be_paper() && TopUpId::parse(&subject).is_ok() {
            print_count::count(tx, &subject, now)?;
        }
    }
    Ok(())
}
