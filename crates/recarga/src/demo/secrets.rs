//! The demo's secrets: made once per folder and readable by their owner only, so that a later start agrees
//! with what the database and the simulator remember.

use super::write_private;
use crate::clock::SystemIds;
use anyhow::{Context, Result};
use domain::id::Ids;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name under which we bind to the simulated SMS centre.
pub const SMPP_SYSTEM_ID: &str = "recarga";

/// Who we are for the simulated PayPal. Its client ids name it, as no real one does.
pub const PAYPAL_CLIENT_ID: &str = "simulator-client";
pub const PAYPAL_WEBHOOK_ID: &str = "DEMOWEBHOOK";

const FILE: &str = "demo-secrets.json";

/// What parent, server and simulator must agree on.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    pub stripe_key: String,
    pub webhook_secret: String,
    pub paypal_secret: String,
    /// SMPP 3.4 §5.2.2 has room for eight characters.
    pub smpp_password: String,
    /// The demo partner's key, once it was made.
    pub api_key: Option<String>,
}

impl Secrets {
    pub fn open_or_make(data: &Path) -> Result<Secrets> {
        let path = data.join(FILE);
        if path.exists() {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            return serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()));
        }
        let random = || hex::encode(SystemIds::default().random());
        let secrets = Secrets {
            stripe_key: format!("sk_test_{}", random()),
            webhook_secret: format!("whsec_{}", random()),
            paypal_secret: random(),
            smpp_password: random().chars().take(8).collect(),
            api_key: None,
        };
        secrets.write(data)?;
        Ok(secrets)
    }

    pub fn write(&self, data: &Path) -> Result<()> {
        write_private(&data.join(FILE), &serde_json::to_string_pretty(self)?)
    }
}
