//! Check digits of identity documents: ICAO 9303-3 section 4.9, ISO 7064 MOD 11-2 (GB 11643), and the Hong Kong
//! identity card's modulus 11.

/// The value of one character in a machine-readable zone: digits as they are, A to Z 10 to 35, filler 0.
fn value(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        b'<' => Some(0),
        _ => None,
    }
}

/// The check digit of these parts in a row, by weights 7, 3, 1.
pub(super) fn icao(parts: &[&str]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in parts.iter().flat_map(|part| part.bytes()).zip([7, 3, 1].into_iter().cycle()) {
        sum += value(byte)? * weight;
    }
    digit(sum % 10)
}

fn digit(value: u32) -> Option<u8> {
    u8::try_from(value).ok().map(|value| b'0' + value)
}

/// The last character of a resident ID of 17 digits: ISO 7064 MOD 11-2.
pub(super) fn gb_11643(seventeen: &str) -> Option<u8> {
    let mut rest = 0;
    for byte in seventeen.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        rest = (rest + u32::from(byte - b'0')) * 2 % 11;
    }
    match (12 - rest) % 11 {
        10 => Some(b'X'),
        check => digit(check),
    }
}

/// The check character of a Hong Kong identity card: one or two letters and six digits.
pub(super) fn hong_kong(prefix_and_digits: &str) -> Option<u8> {
    let pad = match prefix_and_digits.len() {
        7 => Some(36),
        8 => None,
        _ => return None,
    };
    let values = pad.into_iter().map(Some).chain(prefix_and_digits.bytes().map(value));
    let mut sum = 0;
    for (value, weight) in values.zip((2..=9).rev()) {
        sum += value? * weight;
    }
    match (11 - sum % 11) % 11 {
        10 => Some(b'A'),
        check => digit(check),
    }
}
