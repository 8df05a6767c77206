//! Support cases: a question of a customer and what was written about it, whose turn it is, and until when staff
//! answers. Start reading at [`CaseState::on`].
//!
//! What people type can hold a card number. [`without_card_numbers`] takes it out before anything is stored.

use crate::code;
use crate::states;
use crate::time::UnixMs;

states! {
    /// Whose turn it is.
    CaseState {
        /// Staff answers next, by a time.
        Open = "open",
        /// Staff asked something back.
        WaitingForAsker = "waiting_for_asker",
        /// Staff answered.
        Answered = "answered",
        /// The customer or staff closed it; either can open it again.
        Closed = "closed",
    }
}

states! {
    /// What the question is about, as the customer sees it.
    CaseCause {
        /// Money was taken and nothing arrived.
        NotArrived = "not_arrived",
        WrongNumber = "wrong_number",
        WrongAmount = "wrong_amount",
        PaidTwice = "paid_twice",
        WantRefund = "want_refund",
        Receipt = "receipt",
        /// Something is wrong at a shop or kiosk.
        Shop = "shop",
        Other = "other",
    }
}

states! {
    /// Who wrote a message of a case.
    CaseAuthor {
        /// Whoever asked.
        Asker = "asker",
        Staff = "staff",
        /// Staff, for staff alone.
        Note = "note",
    }
}

states! {
    /// How far the news of an answer is.
    CaseNotice {
        /// Nobody is told: it is no answer, or there is no way to tell.
        None = "none",
        Queued = "queued",
        Sent = "sent",
        Failed = "failed",
    }
}

states! {
    /// What can be added to a message.
    FileKind {
        Jpeg = "jpeg",
        Png = "png",
        Webp = "webp",
        Pdf = "pdf",
    }
}

impl FileKind {
    /// The media type that browsers are told.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Webp => "image/webp",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// How its name ends.
    pub fn ending(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::Webp => "webp",
            FileKind::Pdf => "pdf",
        }
    }

    pub fn is_picture(self) -> bool {
        self != FileKind::Pdf
    }
}

/// Files with one message, bytes of one file, and bytes of all files of a case.
pub const FILES_MAX: usize = 3;
pub const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;
pub const FILES_BYTES_PER_CASE_MAX: i64 = 20 * 1024 * 1024;
/// Characters of a file's name that are kept.
const NAME_MAX: usize = 60;

/// The name of a file without folders, unseen and misleading characters, with the ending of what it is.
pub fn file_name(sent: &str, kind: FileKind) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or("");
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let plain = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')');
    let stem: String = stem.chars().filter(plain).take(NAME_MAX).collect();
    let stem = crate::support_case::without_card_numbers(stem.trim_matches([' ', '.', '-']));
    let stem = if stem.is_empty() { "file" } else { &stem };
    format!("{stem}.{}", kind.ending())
}

/// What happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEvent {
    AskerWrote,
    StaffAnswered,
    StaffAsked,
    Closed,
    Reopened,
}

impl CaseState {
    /// The state after `event`; `None` when it is not possible here.
    pub fn on(self, event: CaseEvent) -> Option<CaseState> {
        use CaseState as S;
        match (self, event) {
            (S::Closed, CaseEvent::Reopened)
            | (S::Open | S::WaitingForAsker | S::Answered, CaseEvent::AskerWrote) => Some(S::Open),
            (S::Open | S::WaitingForAsker | S::Answered, CaseEvent::StaffAnswered) => Some(S::Answered),
            (S::Open | S::WaitingForAsker | S::Answered, CaseEvent::StaffAsked) => Some(S::WaitingForAsker),
            (S::Open | S::WaitingForAsker | S::Answered, CaseEvent::Closed) => Some(S::Closed),
            (
                S::Closed,
                CaseEvent::AskerWrote | CaseEvent::StaffAnswered | CaseEvent::StaffAsked | CaseEvent::Closed,
            )
            | (S::Open | S::WaitingForAsker | S::Answered, CaseEvent::Reopened) => None,
        }
    }
}

/// How long a message may be, in characters.
pub const TEXT_MAX: usize = 2_000;

/// What stands before the code of a case, so that nobody takes it for an order code.
const MARK: &str = "S-";

/// A new code: that of an order, marked.
pub fn case_code(now: UnixMs, random: [u8; 16]) -> String {
    format!("{MARK}{}", code::code(now, random))
}

/// Reads a code as people write it, with its mark. `None` when it cannot be a case of ours.
pub fn parse_case_code(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-"))?;
    code::parse(rest).map(|code| format!("{MARK}{code}"))
}

/// The fewest and the most digits of a card number (ISO/IEC 7812-1 §4).
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// The text with every run of digits that can be a card number made unreadable but for its last four. Digits count
/// as one run across single spaces, dashes and dots.
pub fn without_card_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = chars.clone();
    let mut at = 0;
    while at < chars.len() {
        let run = digit_run(&chars, at);
        if let Some((start, end)) = card_in(&chars, &run) {
            let hidden = run[start..end - 4].iter();
            hidden.for_each(|place| out[*place] = '•');
        }
        at = run.last().map_or(at, |last| *last) + 1;
    }
    out.into_iter().collect()
}

