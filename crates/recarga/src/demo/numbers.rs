//! The demo's numbers by what they show. All of them are in `demo/lines.csv`.

/// The number that a visitor tops up first.
pub const FIRST: &str = "+447400123456";

/// A number per thing to see. The last four digits of the `sms_…` ones make the simulated SMS centre fail.
pub const BY_NAME: &[(&str, &str)] = &[
    ("active", FIRST),
    ("reads_chinese", "+447400188888"),
    ("barred", "+447400100100"),
    ("ported_out", "+447400100200"),
    ("closed", "+447400100300"),
    ("sms_undelivered", "+447400120000"),
    ("sms_refused", "+447400120001"),
    ("sms_unanswered", "+447400120002"),
    ("germany", "+4915123456701"),
    ("france", "+33612345701"),
    ("spain", "+34612345701"),
    ("netherlands", "+31612345701"),
    ("italy", "+393471234501"),
    ("poland", "+48512345701"),
    ("hong_kong", "+85251234501"),
];
