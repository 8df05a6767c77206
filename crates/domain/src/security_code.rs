//! Security codes: six digits that prove that a phone or an address is in somebody's hands, for one purpose, once.
//!
//! Here are the rules: how digits come from random bytes, and what becomes of a try. Who may ask for a code, and
//! how often, is in `flows::account::code`.

use crate::states;
use crate::time::{MINUTE_MS, SECOND_MS, UnixMs};

/// How long a code is valid.
pub const VALID_MS: i64 = 5 * MINUTE_MS;
/// How many tries one code takes.
pub const TRIES_MAX: i64 = 5;
/// How long to wait before another one is sent.
pub const RESEND_MS: i64 = 30 * SECOND_MS;

states! {
    /// What a code is for. A code for one thing is refused for every other.
    CodePurpose {
        SignIn = "sign_in",
        /// The e-mail address of a new account.
        RegisterEmail = "register_email",
        /// The contact phone of a new account.
        RegisterPhone = "register_phone",
        /// It is still the same person, before something sensitive is done.
        Confirm = "confirm",
        /// The new e-mail address or phone of an account.
        ChangeContact = "change_contact",
        /// A line that is added to an account.
        AddLine = "add_line",
        /// The balance of a line is shown to its holder at a counter.
        ShowBalance = "show_balance",
    }
}

/// A code as it is stored, as far as a try needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Tries before this one.
    pub tries: i64,
    pub expires_at: UnixMs,
    pub used: bool,
}

/// What a try finds before the digits are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// Compare them. So many tries are left if they are wrong.
    Compare { left: i64 },
    /// Nothing fits any more: another code is needed.
    Over,
}

impl Standing {
    /// May digits still be compared with this code?
    pub fn try_at(self, now: UnixMs) -> Try {
        if self.used || now >= self.expires_at || self.tries >= TRIES_MAX {
            return Try::Over;
        }
        Try::Compare { left: TRIES_MAX - self.tries - 1 }
    }
}

/// Six digits from random bytes, each code as likely as every other: what would favour some is drawn again.
pub fn draw(mut random: impl FnMut() -> [u8; 16]) -> String {
    /// The largest multiple of a million that 32 bits hold.
    const FAIR: u32 = u32::MAX / 1_000_000 * 1_000_000;
    loop {
        for piece in random().chunks_exact(4) {
            let drawn = piece.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
            if drawn < FAIR {
                return format!("{:06}", drawn % 1_000_000);
            }
        }
    }
}

/// Digits as people type them: of any script, with spaces or dashes between. `None` when there are not six.
pub fn parse(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars().take(20) {
        match c {
            '0'..='9' => digits.push(c),
            '\u{ff10}'..='\u{ff19}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => {
                digits.push(char::from_digit(u32::from(c) % 16, 10)?);
            }
            ' ' | '-' | '\u{a0}' | '\u{3000}' => {}
            _ => return None,
        }
    }
    (digits.len() == 6).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_favour_some_codes_is_drawn_again() {
        let mut draws = vec![[7; 16], [0xff; 16]];
        let digits = draw(|| draws.pop().expect("a draw"));
        assert_eq!(digits, format!("{:06}", 0x0707_0707 % 1_000_000));
        assert!(draws.is_empty(), "the first draw was thrown away");
        assert_eq!(draw(|| [0; 16]), "000000");
    }

    #[test]
    fn the_sixth_try_and_one_after_the_end_compare_nothing() {
        let fresh = Standing { tries: 0, expires_at: UnixMs(100), used: false };
        assert_eq!(fresh.try_at(UnixMs(99)), Try::Compare { left: 4 });
        assert_eq!(Standing { tries: 4, ..fresh }.try_at(UnixMs(0)), Try::Compare { left: 0 });
        for over in [Standing { tries: 5, ..fresh }, Standing { used: true, ..fresh }] {
            assert_eq!(over.try_at(UnixMs(0)), Try::Over);
        }
        assert_eq!(fresh.try_at(UnixMs(100)), Try::Over);
    }

    #[test]
    fn a_code_is_read_however_people_type_it() {
        for text in ["402718", " 402 718 ", "402-718", "\u{ff14}\u{ff10}2718", "\u{664}02718"] {
            assert_eq!(parse(text).as_deref(), Some("402718"), "{text}");
        }
        for text in ["", "40271", "4027180", "40271a", "………"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
