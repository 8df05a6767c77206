//! The demo's numbers by what they show. All of them are in `demo/lines.csv`.

/// The number that a visitor tops up first.
pub const FIRST: &str = "+447400123456";

/// The line of whoever the personal centre belongs to.
pub const LIN: &str = "+447400166888";

/// The host network gives this one its credit after some seconds, and never decides about the other one.
pub const NETWORK_SLOW: &str = "+447400127007";
pub const NETWORK_SILENT: &str = "+447400127009";

/// A number per thing to see. The last four digits of the `sms_…` ones make the simulated SMS centre fail,
/// those of the `network_…` ones say what the simulated host network does, which keeps the balance of these lines.
pub const BY_NAME: &[(&str, &str)] = &[
    ("active", FIRST),
    ("reads_chinese", "+447400188888"),
    ("lin", LIN),
    ("barred", "+447400100100"),
    ("ported_out", "+447400100200"),
    ("closed", "+447400100300"),
    ("sms_undelivered", "+447400120000"),
    ("sms_refused", "+447400120001"),
    ("sms_unanswered", "+447400120002"),
    ("network_keeps", "+447400127100"),
    ("network_keeps_chinese", "+447400127108"),
    ("network_refuses", "+447400127001"),
    ("network_answer_lost", "+447400127003"),
    ("network_in_progress", NETWORK_SLOW),
    ("network_silent", NETWORK_SILENT),
    ("germany", "+4915123456701"),
    ("france", "+33612345701"),
    ("spain", "+34612345701"),
    ("netherlands", "+31612345701"),
    ("italy", "+393471234501"),
    ("poland", "+48512345701"),
    ("hong_kong", "+85251234501"),
];
