//! Fiscal devices: whoever signs the sales at the counters of a market, where its law asks for that. One door for flows,
//! whatever a market's device speaks. Start at [`FiscalDevice`]; [`signer`] is the protocol that docs/fiscal.md states.

pub mod signer;

use domain::fiscal::{FiscalEvidence, FiscalFacts};
use domain::id::FiscalId;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of asking for a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    Signed(FiscalEvidence),
    /// The device said no, and signed nothing under this key.
    Refused {
        code: String,
        detail: String,
    },
    /// It may have signed: ask what became of the key.
    Unknown {
        why: String,
    },
}

/// What the device knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Signed(FiscalEvidence),
    /// Nothing was signed under it. A request that is still on its way is no matter: the key signs once.
    Absent,
    Unknown {
        why: String,
    },
}

/// A fiscal device.
///
/// Today a signer over HTTP is behind it. Others fit as well, because facts and evidence hold what they need:
/// - a German TSE: `sign` starts and finishes one transaction with the key as client data, `find` exports by it; the
///   evidence is §6 KassenSichV's transaction number, signature counter, serial number and check value;
/// - a signer as of NF 525: the chained signature, and its counter;
/// - VeriFactu: the record's fingerprint is the signature, and the check address goes into `text`.
pub trait FiscalDevice: Send + Sync {
    /// Asks for the signature of these facts. The same key is signed at most once: asked again, the device gives what it
    /// gave before.
    fn sign<'a>(&'a self, facts: &'a FiscalFacts) -> BoxFuture<'a, Signing>;

    /// The status enquiry: asks and signs nothing.
    fn find<'a>(&'a self, key: &'a FiscalId) -> BoxFuture<'a, Found>;
}

/// The devices, by market.
#[derive(Clone, Default)]
pub struct FiscalDevices(BTreeMap<String, Arc<dyn FiscalDevice>>);

impl FiscalDevices {
    pub fn add(&mut self, market: &str, device: Arc<dyn FiscalDevice>) {
        self.0.insert(market.to_owned(), device);
    }

    /// The device of a market, where it has one.
    pub fn of(&self, market: &str) -> Option<&Arc<dyn FiscalDevice>> {
        self.0.get(market)
    }
}
