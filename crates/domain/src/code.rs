//! The short code of a top-up: what people read out, type and print.
//!
//! Nine characters of Crockford's base 32 (no I, L, O, U) and one check character (Luhn mod 32), written in
//! groups: `7K2M9-QX4TB`. Six are random. The first three say in which 64 ms of some 35 minutes it was made, so
//! that codes made together stand together in their index; in the long run all 45 bits are used evenly.

use crate::time::UnixMs;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY: usize = 9;
/// How many of its characters come from the time, and how long they stay the same.
const SLOT_CHARS: u32 = 3;
const SLOT_MS: i64 = 64;

/// A new code, made at `now` from random bytes.
pub fn code(now: UnixMs, random: [u8; 16]) -> String {
    let slot = usize::try_from(now.0 / SLOT_MS).unwrap_or(0);
    let slot = (0..SLOT_CHARS).rev().map(|place| slot / 32_usize.pow(place) % 32);
    let mut body: Vec<usize> =
        slot.chain(random.iter().map(|byte| usize::from(*byte) % 32)).take(BODY).collect();
    body.push(check_of(&body));
    write(&body)
}

/// Reads a code as people write it: any case, with or without the dash, O for 0, I or L for 1.
/// `None` when it cannot be a code of ours.
pub fn parse(text: &str) -> Option<String> {
    let values: Vec<usize> = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(value_of)
        .take(BODY + 2)
        .collect::<Option<_>>()?;
    let (check, body) = values.split_last()?;
    (body.len() == BODY && *check == check_of(body)).then(|| write(&values))
}

fn write(values: &[usize]) -> String {
    let mut text = letters(values);
    text.insert(5, '-');
    text
}

/// What a character stands for, as people write it.
pub(crate) fn value_of(c: char) -> Option<usize> {
    match c.to_ascii_uppercase() {
        'O' => Some(0),
        'I' | 'L' => Some(1),
        c => ALPHABET.iter().position(|a| char::from(*a) == c),
    }
}

/// The characters of values, each below 32.
pub(crate) fn letters(values: &[usize]) -> String {
    values.iter().map(|v| char::from(ALPHABET[*v])).collect()
}

/// The check character of a body.
pub(crate) fn check_of(body: &[usize]) -> usize {
    let sum: usize = body
        .iter()
        .rev()
        .enumerate()
        .map(|(position, value)| {
            let factor = if position % 2 == 0 { 2 } else { 1 };
            let product = value * factor;
            product / 32 + product % 32
        })
        .sum();
    (32 - sum % 32) % 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_the_ways_people_write_it() {
        let made = code(UnixMs(1_700_000_000_000), [7; 16]);
        for written in [made.clone(), made.to_lowercase(), made.replace('-', ""), format!(" {made} ")] {
            assert_eq!(parse(&written).as_deref(), Some(made.as_str()), "{written}");
        }
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let made = code(UnixMs(1_700_000_000_000), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]);
        for (at, right) in made.char_indices().filter(|(_, c)| *c != '-') {
            for wrong in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != right) {
                let mut other: Vec<char> = made.chars().collect();
                other[at] = wrong;
                assert_eq!(parse(&other.iter().collect::<String>()), None);
            }
        }
    }

    #[test]
    fn codes_of_one_moment_begin_alike_and_end_apart() {
        let now = UnixMs(1_700_000_000_000);
        let (one, other) = (code(now, [1; 16]), code(now, [2; 16]));
        assert_eq!(one[..3], other[..3]);
        assert_ne!(one[3..], other[3..]);
        assert_ne!(code(now.plus_ms(SLOT_MS), [1; 16])[..3], one[..3]);
    }

    #[test]
    fn rubbish_is_no_code() {
        for text in ["", "-", "12345", "0000000000000000", "\u{4f60}\u{597d}", "UUUUU-UUUUU"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
