//! The host network (`[network]`): how to reach the party that keeps the balance of some lines, and what its contract
//! promises.

use super::Settings;
use super::check::{self, Checked};
use super::redact;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::Secret;
use gateways::charging::host_network::{HostNetwork, HostNetworkConfig, HostNetworkConfigError};
use gateways::charging::{ChargingSystem, Limits, Promises};
use gateways::payment::http::Timeouts;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// A host network.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSettings {
    pub base_url: String,
    #[serde(serialize_with = "redact::secret")]
    pub key: Secret,
    /// What it does not know so long after the call never arrived; none: it does not promise that.
    #[serde(default = "not_found_is_final_after_minutes")]
    pub not_found_is_final_after_minutes: Option<i64>,
    /// For so long it remembers a request.
    #[serde(default = "forgets_after_days")]
    pub forgets_after_days: i64,
    /// How long one call may take.
    #[serde(default = "answer_within_seconds")]
    pub answer_within_seconds: u64,
    /// How many calls may be under way at once.
    #[serde(default = "calls_at_once")]
    pub calls_at_once: usize,
}

fn not_found_is_final_after_minutes() -> Option<i64> {
    HostNetworkConfig::USUAL_PROMISES.not_found_is_final_after_ms.map(|ms| ms / MINUTE_MS)
}

fn forgets_after_days() -> i64 {
    HostNetworkConfig::USUAL_PROMISES.forgets_after_ms / DAY_MS
}

fn answer_within_seconds() -> u64 {
    Limits::default().timeouts.total.as_secs()
}

fn calls_at_once() -> usize {
    Limits::default().calls_at_once
}

impl NetworkSettings {
    fn config(&self) -> Checked<HostNetworkConfig> {
        check::plain_url("network.base_url", &self.base_url)?;
        check::within("network.forgets_after_days", self.forgets_after_days, 1, 3_650)?;
        let minutes = self.not_found_is_final_after_minutes;
        check::within("network.not_found_is_final_after_minutes", minutes.unwrap_or(0), 0, 7 * 24 * 60)?;
        // The work of a call is held for half a minute: a longer call might be made a second time beside itself.
        check::within("network.answer_within_seconds", self.answer_within_seconds, 1, 10)?;
        check::within("network.calls_at_once", self.calls_at_once, 1, 1_000)?;
        let promises = Promises {
            not_found_is_final_after_ms: minutes.map(|minutes| minutes * MINUTE_MS),
            forgets_after_ms: self.forgets_after_days * DAY_MS,
        };
        HostNetworkConfig::new(&self.base_url, self.key.clone(), promises).map_err(|e| match e {
            HostNetworkConfigError::Address | HostNetworkConfigError::PlainHttp => {
                format!("network.base_url: {e}")
            }
            HostNetworkConfigError::Key => format!("network.key: {e}"),
            HostNetworkConfigError::Promises => format!("network.not_found_is_final_after_minutes: {e}"),
        })
    }

    fn limits(&self) -> Limits {
        let total = Duration::from_secs(self.answer_within_seconds);
        let usual = Limits::default();
        let timeouts = Timeouts { connect: usual.timeouts.connect.min(total), total };
        Limits { timeouts, calls_at_once: self.calls_at_once, ..usual }
    }
}

impl Settings {
    /// The host network, ready to be called, where there is one.
    pub fn charging_system(&self, clock: Arc<dyn domain::time::Clock>) -> Checked<Option<ChargingSystem>> {
        let Some(network) = &self.network else { return Ok(None) };
        let config = network.config()?;
        let here = check::plain_url("network.base_url", &network.base_url)?;
        let loopback =
            here.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]"));
        if self.demo && !loopback {
            return Err("network.base_url: a demo asks a network on this machine only".into());
        }
        let system = ChargingSystem::new(Arc::new(HostNetwork::new(config)), network.limits(), clock);
        system.map(Some).map_err(|e| format!("network.base_url: {e}"))
    }
}
