//! The host network's JSON: what we write, and what its answers mean. Start at [`read_credit`].
//!
//! An answer counts only when it is a 2xx that names our request and repeats what it gave: whatever else stands
//! in between (a proxy's page, another version, another request's answer) proves nothing, and is `Unknown`.

use crate::charging::{
    Balance, BalanceBucket, BalanceOutcome, CreditOutcome, CreditRequest, Grant, HolderOutcome, Refusal,
    StatusAnswer,
};
use crate::payment::HttpAnswer;
use domain::identity::HolderName;
use domain::money::{Currency, Money};
use domain::msisdn::Msisdn;
use domain::time::UnixMs;
use domain::unit::Unit;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What is given, in both directions.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum GrantWire {
    Credit { amount_minor: i64, currency: String },
    Bundle { allowances: Vec<AllowanceWire>, valid_for_days: u32 },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AllowanceWire {
    unit: String,
    amount: i64,
}

impl GrantWire {
    fn of(grant: &Grant) -> GrantWire {
        match grant {
            Grant::Credit(money) => {
                GrantWire::Credit { amount_minor: money.minor, currency: money.currency.code().to_owned() }
            }
            Grant::Bundle { allowances, valid_for_days } => GrantWire::Bundle {
                allowances: allowances
                    .iter()
                    .map(|a| AllowanceWire { unit: a.unit.as_str().to_owned(), amount: a.amount })
                    .collect(),
                valid_for_days: *valid_for_days,
            },
        }
    }
}

#[derive(Serialize)]
struct CreditBody<'a> {
    request_id: &'a str,
    top_up: &'a str,
    msisdn: &'a str,
    grant: GrantWire,
}

/// The body of a credit.
pub(super) fn credit_body(request: &CreditRequest) -> String {
    let body = CreditBody {
        request_id: request.operation().as_str(),
        top_up: request.top_up().as_str(),
        msisdn: request.msisdn().digits(),
        grant: GrantWire::of(request.grant()),
    };
    serde_json::to_string(&body).expect("text and whole numbers always make JSON")
}

/// The body of a question about a balance.
pub(super) fn balance_body(msisdn: &Msisdn) -> String {
    serde_json::json!({ "msisdn": msisdn.digits() }).to_string()
}

/// The body of a question about a holder.
pub(super) fn holder_body(msisdn: &Msisdn, name: Option<&HolderName>) -> String {
    serde_json::json!({ "msisdn": msisdn.digits(), "name": name.map(HolderName::expose) }).to_string()
}

#[derive(Deserialize)]
struct HolderWire {
    msisdn: String,
    registered: bool,
    name_fits: Option<bool>,
}

/// What the answer about a holder means. Anything but a whole answer about this number says nothing.
pub(super) fn read_holder(msisdn: &Msisdn, answer: &HttpAnswer) -> HolderOutcome {
    let why = match answer.status {
        200..=299 => match read::<HolderWire>(answer).filter(|told| told.msisdn == msisdn.digits()) {
            Some(HolderWire { registered: true, name_fits, .. }) => {
                return HolderOutcome::Registered { name_fits };
            }
            Some(HolderWire { registered: false, .. }) => return HolderOutcome::NotRegistered,
            None => alarm("the answer is not about the holder of this number".to_owned()),
        },
        status => error_of(status, answer),
    };
    HolderOutcome::NotKnown { why }
}

