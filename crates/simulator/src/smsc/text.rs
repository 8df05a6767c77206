//! The codings of a short message: the GSM 7-bit default alphabet with its extension table (3GPP TS 23.038,
//! 6.2.1), one septet per octet as SMPP carries it, and UCS-2. Start reading at [`Coding`].

/// The default alphabet; position 27 is the escape to [`EXTENSION`].
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                       ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &[(u8, char)] = &[
    (0x0A, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];
const ESCAPE: u8 = 0x1B;

/// How a message is coded, by data_coding (SMPP 3.4, section 5.2.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// 0
    Gsm7,
    /// 8
    Ucs2,
}

impl Coding {
    /// None for a coding that the SMS centre does not take.
    pub fn of(data_coding: u8) -> Option<Self> {
        match data_coding {
            0 => Some(Coding::Gsm7),
            8 => Some(Coding::Ucs2),
            _ => None,
        }
    }

    /// As the inbox shows it.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gsm7 => "gsm7",
            Coding::Ucs2 => "ucs2",
        }
    }

    /// Whether a header and so many octets fit one short message of 140 octets; septets are packed on the
    /// air (3GPP TS 23.040: 160 alone, 153 after a header of six octets).
    pub fn fits(self, header: usize, octets: usize) -> bool {
        match self {
            Coding::Gsm7 => (header * 8).div_ceil(7) + octets <= 160,
            Coding::Ucs2 => header + octets <= 140 && octets.is_multiple_of(2),
        }
    }

    /// How many short messages carry so many octets that came in one.
    pub fn segments(self, octets: usize) -> u32 {
        let (alone, in_parts) = match self {
            Coding::Gsm7 => (160, 153),
            Coding::Ucs2 => (140, 134),
        };
        let count = if octets <= alone { 1 } else { octets.div_ceil(in_parts) };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The cheapest coding of a text, as phones choose it, and its octets.
    pub fn encode(text: &str) -> (Self, Vec<u8>) {
        let septet = |c: char| {
            let at = DEFAULT.chars().position(|own| own == c && c != char::from(ESCAPE));
            let extended = EXTENSION.iter().find(|(_, sign)| *sign == c).map(|(code, _)| vec![ESCAPE, *code]);
            at.and_then(|at| u8::try_from(at).ok()).map(|at| vec![at]).or(extended)
        };
        match text.chars().map(septet).collect::<Option<Vec<_>>>() {
            Some(septets) => (Coding::Gsm7, septets.concat()),
            None => (Coding::Ucs2, text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        }
    }

    /// The text; what cannot be read becomes U+FFFD.
    pub fn decode(self, octets: &[u8]) -> String {
        match self {
            Coding::Gsm7 => gsm7(octets),
            Coding::Ucs2 => {
                let pairs = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                // Phones read UCS-2 as UTF-16: that is how emoji arrive.
                char::decode_utf16(pairs).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
        }
    }
}

fn gsm7(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut escaped = false;
    for &octet in octets {
        if octet == ESCAPE && !escaped {
            escaped = true;
            continue;
        }
        let plain = || DEFAULT.chars().nth(usize::from(octet)).unwrap_or(char::REPLACEMENT_CHARACTER);
        let extended = EXTENSION.iter().find(|(code, _)| *code == octet).map(|(_, sign)| *sign);
        // An unknown extension shows the sign of the default alphabet (3GPP TS 23.038, 6.2.1.1).
        text.push(if escaped { extended.unwrap_or_else(plain) } else { plain() });
        escaped = false;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_alphabet_has_128_places() {
        assert_eq!(DEFAULT.chars().count(), 128);
        assert_eq!(Coding::Gsm7.decode(&[0x00, 0x01, 0x02, 0x0A, 0x20, 0x41, 0x61, 0x7F]), "@£$\n Aaà");
        assert_eq!(Coding::Gsm7.decode(&[0x1B, 0x65, b'5', 0x1B, 0x28, 0x1B, 0x29]), "€5{}");
    }

    #[test]
    fn a_text_is_written_in_the_cheapest_coding_and_read_back() {
        for (text, coding) in [("STOP 5€ {x}", Coding::Gsm7), ("退订", Coding::Ucs2)] {
            let (chosen, octets) = Coding::encode(text);
            assert_eq!((chosen, chosen.decode(&octets)), (coding, text.to_owned()));
        }
    }

    #[test]
    fn ucs2_reads_chinese_and_surrogate_pairs() {
        let octets: Vec<u8> = "验证码 😀".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Coding::Ucs2.decode(&octets), "验证码 😀");
    }

    #[test]
    fn a_message_that_is_too_long_for_one_does_not_fit() {
        assert!(Coding::Gsm7.fits(0, 160) && !Coding::Gsm7.fits(0, 161));
        assert!(Coding::Gsm7.fits(6, 153) && !Coding::Gsm7.fits(6, 154));
        assert!(Coding::Ucs2.fits(0, 140) && Coding::Ucs2.fits(6, 134) && !Coding::Ucs2.fits(6, 136));
        assert_eq!((Coding::Gsm7.segments(160), Coding::Gsm7.segments(161)), (1, 2));
    }
}
