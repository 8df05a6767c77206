//! A text as SMS parts: which alphabet it needs and where it is cut. Start at [`segments`].
//!
//! Sources: 3GPP TS 23.038 §6.2.1 (alphabet and extension table), TS 23.040 §9.2.3.24.1 (concatenation).

/// How the octets of the parts are to be read; the numbers are SMPP's `data_coding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// GSM 03.38, one septet per octet.
    Gsm7,
    /// UTF-16, high octet first.
    Ucs2,
}

impl Encoding {
    /// Octets that fit into a message of one part, and into one of several parts.
    fn room(self) -> (usize, usize) {
        match self {
            Encoding::Gsm7 => (160, 153),
            Encoding::Ucs2 => (2 * 70, 2 * 67),
        }
    }
}

/// A text cut into parts, without concatenation headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub encoding: Encoding,
    pub parts: Vec<Vec<u8>>,
}

/// The default alphabet by septet. U+001B stands for the escape to the extension table.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const ESCAPE: u8 = 0x1b;

/// The extension table: characters that take the escape and one more septet.
const EXTENSION: [(char, u8); 10] = [
    ('\u{0c}', 0x0a),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2f),
    ('[', 0x3c),
    ('~', 0x3d),
    (']', 0x3e),
    ('|', 0x40),
    ('€', 0x65),
];

/// Cuts a text into parts. An escape pair or a surrogate pair is never torn apart.
///
/// Marks that only steer the direction of text on screens are left out: no phone needs them in a message,
/// and one of them would force the whole text into the costlier alphabet.
pub fn segments(text: &str) -> Parts {
    let visible: String = text.chars().filter(|c| !is_direction_mark(*c)).collect();
    let gsm: Option<Vec<Vec<u8>>> = visible.chars().map(septets).collect();
    match gsm {
        Some(units) => Parts { encoding: Encoding::Gsm7, parts: fill(&units, Encoding::Gsm7.room()) },
        None => {
            let units: Vec<Vec<u8>> = visible.chars().map(code_units).collect();
            Parts { encoding: Encoding::Ucs2, parts: fill(&units, Encoding::Ucs2.room()) }
        }
    }
}

/// The text in the octets of one message: septets one per octet, or UTF-16. What cannot be read becomes U+FFFD.
pub fn text(encoding: Encoding, octets: &[u8]) -> String {
    match encoding {
        Encoding::Gsm7 => septet_text(octets),
        Encoding::Ucs2 => {
            let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
    }
}

fn septet_text(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        let escaped = if octet == ESCAPE { octets.next() } else { None };
        let extended = escaped.and_then(|code| EXTENSION.iter().find(|(_, own)| *own == code));
        // An unknown extension shows the character of the alphabet (TS 23.038 §6.2.1.1).
        let plain = ALPHABET.chars().nth(usize::from(escaped.unwrap_or(octet)));
        let c = extended.map(|(c, _)| *c).or(plain).unwrap_or(char::REPLACEMENT_CHARACTER);
        text.push(c);
    }
    text
}

