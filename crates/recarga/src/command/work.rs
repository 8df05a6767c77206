//! `recarga work`: runs what is due and answers no requests, beside the servers of one PostgreSQL.

use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::signals::stop_asked;
use crate::stop::{Result, Stop};
use crate::wiring::{self, Wired};
use flows::World;
use gateways::messaging::DeliveryReceipt;
use std::sync::Arc;
use store::Database;
use tokio::sync::{mpsc, watch};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Stop when the standard input ends, as a child of ours does
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.source, None)?;
    let place = Place::of(&settings);
    if let Database::Sqlite(_) = place.database {
        return Err(Stop::wrong(
            "on SQLite `recarga serve` does the work itself; `work` needs PostgreSQL (database.url)",
        ));
    }
    crate::logging::start(&settings.log)?;
    place.migrate()?;
    let db = place.open()?;
    wiring::runtime(settings.server.workers)?.block_on(async {
        let stop_asked = stop_asked(args.stop_with_stdin)?;
        let Wired { world, receipts, heard } = wiring::whole_world(&settings, &place, db).await?;
        if let Some(receipts) = receipts {
            tokio::spawn(take_receipts(world.clone(), receipts));
        }
        if let Some(heard) = heard {
            tokio::spawn(flows::campaign::stop::listen(world.clone(), heard));
        }
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(flows::work::serve(world, stopped));
        tracing::info!("working");
        let why = stop_asked.await;
        tracing::info!(why, "stopping");
        stop.send_replace(true);
        super::serve::finish(Some(worker)).await;
        Ok(())
    })
}

/// Books what the SMS centre says about messages on their way.
pub async fn take_receipts(world: Arc<World>, mut receipts: mpsc::Receiver<DeliveryReceipt>) {
    while let Some(receipt) = receipts.recv().await {
        if let Err(error) = flows::notice::delivered(&world, receipt).await {
            tracing::error!(error = %format!("{:#}", anyhow::Error::from(error)), "a delivery receipt was not booked");
        }
    }
}
