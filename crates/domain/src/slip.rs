//! A slip: what a narrow roll of paper says, before anybody has thought of a printer. Lines of text, rules, QR codes
//! and pictures in black and white, made by whoever knows the receipt; `gateways::printing` turns it into commands.

use crate::states;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The word on everything that is printed once more; the same in every language, so that any inspector knows it.
pub const COPY: &str = "COPY";

/// More parts than this are no slip.
pub const PARTS_MAX: usize = 400;
/// A text has at most so many characters.
pub const TEXT_MAX: usize = 1_000;
/// What fits into a QR code that still can be read from the narrow paper.
pub const QR_MAX: usize = 600;
/// The longest picture: half a metre of paper.
pub const HEIGHT_MAX: u32 = 4_000;

states! {
    /// The two widths of paper, at 203 dots per inch.
    PaperWidth {
        Mm58 = "58",
        Mm80 = "80",
    }
}

impl PaperWidth {
    /// Characters of the printer's standard font in a line.
    pub fn columns(self) -> usize {
        match self {
            PaperWidth::Mm58 => 32,
            PaperWidth::Mm80 => 48,
        }
    }

    /// Dots in a line.
    pub fn dots(self) -> u32 {
        match self {
            PaperWidth::Mm58 => 384,
            PaperWidth::Mm80 => 576,
        }
    }
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Start,
    Centre,
    End,
}

/// How large text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    #[default]
    Normal,
    /// Twice as high.
    Tall,
    /// Twice as high and twice as wide.
    Double,
}

impl TextSize {
    /// How many columns one character takes.
    pub fn columns(self) -> usize {
        match self {
            TextSize::Normal | TextSize::Tall => 1,
            TextSize::Double => 2,
        }
    }
}

/// A picture in black and white.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bitmap {
    pub width: u32,
    pub height: u32,
    /// Row by row, each filled up to whole bytes; the highest bit is the leftmost dot, and a set bit is black.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub rows: Vec<u8>,
}

impl std::fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitmap {}x{}", self.width, self.height)
    }
}

impl Bitmap {
    /// How many bytes one row takes.
    pub fn stride(&self) -> usize {
        usize::try_from(self.width.div_ceil(8)).unwrap_or(usize::MAX)
    }
}

/// One thing on the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text {
        text: String,
        #[serde(default)]
        align: Align,
        #[serde(default)]
        emphasis: bool,
        #[serde(default)]
        size: TextSize,
    },
    /// What it is at the start of the line, how much at its end.
    Pair {
        start: String,
        end: String,
        #[serde(default)]
        emphasis: bool,
    },
    /// A line across the paper.
    Rule,
    /// An empty line.
    Space,
    /// A QR code of this text.
    Qr(String),
    Image(Bitmap),
}

impl Part {
    /// A plain line.
    pub fn text(text: impl Into<String>) -> Part {
        Part::Text { text: text.into(), align: Align::Start, emphasis: false, size: TextSize::Normal }
    }

    /// A line in the middle, thick and large.
    pub fn heading(text: impl Into<String>) -> Part {
        Part::Text { text: text.into(), align: Align::Centre, emphasis: true, size: TextSize::Double }
    }

    /// A label and its value on one line.
    pub fn pair(start: impl Into<String>, end: impl Into<String>) -> Part {
        Part::Pair { start: start.into(), end: end.into(), emphasis: false }
    }
}

/// A whole slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    pub width: PaperWidth,
    pub parts: Vec<Part>,
    /// Is the paper cut at the end?
    pub cut: bool,
    /// Does the cash drawer open?
    pub drawer: bool,
}

/// Why a slip cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSlip {
    #[error("the slip is empty")]
    Empty,
    #[error("the slip is too long: at most {PARTS_MAX} parts and {TEXT_MAX} characters a part")]
    TooLong,
    #[error("a QR code holds 1 to {QR_MAX} bytes")]
    Qr,
    #[error("a picture is at most as wide as the paper and {HEIGHT_MAX} dots high, and has all of its rows")]
    Picture,
}

impl Slip {
    /// A slip that is cut and opens no drawer.
    pub fn new(width: PaperWidth, parts: Vec<Part>) -> Slip {
        Slip { width, parts, cut: true, drawer: false }
    }

    /// A slip that is one picture.
    pub fn picture(width: PaperWidth, image: Bitmap) -> Slip {
        Slip::new(width, vec![Part::Image(image)])
    }

