//! The only place of the simulator that reads the system's clock. It is a separate party, so it keeps
//! its own time; everything inside takes milliseconds as an argument.

/// Now, as unix milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "the outside world has its own clock; nothing of ours is injected"
)]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// RFC 3339 in UTC.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default()
}

/// An instant of RFC 3339 for people, by `pattern` (strftime), in UTC; what cannot be read stays as it is.
pub fn readable(at: &str, pattern: &str) -> String {
    let parsed = at.parse::<jiff::Timestamp>();
    parsed.map(|at| at.strftime(pattern).to_string()).unwrap_or_else(|_| at.to_owned())
}

/// `YYMMDDhhmm` in UTC, the form of the dates in a delivery receipt (SMPP 3.4, appendix B).
pub fn receipt_date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.strftime("%y%m%d%H%M").to_string()).unwrap_or_default()
}
