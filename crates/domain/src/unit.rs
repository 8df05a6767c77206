//! What an account counts: money of one currency, or an allowance.

use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency or an allowance unit. Allowances use the ledger exactly as money does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Unit {
    Money(Currency),
    /// Data, in bytes.
    Octets,
    /// Calls, in seconds.
    Seconds,
    /// Text messages, in pieces.
    Messages,
}

/// The text names no unit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is neither a currency nor octets, seconds or messages")]
pub struct UnknownUnit(pub String);

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Money(currency) => currency.code(),
            Unit::Octets => "octets",
            Unit::Seconds => "seconds",
            Unit::Messages => "messages",
        }
    }
}

impl FromStr for Unit {
    type Err = UnknownUnit;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "octets" => Ok(Unit::Octets),
            "seconds" => Ok(Unit::Seconds),
            "messages" => Ok(Unit::Messages),
            other => other.parse().map(Unit::Money).map_err(|_| UnknownUnit(other.to_owned())),
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = UnknownUnit;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> String {
        unit.as_str().to_owned()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
