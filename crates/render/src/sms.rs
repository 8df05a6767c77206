//! The alphabet and the length of text messages (3GPP TS 23.038 §6.2.1, TS 23.040 §9.2.3.24).
//! A message that fits the GSM 7-bit alphabet has 160 places, any other 70; longer ones travel in parts.

/// GSM 7-bit default alphabet without the escape character.
const BASIC: &str = "@\u{a3}$\u{a5}\u{e8}\u{e9}\u{f9}\u{ec}\u{f2}\u{c7}\n\u{d8}\u{f8}\r\u{c5}\u{e5}\
    \u{394}_\u{3a6}\u{393}\u{39b}\u{3a9}\u{3a0}\u{3a8}\u{3a3}\u{398}\u{39e}\u{c6}\u{e6}\u{df}\u{c9}\
    \x20!\"#\u{a4}%&'()*+,-./0123456789:;<=>?\u{a1}ABCDEFGHIJKLMNOPQRSTUVWXYZ\u{c4}\u{d6}\u{d1}\u{dc}\u{a7}\
    \u{bf}abcdefghijklmnopqrstuvwxyz\u{e4}\u{f6}\u{f1}\u{fc}\u{e0}";
/// The extension table: each of these takes two places.
const EXTENSION: &str = "\u{c}^{}\\[~]|\u{20ac}";

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    Gsm7,
    Ucs2,
}

/// The length of a message as the network counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsLength {
    pub alphabet: Alphabet,
    /// Septets, or 16-bit units.
    pub places: usize,
    pub segments: usize,
}

impl SmsLength {
    pub fn of(text: &str) -> SmsLength {
        let (alphabet, places, single, part) = if is_gsm7(text) {
            let places = text.chars().map(|c| if EXTENSION.contains(c) { 2 } else { 1 }).sum();
            (Alphabet::Gsm7, places, 160, 153)
        } else {
            (Alphabet::Ucs2, text.encode_utf16().count(), 70, 67)
        };
        let segments = if places <= single { 1 } else { places.div_ceil(part) };
        SmsLength { alphabet, places, segments }
    }
}

/// Does the text fit the GSM 7-bit alphabet?
pub fn is_gsm7(text: &str) -> bool {
    text.chars().all(|c| BASIC.contains(c) || EXTENSION.contains(c))
}

/// No-break spaces become plain ones: they would cost a message its 7-bit alphabet.
pub fn plain_spaces(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_as_the_network_counts_it() {
        for (text, expected) in [
            ("a".repeat(160), (Alphabet::Gsm7, 160, 1)),
            ("a".repeat(161), (Alphabet::Gsm7, 161, 2)),
            ("\u{20ac}".repeat(80), (Alphabet::Gsm7, 160, 1)),
            ("\u{7b80}".repeat(70), (Alphabet::Ucs2, 70, 1)),
            ("\u{7b80}".repeat(71), (Alphabet::Ucs2, 71, 2)),
            ("\u{1f600}".to_owned(), (Alphabet::Ucs2, 2, 1)),
        ] {
            let length = SmsLength::of(&text);
            assert_eq!((length.alphabet, length.places, length.segments), expected);
        }
    }

    #[test]
    fn the_alphabet_has_its_127_characters() {
        assert_eq!(BASIC.chars().count(), 127);
        assert!(is_gsm7("@ !\u{a3}"));
        assert!(!is_gsm7("\u{a0}"));
    }
}
