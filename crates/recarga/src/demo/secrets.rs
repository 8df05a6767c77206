//! The demo's secrets: made once per folder and readable by their owner only, so that a later start agrees
//! with what the database and the simulator remember.

use super::write_private;
use crate::clock::SystemIds;
use anyhow::{Context, Result};
use domain::id::Ids;
use domain::staff::Role;
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
    /// How the demo's staff signs in.
    #[serde(default)]
    pub staff: Vec<StaffSecrets>,
}

/// What a member of the demo's staff signs in with.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffSecrets {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub passphrase: String,
    /// Of the second factor, base 32.
    pub totp: String,
}

/// The demo's staff.
const STAFF: &[(&str, &str, Role)] =
    &[("clerk", "Clara Wong", Role::Clerk), ("supervisor", "Samuel Ortega", Role::Supervisor)];

fn staff() -> Vec<StaffSecrets> {
    // A base 32 text of 32 letters is a secret of 160 bits.
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = |bytes: [u8; 16]| bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let ids = SystemIds::default();
    let totp = || letters(ids.random()).into_iter().chain(letters(ids.random())).collect();
    let secrets = |(login, name, role): &(&str, &str, Role)| StaffSecrets {
        login: (*login).to_owned(),
        name: (*name).to_owned(),
        role: *role,
        passphrase: "four calm lanterns by the sea".to_owned(),
        totp: totp(),
    };
    STAFF.iter().map(secrets).collect()
}

impl Secrets {
    pub fn open_or_make(data: &Path) -> Result<Secrets> {
        let path = data.join(FILE);
        if path.exists() {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let mut secrets: Secrets =
                serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
            if secrets.staff.is_empty() {
                secrets.staff = staff();
                secrets.write(data)?;
            }
            return Ok(secrets);
        }
        let random = || hex::encode(SystemIds::default().random());
        let secrets = Secrets {
            stripe_key: format!("sk_test_{}", random()),
            webhook_secret: format!("whsec_{}", random()),
            paypal_secret: random(),
            smpp_password: random().chars().take(8).collect(),
            api_key: None,
            staff: staff(),
        };
        secrets.write(data)?;
        Ok(secrets)
    }

    pub fn write(&self, data: &Path) -> Result<()> {
        write_private(&data.join(FILE), &serde_json::to_string_pretty(self)?)
    }
}
