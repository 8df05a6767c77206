//! `recarga serve`: the portal, the API and, in the same process, the worker. Stops on SIGTERM or SIGINT:
//! takes nothing new, finishes what was begun, stops the worker.

use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::signals::stop_asked;
use crate::stop::{Result, Stop};
use crate::wiring::{self, Wired};
use anyhow::Context;
use axum::serve::ListenerExt;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::time::Duration;
use store::Db;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What was begun may take this long to finish.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// Measurements are folded together this often, asked for or not.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Where HTTP listens, IP:PORT
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Only answer requests; another process does what is due
    #[arg(long)]
    no_work: bool,
    /// Stop when the standard input ends, as a child of ours does
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.source, args.listen)?;
    crate::logging::start(&settings.log)?;
    let place = Place::of(&settings);
    let _lock = place.lock()?;
    let steps = place.migrate()?;
    let db = place.open()?;
    let runtime = wiring::runtime(settings.server.workers)?;
    let served = runtime.block_on(async {
        tracing::info!(engine = db.database().engine(), migrations = steps, "the database is open");
        serve(args, &settings, &place, db).await
    });
    // What did not finish in time is left behind; its work is found again at the next start.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(args: &Args, settings: &Settings, place: &Place, db: Db) -> Result<()> {
    let metrics = start_metrics()?;
    tokio::spawn(keep_up(metrics.clone()));
    let stop_asked = stop_asked(args.stop_with_stdin)?;
    let config = web_config(settings, metrics)?;
    let Wired { world, receipts, heard } = wiring::whole_world(settings, place, db).await?;
    if let Some(receipts) = receipts {
        tokio::spawn(super::work::take_receipts(world.clone(), receipts));
    }
    if let Some(heard) = heard {
        tokio::spawn(flows::campaign::stop::listen(world.clone(), heard));
    }
    let address = settings.server.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| Stop::wrong(format!("server.listen: {address}: {e}")))?;
    let address = listener.local_addr()?;
    // One server owns a SQLite file: what an earlier one held when it ended is nobody's now.
    if !args.no_work && matches!(world.db.database(), store::Database::Sqlite(_)) {
        flows::work::reclaim(&world).await.map_err(|e| anyhow::anyhow!(e.chain()))?;
    }
    let (stop_work, work_stopped) = watch::channel(false);
    let worker = (!args.no_work).then(|| tokio::spawn(flows::work::serve(world.clone(), work_stopped)));
    let (stop_serving, stopped) = watch::channel(false);
    let router = web::router(world, config).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|connection| {
        // Answers are small: waiting to fill a segment would only add latency.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(told(stopped));
    let mut server = tokio::spawn(async move { server.await });
    tracing::info!(%address, public_url = settings.server.public_url(), work = worker.is_some(), "serving");
    let why = tokio::select! {
        why = stop_asked => why,
        ended = &mut server => {
            ended.context("the server fell over")?.context("serving")?;
            return Err(anyhow::anyhow!("the server ended by itself").into());
        }
    };
    tracing::info!(why, "stopping");
    stop_serving.send_replace(true);
    if timeout(FINISH_WITHIN, server).await.is_err() {
        tracing::warn!("requests were left unfinished");
    }
    stop_work.send_replace(true);
    finish(worker).await;
    tracing::info!("stopped");
    Ok(())
}

fn web_config(settings: &Settings, metrics: PrometheusHandle) -> Result<web::Config> {
    Ok(web::Config {
        payment_origins: settings.payment_origins().map_err(Stop::Wrong)?,
        trusted_proxies: settings.server.trusted_proxies,
        metrics: Some(metrics),
        simulator_url: settings.simulator_url.clone(),
        support: settings.support(),
        official: settings.official().map_err(Stop::Wrong)?,
        default_locale: settings.portal.default_locale,
    })
}

/// Ends when told to.
async fn told(mut stop: watch::Receiver<bool>) {
    // A sender that is gone tells the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits for a worker to finish what it began.
pub async fn finish(worker: Option<JoinHandle<()>>) {
    let Some(worker) = worker else { return };
    if timeout(FINISH_WITHIN, worker).await.is_err() {
        tracing::warn!("work was left unfinished; it is found again at the next start");
    }
}

/// Histograms have fixed buckets, so that those of several processes add up.
fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let full = |name: &str| Matcher::Full(name.to_owned());
    PrometheusBuilder::new()
        .set_buckets_for_metric(
            full("recarga_request_seconds"),
            &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0],
        )?
        .set_buckets_for_metric(
            full("recarga_db_commit_steps"),
            &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0],
        )?
        .install_recorder()
        .context("starting the metrics")
}

async fn keep_up(metrics: PrometheusHandle) {
    let mut tick = tokio::time::interval(UPKEEP_EVERY);
    loop {
        tick.tick().await;
        metrics.run_upkeep();
    }
}
