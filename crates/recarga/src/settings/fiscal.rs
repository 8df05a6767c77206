//! Fiscal devices (`[fiscal.GB]`): how to reach whoever signs the sales at counters of a market.

use super::Settings;
use super::check::{self, Checked};
use super::redact;
use gateways::Secret;
use gateways::fiscal::signer::{Signer, SignerConfigError};
use gateways::fiscal::{FiscalDevice, FiscalDevices};
use gateways::payment::http::Timeouts;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The device of one market.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FiscalSettings {
    pub base_url: String,
    #[serde(serialize_with = "redact::secret")]
    pub key: Secret,
    /// How long one call may take.
    #[serde(default = "answer_within_seconds")]
    pub answer_within_seconds: u64,
}

fn answer_within_seconds() -> u64 {
    Timeouts::default().total.as_secs()
}

impl FiscalSettings {
    fn device(&self, market: &str, demo: bool) -> Checked<Arc<dyn FiscalDevice>> {
        let key = format!("fiscal.{market}.base_url");
        let here = check::plain_url(&key, &self.base_url)?;
        // The work of a call is held for a minute and a half, and it may ask twice.
        check::within(&format!("fiscal.{market}.answer_within_seconds"), self.answer_within_seconds, 1, 30)?;
        let loopback =
            here.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]"));
        if demo && !loopback {
            return Err(format!("{key}: a demo asks a device on this machine only"));
        }
        let total = Duration::from_secs(self.answer_within_seconds);
        let timeouts = Timeouts { connect: Timeouts::default().connect.min(total), total };
        let signer = Signer::new(&self.base_url, self.key.clone(), timeouts).map_err(|e| match e {
            SignerConfigError::Key => format!("fiscal.{market}.key: {e}"),
            SignerConfigError::Address | SignerConfigError::PlainHttp | SignerConfigError::Http(_) => {
                format!("{key}: {e}")
            }
        })?;
        Ok(Arc::new(signer))
    }
}

impl Settings {
    /// The fiscal devices, ready to be asked.
    pub fn fiscal_devices(&self) -> Checked<FiscalDevices> {
        let mut devices = FiscalDevices::default();
        for (market, settings) in &self.fiscal {
            // Names of variables in the environment come in small letters.
            let market = market.to_ascii_uppercase();
            if domain::msisdn::calling_code(&market).is_empty() {
                return Err(format!("fiscal.{market}: is no country (two letters: GB)"));
            }
            devices.add(&market, settings.device(&market, self.demo)?);
        }
        Ok(devices)
    }
}
