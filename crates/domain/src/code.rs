//! The short code of a top-up: what people read out, type and print.
//!
//! Nine characters of Crockford's base 32 (no I, L, O, U) from 45 random bits and one check character
//! (Luhn mod 32), written in groups: `7K2M9-QX4TB`.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY: usize = 9;

/// A new code from random bytes.
pub fn code(random: [u8; 16]) -> String {
    let mut body: Vec<usize> = random[..BODY].iter().map(|byte| usize::from(*byte) % 32).collect();
    body.push(check_of(&body));
    write(&body)
}

/// Reads a code as people write it: any case, with or without the dash, O for 0, I or L for 1.
/// `None` when it cannot be a code of ours.
pub fn parse(text: &str) -> Option<String> {
    let values: Vec<usize> = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => Some(0),
            'I' | 'L' => Some(1),
            c => ALPHABET.iter().position(|a| char::from(*a) == c),
        })
        .take(BODY + 2)
        .collect::<Option<_>>()?;
    let (check, body) = values.split_last()?;
    (body.len() == BODY && *check == check_of(body)).then(|| write(&values))
}

fn write(values: &[usize]) -> String {
    let mut text: String = values.iter().map(|v| char::from(ALPHABET[*v])).collect();
    text.insert(5, '-');
    text
}

fn check_of(body: &[usize]) -> usize {
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
        let made = code([7; 16]);
        for written in [made.clone(), made.to_lowercase(), made.replace('-', ""), format!(" {made} ")] {
            assert_eq!(parse(&written).as_deref(), Some(made.as_str()), "{written}");
        }
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let made = code([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]);
        for (at, right) in made.char_indices().filter(|(_, c)| *c != '-') {
            for wrong in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != right) {
                let mut other: Vec<char> = made.chars().collect();
                other[at] = wrong;
                assert_eq!(parse(&other.iter().collect::<String>()), None);
            }
        }
    }

    #[test]
    fn rubbish_is_no_code() {
        for text in ["", "-", "12345", "0000000000000000", "\u{4f60}\u{597d}", "UUUUU-UUUUU"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