/// The places of the digits of the run that begins at `from`; a single separator between two digits belongs to it.
fn digit_run(chars: &[char], from: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = from;
    while let Some(c) = chars.get(at) {
        if value(*c).is_some() {
            places.push(at);
        } else if places.is_empty()
            || !matches!(c, ' ' | '-' | '.' | '\u{a0}' | '\u{3000}' | '\u{ff0d}')
            || chars.get(at + 1).is_none_or(|next| value(*next).is_none())
        {
            break;
        }
        at += 1;
    }
    places
}

/// Digits as Chinese keyboards may type them (Unicode, Halfwidth and Fullwidth Forms).
const FULL_WIDTH_ZERO: char = '\u{ff10}';
const FULL_WIDTH_NINE: char = '\u{ff19}';

/// A digit as people type it, also full width.
fn value(c: char) -> Option<u32> {
    match c {
        FULL_WIDTH_ZERO..=FULL_WIDTH_NINE => Some(u32::from(c) - u32::from(FULL_WIDTH_ZERO)),
        _ => c.to_digit(10),
    }
}

/// The longest part of the run that passes the check of card numbers: from which digit to which.
fn card_in(chars: &[char], run: &[usize]) -> Option<(usize, usize)> {
    let digits: Vec<u32> = run.iter().filter_map(|place| value(chars[*place])).collect();
    for length in CARD_DIGITS.rev() {
        for start in 0..(digits.len() + 1).saturating_sub(length) {
            if passes_luhn(&digits[start..start + length]) {
                return Some((start, start + length));
            }
        }
    }
    None
}

/// The check of card numbers (ISO/IEC 7812-1, annex B).
fn passes_luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    // All zeros pass and are no card.
    sum > 0 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_loses_folders_and_tricks_and_ends_as_what_it_is() {
        for (sent, named) in [
            ("C:\\Users\\li\\Screen shot (1).PNG", "Screen shot (1).jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("收据.pdf", "收据.jpg"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.jpg"),
            ("a\"; filename=b\r\n.png", "a filenameb.jpg"),
            ("", "file.jpg"),
            ("4242424242424242.jpg", "••••••••••••4242.jpg"),
        ] {
            assert_eq!(file_name(sent, FileKind::Jpeg), named, "{sent:?}");
        }
        assert!(file_name(&"x".repeat(300), FileKind::Pdf).len() < 70);
    }

    #[test]
    fn every_case_state_answers_every_event_as_the_table_says() {
        use CaseEvent as E;
        use CaseState as S;
        let events = [E::AskerWrote, E::StaffAnswered, E::StaffAsked, E::Closed, E::Reopened];
        let live = [Some(S::Open), Some(S::Answered), Some(S::WaitingForAsker), Some(S::Closed), None];
        let table = [
            (S::Open, live),
            (S::WaitingForAsker, live),
            (S::Answered, live),
            (S::Closed, [None, None, None, None, Some(S::Open)]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, expected) in events.into_iter().zip(row) {
                assert_eq!(state.on(event), expected, "{state} on {event:?}");
            }
        }
    }

    #[test]
    fn a_card_number_keeps_its_last_four_digits_alone() {
        for (typed, kept) in [
            ("card 4242424242424242!", "card ••••••••••••4242!"),
            ("4242 4242 4242 4242", "•••• •••• •••• 4242"),
            ("4242-4242-4242-4242 and more", "••••-••••-••••-4242 and more"),
            ("378282246310005", "•••••••••••0005"),
            ("卡号４２４２４２４２４２４２４２４２。", "卡号••••••••••••４２４２。"),
            ("no card: 4242424242424310", "no card: 4242424242424310"),
            ("+44 7400 123456", "+44 7400 123456"),
            ("order 7K2M9-QX4TB", "order 7K2M9-QX4TB"),
            ("0000000000000000", "0000000000000000"),
            ("", ""),
        ] {
            assert_eq!(without_card_numbers(typed), kept);
        }
    }

    #[test]
    fn a_card_number_beside_other_digits_is_found() {
        let masked = without_card_numbers("4242424242424242 12/27 123");
        assert!(!masked.contains("424242424242"), "{masked}");
        assert!(!without_card_numbers("tel 07400 4242424242424242").contains("42424242"), "the longest part");
    }

    #[test]
    fn a_case_code_is_read_as_people_write_it_and_is_no_order_code() {
        let made = case_code(UnixMs(1_700_000_000_000), [7; 16]);
        assert_eq!(parse_case_code(&format!(" {} ", made.to_lowercase())), Some(made.clone()));
        assert_eq!(parse_case_code(made.trim_start_matches("S-")), None);
        assert_eq!(code::parse(&made), None);
    }
}
