//! One-time codes of the counter: what pairs a device, and what lets a clerk choose a PIN.
//!
//! Seven random characters of Crockford's base 32 and one check character (Luhn mod 32, as in [`crate::code`]), written
//! in two groups: `7K2M-9QXT`. A code is good once and for a while, tries are counted, and only its hash is stored.

use crate::code;
use crate::time::{DAY_MS, MINUTE_MS};

/// How long a code pairs a device.
pub const PAIRING_MS: i64 = 15 * MINUTE_MS;
/// How long a clerk can choose a PIN with a code.
pub const CLERK_MS: i64 = DAY_MS;
/// How long an invited owner has, who may have to travel to the shop.
pub const OWNER_MS: i64 = 7 * DAY_MS;

const BODY: usize = 7;

/// A new code from random bytes.
pub fn draw(random: [u8; 16]) -> String {
    let mut values: Vec<usize> = random.iter().take(BODY).map(|byte| usize::from(*byte) % 32).collect();
    values.push(code::check_of(&values));
    write(&values)
}

/// Reads a code as people write it: any case, with or without the dash, O for 0, I or L for 1. `None` when it cannot
/// be one.
pub fn parse(text: &str) -> Option<String> {
    let values: Vec<usize> = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '\u{3000}'))
        .map(code::value_of)
        .take(BODY + 2)
        .collect::<Option<_>>()?;
    let (check, body) = values.split_last()?;
    (body.len() == BODY && *check == code::check_of(body)).then(|| write(&values))
}

fn write(values: &[usize]) -> String {
    let mut text = code::letters(values);
    text.insert(4, '-');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_the_ways_people_write_it_and_notices_one_wrong_character() {
        let made = draw([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]);
        assert_eq!(made.len(), 9);
        for written in [made.clone(), made.to_lowercase(), made.replace('-', ""), format!(" {made} ")] {
            assert_eq!(parse(&written).as_deref(), Some(made.as_str()), "{written}");
        }
        for (at, right) in made.char_indices().filter(|(_, c)| *c != '-') {
            let wrong = if right == 'A' { 'B' } else { 'A' };
            let mut other: Vec<char> = made.chars().collect();
            other[at] = wrong;
            assert_eq!(parse(&other.iter().collect::<String>()), None);
        }
    }

    #[test]
    fn rubbish_is_no_code() {
        for text in ["", "-", "1234567", "000000000", "UUUU-UUUU", "\u{4f60}\u{597d}"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