/// Does the text travel in the cheaper alphabet as it stands?
pub fn is_gsm7(text: &str) -> bool {
    text.chars().all(|c| septets(c).is_some())
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn septets(c: char) -> Option<Vec<u8>> {
    if let Some((_, code)) = EXTENSION.iter().find(|(e, _)| *e == c) {
        return Some(vec![ESCAPE, *code]);
    }
    let code = ALPHABET.chars().position(|a| a == c).and_then(|p| u8::try_from(p).ok())?;
    (code != ESCAPE).then(|| vec![code])
}

fn code_units(c: char) -> Vec<u8> {
    c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// Puts whole characters into as few parts as possible.
fn fill(units: &[Vec<u8>], (alone, shared): (usize, usize)) -> Vec<Vec<u8>> {
    if units.iter().map(Vec::len).sum::<usize>() <= alone {
        return vec![units.concat()];
    }
    let mut parts = vec![Vec::new()];
    for unit in units {
        if parts.last().is_some_and(|part: &Vec<u8>| part.len() + unit.len() > shared) {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend_from_slice(unit);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_characters_where_the_standard_puts_them() {
        assert_eq!(ALPHABET.chars().count(), 128);
        for (c, code) in [
            ('@', 0x00),
            ('£', 0x01),
            ('é', 0x05),
            ('\n', 0x0a),
            ('\r', 0x0d),
            ('Δ', 0x10),
            ('_', 0x11),
            ('Ξ', 0x1a),
            ('Æ', 0x1c),
            ('É', 0x1f),
            (' ', 0x20),
            ('¤', 0x24),
            ('0', 0x30),
            ('?', 0x3f),
            ('¡', 0x40),
            ('A', 0x41),
            ('Z', 0x5a),
            ('Ä', 0x5b),
            ('§', 0x5f),
            ('¿', 0x60),
            ('a', 0x61),
            ('z', 0x7a),
            ('à', 0x7f),
        ] {
            assert_eq!(septets(c), Some(vec![code]), "{c:?}");
        }
        for (c, code) in EXTENSION {
            assert_eq!(septets(c), Some(vec![ESCAPE, code]), "{c:?}");
        }
        for c in ['ç', '`', '中', '\u{1b}', '’', '\t'] {
            assert_eq!(septets(c), None, "{c:?}");
        }
    }

    #[test]
    fn texts_are_cut_where_the_table_says() {
        let cases: [(String, Encoding, &[usize]); 16] = [
            (String::new(), Encoding::Gsm7, &[0]),
            ("a".repeat(160), Encoding::Gsm7, &[160]),
            ("a".repeat(161), Encoding::Gsm7, &[153, 8]),
            ("a".repeat(306), Encoding::Gsm7, &[153, 153]),
            ("a".repeat(307), Encoding::Gsm7, &[153, 153, 1]),
            ("€".repeat(80), Encoding::Gsm7, &[160]),
            ("€".repeat(81), Encoding::Gsm7, &[152, 10]),
            (format!("{}€{}", "a".repeat(152), "b".repeat(10)), Encoding::Gsm7, &[152, 12]),
            ("中".repeat(70), Encoding::Ucs2, &[140]),
            ("中".repeat(71), Encoding::Ucs2, &[134, 8]),
            ("中".repeat(134), Encoding::Ucs2, &[134, 134]),
            ("中".repeat(135), Encoding::Ucs2, &[134, 134, 2]),
            ("\u{1f600}".repeat(35), Encoding::Ucs2, &[140]),
            ("\u{1f600}".repeat(36), Encoding::Ucs2, &[132, 12]),
            (format!("{}\u{1f600}{}", "中".repeat(66), "中".repeat(4)), Encoding::Ucs2, &[132, 12]),
            (format!("{}ç", "a".repeat(70)), Encoding::Ucs2, &[134, 8]),
        ];
        for (text, encoding, lengths) in cases {
            let cut = segments(&text);
            assert_eq!(cut.encoding, encoding, "{text}");
            assert_eq!(cut.parts.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{text}");
        }
    }

    #[test]
    fn a_text_is_read_back_as_it_was_cut() {
        for written in ["STOP", "5€ {x} [y]", "退订", "\u{1f600} ok"] {
            let cut = segments(written);
            assert_eq!(text(cut.encoding, &cut.parts.concat()), written);
        }
        assert_eq!(text(Encoding::Gsm7, &[0x53, 0x1b, 0x41, 0xff]), "SA\u{fffd}");
        assert_eq!(text(Encoding::Ucs2, &[0xd8, 0x00, 0x00]), "\u{fffd}");
    }

    #[test]
    fn direction_marks_neither_arrive_nor_change_the_alphabet() {
        let cut = segments("To \u{2068}+44 7400\u{2069}\u{200e}\u{200f}!");
        assert_eq!(cut, segments("To +44 7400!"));
        assert_eq!(cut.encoding, Encoding::Gsm7);
    }

    #[test]
    fn chinese_goes_out_as_utf_16_with_the_high_octet_first() {
        assert_eq!(segments("充值").parts, [vec![0x51, 0x45, 0x50, 0x3c]]);
    }
}
