//! `recarga simulator`: the simulated world outside, as the demo starts it. Prints its addresses as one line
//! of JSON and runs until its standard input ends or it is told to stop.

use crate::demo::secrets::{PAYPAL_CLIENT_ID, PAYPAL_WEBHOOK_ID, SMPP_SYSTEM_ID, Secrets};
use crate::logging;
use crate::settings::Log;
use crate::signals::stop_asked;
use crate::stop::Result;
use crate::wiring;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where its API and pages listen, IP:PORT; port 0 for any
    #[arg(long, default_value = "127.0.0.1:12111", value_name = "ADDR")]
    listen: SocketAddr,
    /// Where its SMS centre listens, IP:PORT; port 0 for any
    #[arg(long, default_value = "127.0.0.1:2775", value_name = "ADDR")]
    smpp_listen: SocketAddr,
    /// Where its mail server listens, IP:PORT; port 0 for any
    #[arg(long, default_value = "127.0.0.1:2525", value_name = "ADDR")]
    smtp_listen: SocketAddr,
    /// Where its receipt printer listens, IP:PORT; port 0 for any
    #[arg(long, default_value = "127.0.0.1:9100", value_name = "ADDR")]
    printer_listen: SocketAddr,
    /// Folder of the demo's secrets and of the simulator's books
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where events are sent: to /stripe and /paypal below this
    #[arg(long, value_name = "URL")]
    webhooks: String,
    /// Stop when the standard input ends
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

/// What the simulator says when it runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Addresses {
    pub http: SocketAddr,
    pub smpp: SocketAddr,
    pub smtp: SocketAddr,
    pub printer: SocketAddr,
    /// How browsers reach it.
    pub base_url: String,
}

pub fn run(args: &Args) -> Result<()> {
    logging::start(&Log { filter: "warn".into(), ..Log::default() })?;
    let secrets = Secrets::open_or_make(&args.data)?;
    wiring::runtime(1)?.block_on(async {
        let paypal = simulator::PaypalAccount {
            client_id: PAYPAL_CLIENT_ID.to_owned(),
            client_secret: secrets.paypal_secret,
            webhook: Some(simulator::PaypalWebhook {
                url: format!("{}/paypal", args.webhooks),
                webhook_id: PAYPAL_WEBHOOK_ID.to_owned(),
            }),
        };
        let config = simulator::Config {
            http_listen: args.listen,
            smpp_listen: args.smpp_listen,
            data: Some(args.data.join("simulator")),
            public_base_url: None,
            api_key: secrets.stripe_key,
            webhook: Some(simulator::WebhookTarget {
                url: format!("{}/stripe", args.webhooks),
                secret: secrets.webhook_secret,
            }),
            smpp_system_id: SMPP_SYSTEM_ID.to_owned(),
            smpp_password: secrets.smpp_password,
        };
        let running = simulator::start_with_paypal(config, paypal).await?;
        if let Some((url, key)) = args.webhooks.strip_suffix("/webhooks").zip(secrets.api_key) {
            running.report_usage_to(simulator::UsageTarget { url: url.to_owned(), key })?;
        }
        let addresses = Addresses {
            http: running.http_addr,
            smpp: running.smpp_addr,
            smtp: running.listen_smtp(args.smtp_listen).await?,
            printer: running.listen_printer(args.printer_listen).await?,
            base_url: running.base_url.clone(),
        };
        println!("{}", serde_json::to_string(&addresses).map_err(anyhow::Error::from)?);
        stop_asked(args.stop_with_stdin)?.await;
        running.stop().await;
        Ok(())
    })
}
