//! What is particular to texts that become text messages. How they are cut and coded is in `domain::sms`.

/// No-break spaces become plain ones: they would cost a message its 7-bit alphabet.
pub fn plain_spaces(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}
