//! Charging systems: the party that keeps a line's balance when that balance is not ours. A [`Connector`] builds
//! requests and reads answers without any I/O; [`ChargingSystem`] is the door that flows use.
//!
//! Start at [`CreditOutcome`]. Only the network's own word ends a credit: time, silence and errors end nothing.

mod breaker;
pub mod host_network;
mod promise;
mod system;

pub use self::breaker::{Breaker, BreakerSettings, Circuit, Health, Pass, Shut};
pub use self::promise::{MaySend, Promises, Sent, Travel};
pub use self::system::{ChargingSystem, Leave, Limits, NoLeave};

use crate::payment::{HttpAnswer, HttpCall, Unsendable};
use domain::id::{OperationId, TopUpId};
use domain::identity::HolderName;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::offer::Allowance;
use domain::time::UnixMs;
use domain::unit::Unit;

/// What a line gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Money: the value that was bought and its bonus together.
    Credit(Money),
    /// Allowances in bytes, seconds or messages, all for so many days from when the network gives them.
    Bundle { allowances: Vec<Allowance>, valid_for_days: u32 },
}

/// One credit, the same for ever: the request that is sent again is this one to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRequest {
    operation: OperationId,
    top_up: TopUpId,
    msisdn: Msisdn,
    grant: Grant,
}

impl CreditRequest {
    /// Refuses what no network could carry out. The operation's id is the request id at the network.
    pub fn new(
        operation: OperationId,
        top_up: TopUpId,
        msisdn: Msisdn,
        grant: Grant,
    ) -> Result<CreditRequest, Unsendable> {
        let no = |code, detail: &str| Err(Unsendable { code, detail: detail.to_owned() });
        if !fits_an_address(operation.as_str()) || !fits_an_address(top_up.as_str()) {
            return no("id", "an id holds 1 to 64 letters, digits, - or _");
        }
        match &grant {
            Grant::Credit(money) if money.minor < 1 => return no("amount", "less than one minor unit"),
            Grant::Bundle { allowances, valid_for_days } => {
                let allowance = |a: &Allowance| a.amount > 0 && !matches!(a.unit, Unit::Money(_));
                if allowances.is_empty() || *valid_for_days == 0 || !allowances.iter().all(allowance) {
                    return no("bundle", "no days, no allowances, or one that is money or nothing");
                }
            }
            Grant::Credit(_) => {}
        }
        Ok(CreditRequest { operation, top_up, msisdn, grant })
    }

    pub fn operation(&self) -> &OperationId {
        &self.operation
    }

    pub fn top_up(&self) -> &TopUpId {
        &self.top_up
    }

    pub fn msisdn(&self) -> &Msisdn {
        &self.msisdn
    }

    pub fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// Ids stand in paths and logs as they are.
fn fits_an_address(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=64).contains(&id.len()) && id.bytes().all(fits)
}

/// Why a network will not give a credit, ever, under this request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has no subscriber with this number.
    NumberUnknown,
    /// The subscriber takes no credit: lost, stolen, or in dispute.
    Barred,
    /// The subscription has ended.
    Closed,
    /// The balance would be higher than the network allows.
    BalanceLimit,
    /// The subscriber's balance is in another currency.
    CurrencyMismatch,
    /// It does not sell such a bundle.
    GrantUnsupported,
    /// A reason that we have no word for; the refusal itself is as firm.
    Other(String),
}

impl Refusal {
    /// The network's word.
    pub fn as_str(&self) -> &str {
        match self {
            Refusal::NumberUnknown => "number_unknown",
            Refusal::Barred => "barred",
            Refusal::Closed => "closed",
            Refusal::BalanceLimit => "balance_limit",
            Refusal::CurrencyMismatch => "currency_mismatch",
            Refusal::GrantUnsupported => "grant_unsupported",
            Refusal::Other(word) => word,
        }
    }
}

/// What is known of a credit after one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditOutcome {
    /// The line has it, once. `balance` is the line's credit afterwards, where the network says it.
    Done { network_ref: String, balance: Option<Money> },
    /// The network said no, for good: nothing was given under this request id, and nothing will be.
    Refused { reason: Refusal },
    /// The network has it and will decide. Ask for the status.
    InProgress,
    /// From [`ChargingSystem::status`] only: the network does not know the request, and has promised that by
    /// now it would. It will not be carried out, provided that it is not sent again.
    NotReceived,
    /// The line may or may not have it. Ask for the status, or send the same request again.
    Unknown { why: String },
    /// This call was not sent. It says nothing about earlier ones.
    Unavailable { why: String },
}

/// What a line has at the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub credit: Money,
    pub buckets: Vec<BalanceBucket>,
    /// When the network looked.
    pub as_of: UnixMs,
}

/// One allowance of a line at the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceBucket {
    pub unit: Unit,
    pub granted: i64,
    pub remaining: i64,
    pub valid_until: UnixMs,
}

/// What became of a question about a balance. It moves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BalanceOutcome {
    Known(Balance),
    NumberUnknown,
    /// No answer, or none that can be read.
    Unknown {
        why: String,
    },
    /// The question was not sent.
    Unavailable {
        why: String,
    },
}

/// What a network says of the holder of a line: a yes or a no, never a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderOutcome {
    /// Somebody's; `name_fits` where a name was asked about and the network could compare it.
    Registered { name_fits: Option<bool> },
    /// The line is nobody's by name.
    NotRegistered,
    /// No answer, none that can be read, or a network that keeps no names.
    NotKnown { why: String },
}

/// What the network answers to the question for one request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusAnswer {
    Found(CreditOutcome),
    /// In its own words. What that proves is for [`Promises::not_found_is_final`].
    NotFound,
}

/// A charging system without I/O: builds requests, reads answers.
pub trait Connector: Send + Sync {
    /// The network's name in our database, ledger and logs.
    fn name(&self) -> &'static str;
    /// Where the network answers: the only address that its key is sent to. May have a path.
    fn base_url(&self) -> &str;
    fn promises(&self) -> Promises;

    fn credit(&self, request: &CreditRequest) -> HttpCall;
    fn parse_credit(&self, request: &CreditRequest, answer: &HttpAnswer) -> CreditOutcome;
    fn status(&self, request: &CreditRequest) -> HttpCall;
    fn parse_status(&self, request: &CreditRequest, answer: &HttpAnswer) -> StatusAnswer;
    fn balance(&self, msisdn: &Msisdn) -> HttpCall;
    fn parse_balance(&self, msisdn: &Msisdn, answer: &HttpAnswer) -> BalanceOutcome;
    /// Asks whether the line is on somebody's name and, with a name, whether on this one.
    fn holder(&self, msisdn: &Msisdn, name: Option<&HolderName>) -> HttpCall;
    fn parse_holder(&self, msisdn: &Msisdn, answer: &HttpAnswer) -> HolderOutcome;
    /// Does the answer come from a network that is up? A refusal does; an error page does not.
    fn is_well(&self, answer: &HttpAnswer) -> bool;
}