/// A credit as the network tells it.
#[derive(Debug, Deserialize)]
struct Credit {
    request_id: String,
    top_up: String,
    grant: GrantWire,
    status: String,
    network_ref: Option<String>,
    reason: Option<String>,
    /// Only shown, so one that cannot be read takes nothing from a credit that is done.
    balance: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct MoneyWire {
    amount_minor: i64,
    currency: Currency,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorWire,
}

#[derive(Deserialize)]
struct ErrorWire {
    code: String,
}

/// What the answer to a credit means.
pub(super) fn read_credit(request: &CreditRequest, answer: &HttpAnswer) -> CreditOutcome {
    match answer.status {
        200..=299 => match serde_json::from_slice::<Credit>(&answer.body) {
            Ok(credit) => outcome(request, credit).unwrap_or_else(|why| unknown(alarm(why))),
            Err(_) => unknown(alarm("the answer is no credit".to_owned())),
        },
        status => unknown(error_of(status, answer)),
    }
}

/// What the answer to a status query means. A 404 counts only with the network's own word in it.
pub(super) fn read_status(request: &CreditRequest, answer: &HttpAnswer) -> StatusAnswer {
    if answer.status == 404 && code(answer).is_some_and(|code| code == "credit_not_found") {
        return StatusAnswer::NotFound;
    }
    StatusAnswer::Found(read_credit(request, answer))
}

fn outcome(request: &CreditRequest, credit: Credit) -> Result<CreditOutcome, String> {
    if credit.request_id != request.operation().as_str() || credit.top_up != request.top_up().as_str() {
        return Err("the answer is about another request".to_owned());
    }
    if credit.grant != GrantWire::of(request.grant()) {
        return Err("the network's record differs from what was asked".to_owned());
    }
    match credit.status.as_str() {
        "done" => {
            let network_ref =
                credit.network_ref.filter(|r| is_reference(r)).ok_or("done without a reference")?;
            Ok(CreditOutcome::Done { network_ref, balance: balance_after(request, credit.balance) })
        }
        "refused" => Ok(CreditOutcome::Refused { reason: refusal(credit.reason.as_deref()) }),
        "in_progress" => Ok(CreditOutcome::InProgress),
        other => Err(format!("credit status {:?}", word(other))),
    }
}

fn balance_after(request: &CreditRequest, told: Option<serde_json::Value>) -> Option<Money> {
    let told: MoneyWire = serde_json::from_value(told?).ok()?;
    let fits = match request.grant() {
        Grant::Credit(money) => money.currency == told.currency,
        Grant::Bundle { .. } => true,
    };
    fits.then(|| Money::new(told.amount_minor, told.currency))
}

fn refusal(reason: Option<&str>) -> Refusal {
    match reason {
        Some("number_unknown") => Refusal::NumberUnknown,
        Some("barred") => Refusal::Barred,
        Some("closed") => Refusal::Closed,
        Some("balance_limit") => Refusal::BalanceLimit,
        Some("currency_mismatch") => Refusal::CurrencyMismatch,
        Some("grant_unsupported") => Refusal::GrantUnsupported,
        Some(other) => Refusal::Other(word(other)),
        None => Refusal::Other("unspecified".to_owned()),
    }
}

#[derive(Deserialize)]
struct BalanceWire {
    msisdn: String,
    credit: MoneyWire,
    buckets: Vec<BucketWire>,
    as_of: String,
}

#[derive(Deserialize)]
struct BucketWire {
    unit: Unit,
    granted: i64,
    remaining: i64,
    valid_until: String,
}

/// What the answer to a question about a balance means.
pub(super) fn read_balance(msisdn: &Msisdn, answer: &HttpAnswer) -> BalanceOutcome {
    if answer.status == 404 && code(answer).is_some_and(|code| code == "number_unknown") {
        return BalanceOutcome::NumberUnknown;
    }
    let why = match answer.status {
        200..=299 => match read::<BalanceWire>(answer).and_then(|told| balance(msisdn, told)) {
            Some(balance) => return BalanceOutcome::Known(balance),
            None => alarm("the answer is no balance of this number".to_owned()),
        },
        status => error_of(status, answer),
    };
    BalanceOutcome::Unknown { why }
}

fn balance(msisdn: &Msisdn, told: BalanceWire) -> Option<Balance> {
    if told.msisdn != msisdn.digits() {
        return None;
    }
    let bucket = |b: BucketWire| {
        let valid_until = UnixMs::parse_rfc3339(&b.valid_until)?;
        let whole = !matches!(b.unit, Unit::Money(_)) && (0..=b.granted).contains(&b.remaining);
        whole.then_some(BalanceBucket {
            unit: b.unit,
            granted: b.granted,
            remaining: b.remaining,
            valid_until,
        })
    };
    Some(Balance {
        credit: Money::new(told.credit.amount_minor, told.credit.currency),
        buckets: told.buckets.into_iter().map(bucket).collect::<Option<_>>()?,
        as_of: UnixMs::parse_rfc3339(&told.as_of)?,
    })
}

/// A network that is up answers in JSON and neither fails nor asks to be left alone.
pub(super) fn is_well(answer: &HttpAnswer) -> bool {
    let up = answer.status < 500 && !matches!(answer.status, 408 | 425 | 429);
    up && serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok()
}

fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Option<T> {
    serde_json::from_slice(&answer.body).ok()
}

fn code(answer: &HttpAnswer) -> Option<String> {
    read::<ErrorBody>(answer).map(|body| word(&body.error.code))
}

/// What a status that is no 2xx says, in a few words. None of them says what became of a credit: an earlier
/// sending of the same request may have been carried out.
fn error_of(status: u16, answer: &HttpAnswer) -> String {
    let code = code(answer).unwrap_or_else(|| "no code".to_owned());
    match status {
        401 | 403 => {
            tracing::error!(network = super::NAME, status, "the network does not accept our key");
            format!("our key was not accepted (status {status})")
        }
        // A repetition that is not answered with the credit: only the status query tells more.
        409 if code == "duplicate_request" => {
            "the network knows the request and does not say more".to_owned()
        }
        400..=499 if !matches!(status, 408 | 425 | 429) => {
            tracing::error!(
                network = super::NAME,
                status,
                code,
                "the network does not understand our request"
            );
            format!("status {status}, {code}")
        }
        _ => format!("status {status}"),
    }
}

fn unknown(why: String) -> CreditOutcome {
    CreditOutcome::Unknown { why }
}

/// A reference fit for a column, a receipt and a telephone call.
fn is_reference(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A network's word, fit for a log and a column.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(60).collect()
}

/// Warns people that the network said something that we do not understand.
fn alarm(why: String) -> String {
    tracing::warn!(network = super::NAME, why, "an answer that we do not understand");
    why
}