    /// Can it be printed at all?
    pub fn check(&self) -> Result<(), BadSlip> {
        if self.parts.is_empty() && !self.drawer {
            return Err(BadSlip::Empty);
        }
        if self.parts.len() > PARTS_MAX {
            return Err(BadSlip::TooLong);
        }
        self.parts.iter().try_for_each(|part| self.check_part(part))
    }

    fn check_part(&self, part: &Part) -> Result<(), BadSlip> {
        let fits = |text: &str| text.chars().take(TEXT_MAX + 1).count() <= TEXT_MAX;
        match part {
            Part::Text { text, .. } if !fits(text) => Err(BadSlip::TooLong),
            Part::Pair { start, end, .. } if !fits(start) || !fits(end) => Err(BadSlip::TooLong),
            Part::Qr(data) if data.is_empty() || data.len() > QR_MAX => Err(BadSlip::Qr),
            Part::Image(image) => {
                let rows = usize::try_from(image.height).unwrap_or(usize::MAX);
                let whole = image.stride().checked_mul(rows) == Some(image.rows.len());
                let fits = (1..=self.width.dots()).contains(&image.width);
                let high = (1..=HEIGHT_MAX).contains(&image.height);
                if whole && fits && high { Ok(()) } else { Err(BadSlip::Picture) }
            }
            Part::Text { .. } | Part::Pair { .. } | Part::Rule | Part::Space | Part::Qr(_) => Ok(()),
        }
    }

    /// The same slip with the word for a copy above and below, so that neither half passes for the first one. A copy
    /// opens no drawer: no money moves for it.
    #[must_use]
    pub fn copy(&self, number: i64) -> Slip {
        let mark = || Part::heading(format!("{COPY} {number}"));
        let mut parts = vec![mark()];
        parts.extend(self.parts.iter().cloned());
        parts.push(mark());
        Slip { parts, drawer: false, ..self.clone() }
    }
}

/// `start` and `end` on lines of so many columns: on one line where they fit, else `end` on a line of its own.
pub fn pair_lines(start: &str, end: &str, columns: usize) -> Vec<String> {
    let (left, right) = (start.chars().count(), end.chars().count());
    if left + right < columns {
        return vec![format!("{start}{}{end}", " ".repeat(columns - left - right))];
    }
    let mut lines = wrap(start, columns);
    let at_the_end = |line: String| {
        let missing = columns.saturating_sub(line.chars().count());
        format!("{}{line}", " ".repeat(missing))
    };
    lines.extend(wrap(end, columns).into_iter().map(at_the_end));
    lines
}

/// The text on lines of at most so many columns, broken between words where it can be.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let taken = line.chars().count();
            let room = columns.saturating_sub(taken + usize::from(taken > 0));
            if word.chars().count() <= room {
                if taken > 0 {
                    line.push(' ');
                }
                line.push_str(word);
                continue;
            }
            if taken > 0 {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                if line.chars().count() == columns {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        lines.push(line);
    }
    lines
}

fn to_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    serializer.serialize_str(&text)
}

fn from_hex<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let byte = |two: &[u8]| match two {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| serde::de::Error::custom("rows are pairs of hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_and_its_value_fill_the_line_or_take_two() {
        assert_eq!(pair_lines("Total", "10.00", 16), ["Total      10.00"]);
        assert_eq!(pair_lines("A long label", "10.00 EUR", 16), ["A long label", "       10.00 EUR"]);
    }

    #[test]
    fn words_stay_whole_where_they_fit_and_a_long_word_is_cut() {
        assert_eq!(wrap("keep this slip", 9), ["keep this", "slip"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn a_copy_says_so_at_both_ends_and_opens_no_drawer() {
        let slip = Slip { drawer: true, ..Slip::new(PaperWidth::Mm58, vec![Part::text("paid")]) };
        let copy = slip.copy(2);
        assert!(!copy.drawer);
        assert_eq!(copy.parts.first(), Some(&Part::heading("COPY 2")));
        assert_eq!(copy.parts.last(), Some(&Part::heading("COPY 2")));
    }

    #[test]
    fn a_picture_that_lacks_rows_or_is_wider_than_the_paper_is_refused() {
        let picture = |width, height, bytes| {
            Slip::picture(PaperWidth::Mm58, Bitmap { width, height, rows: vec![0; bytes] }).check()
        };
        assert_eq!(picture(384, 2, 96), Ok(()));
        assert_eq!(picture(384, 2, 95), Err(BadSlip::Picture));
        assert_eq!(picture(385, 1, 49), Err(BadSlip::Picture));
        assert_eq!(picture(8, 4_001, 4_001), Err(BadSlip::Picture));
    }
}
