//! The bytes of ESC/POS as commands, however they are cut by the network (Epson, "ESC/POS Command Reference for TM
//! printers"). Knows what is used for receipts; what else it recognises it skips whole. Start at [`Decoder::next`].

/// The longest data that one command carries.
const MOST_DATA: usize = 2 * 1024 * 1024;

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Text(Vec<u8>),
    /// Prints the line and goes on by so many lines.
    Lines(u8),
    /// Prints the line and goes on by so many dots.
    Dots(u8),
    Initialise,
    CodePage(u8),
    Emphasis(bool),
    Underline(u8),
    Reverse(bool),
    /// `ESC !`: emphasis, height, width and underline in one byte.
    Mode(u8),
    /// `GS !`: width in the upper and height in the lower half, both less one.
    Size(u8),
    Justify(u8),
    /// Dots from line to line; none for the usual.
    Spacing(Option<u8>),
    /// With so many dots fed first.
    Cut(u8),
    Drawer,
    /// `DLE EOT n`
    RealTime(u8),
    /// `GS r n`
    Status(u8),
    /// `GS a n`: report changes without being asked.
    Report(u8),
    /// `GS ( k` for a QR code: function and its parameters.
    Qr(u8, Vec<u8>),
    /// A picture: scale across and down, bytes of a row, and the rows.
    Raster {
        wide: u8,
        high: u8,
        stride: usize,
        rows: Vec<u8>,
    },
    /// `ESC *`: columns of 8 or 24 dots.
    Columns {
        dots: usize,
        data: Vec<u8>,
    },
    /// A picture that is kept until it is printed.
    Keep {
        wide: u8,
        high: u8,
        stride: usize,
        rows: Vec<u8>,
    },
    PrintKept,
    Skipped,
    Unknown(u8),
}

/// Takes bytes as they come.
#[derive(Default)]
pub struct Decoder {
    bytes: Vec<u8>,
}

/// A command and how many bytes it took; none while some are missing.
type Found = Option<(Command, usize)>;

impl Decoder {
    /// More bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole command.
    pub fn next(&mut self) -> Option<Command> {
        let (command, taken) = decode(&self.bytes)?;
        self.bytes.drain(..taken);
        Some(command)
    }
}

fn decode(bytes: &[u8]) -> Found {
    match *bytes.first()? {
        0x0a => Some((Command::Lines(1), 1)),
        0x0d => Some((Command::Skipped, 1)),
        0x09 => Some((Command::Text(b"    ".to_vec()), 1)),
        0x10 => real_time(bytes),
        0x1b => escape(bytes),
        0x1c => kanji(bytes),
        0x1d => group(bytes),
        byte if byte < 0x20 || byte == 0x7f => Some((Command::Unknown(byte), 1)),
        _ => {
            let end = bytes.iter().position(|byte| *byte < 0x20 || *byte == 0x7f).unwrap_or(bytes.len());
            Some((Command::Text(bytes[..end].to_vec()), end))
        }
    }
}

fn real_time(bytes: &[u8]) -> Found {
    match (*bytes.get(1)?, *bytes.get(2)?) {
        (0x04, n @ (7 | 8 | 18)) => bytes.get(3).map(|_| (Command::RealTime(n), 4)),
        (0x04, n) => Some((Command::RealTime(n), 3)),
        // DLE DC4 1 m t opens the drawer.
        (0x14, 1) => bytes.get(4).map(|_| (Command::Drawer, 5)),
        (0x14, _) => bytes.get(4).map(|_| (Command::Skipped, 5)),
        (0x05, _) => Some((Command::Skipped, 3)),
        _ => Some((Command::Unknown(0x10), 1)),
    }
}

/// A command of two bytes and one parameter.
fn one(bytes: &[u8], make: impl FnOnce(u8) -> Command) -> Found {
    bytes.get(2).map(|n| (make(*n), 3))
}

/// A command with so many bytes in all, that changes nothing here.
fn skip(bytes: &[u8], length: usize) -> Found {
    (bytes.len() >= length).then_some((Command::Skipped, length))
}

fn escape(bytes: &[u8]) -> Found {
    match *bytes.get(1)? {
        b'@' => Some((Command::Initialise, 2)),
        b'!' => one(bytes, Command::Mode),
        b'-' => one(bytes, |n| Command::Underline(n % 48)),
        b'E' | b'G' => one(bytes, |n| Command::Emphasis(n & 1 == 1)),
        b'a' => one(bytes, |n| Command::Justify(n % 48)),
        b'd' => one(bytes, Command::Lines),
        b'J' => one(bytes, Command::Dots),
        b't' => one(bytes, Command::CodePage),
        b'3' => one(bytes, |n| Command::Spacing(Some(n))),
        b'2' => Some((Command::Spacing(None), 2)),
        b'i' | b'm' => Some((Command::Cut(0), 2)),
        b'p' => bytes.get(4).map(|_| (Command::Drawer, 5)),
        b'*' => columns(bytes),
        b'S' | b'L' => Some((Command::Skipped, 2)),
        b'M' | b'R' | b'{' | b'V' | b' ' | b'=' | b'r' | b'T' | b'u' | b'v' => skip(bytes, 3),
        b'$' | b'\\' | b'c' => skip(bytes, 4),
        b'W' => skip(bytes, 10),
        b'D' => bytes.iter().position(|byte| *byte == 0).map(|end| (Command::Skipped, end + 1)),
        _ => Some((Command::Unknown(0x1b), 1)),
    }
}

fn columns(bytes: &[u8]) -> Found {
    let (mode, count) = (*bytes.get(2)?, two(bytes, 3)?);
    let dots: usize = if mode >= 32 { 24 } else { 8 };
    let (data, end) = data(bytes, 5, count * dots / 8)?;
    Some((Command::Columns { dots, data }, end))
}

fn kanji(bytes: &[u8]) -> Found {
    match *bytes.get(1)? {
        b'.' | b'&' => Some((Command::Skipped, 2)),
        b'C' | b'!' | b'-' | b'W' => skip(bytes, 3),
        b'S' | b'p' => skip(bytes, 4),
        b'(' => long(bytes).map(|(_, _, end)| (Command::Skipped, end)),
        _ => Some((Command::Unknown(0x1c), 1)),
    }
}

fn group(bytes: &[u8]) -> Found {
    match *bytes.get(1)? {
        b'!' => one(bytes, Command::Size),
        b'B' => one(bytes, |n| Command::Reverse(n & 1 == 1)),
        b'a' => one(bytes, Command::Report),
        b'r' => one(bytes, |n| Command::Status(n % 48)),
        b'V' => match *bytes.get(2)? {
            65 | 66 | 97 | 98 | 103 | 104 => bytes.get(3).map(|n| (Command::Cut(*n), 4)),
            _ => Some((Command::Cut(0), 3)),
        },
        b'v' => raster(bytes),
        b'(' => parenthesis(bytes),
        b'8' => {
            let length = two(bytes, 3)? + (two(bytes, 5)? << 16);
            let (body, end) = data(bytes, 7, length)?;
            Some((graphics(&body), end))
        }
        b'k' => barcode(bytes),
        b'b' | b'I' | b'H' | b'h' | b'w' | b'f' => skip(bytes, 3),
        b'L' | b'W' | b'P' | b'$' | b'\\' => skip(bytes, 4),
        _ => Some((Command::Unknown(0x1d), 1)),
    }
}

/// `GS v 0 m xL xH yL yH`
fn raster(bytes: &[u8]) -> Found {
    let mode = *bytes.get(3)? % 48;
    let (stride, high) = (two(bytes, 4)?, two(bytes, 6)?);
    let (rows, end) = data(bytes, 8, stride * high)?;
    Some((Command::Raster { wide: 1 + (mode & 1), high: 1 + (mode >> 1 & 1), stride, rows }, end))
}

/// `GS ( X pL pH` and what belongs to it.
fn parenthesis(bytes: &[u8]) -> Found {
    let (function, body, end) = long(bytes)?;
    let command = match (function, body.as_slice()) {
        // cn 49 is a QR code.
        (b'k', [49, function, rest @ ..]) => Command::Qr(*function, rest.to_vec()),
        (b'L', _) => graphics(&body),
        _ => Command::Skipped,
    };
    Some((command, end))
}

/// `m fn` and, where a picture is kept, `a bx by c xL xH yL yH` and the rows; x counts dots.
fn graphics(body: &[u8]) -> Command {
    match body {
        [48, 2 | 50] => Command::PrintKept,
        [48, 112, 48, wide, high, 49, x0, x1, y0, y1, rows @ ..] => {
            let stride = usize::from(u16::from_le_bytes([*x0, *x1])).div_ceil(8);
            let count = usize::from(u16::from_le_bytes([*y0, *y1]));
            if stride * count == rows.len() {
                Command::Keep { wide: *wide, high: *high, stride, rows: rows.to_vec() }
            } else {
                Command::Unknown(0x1d)
            }
        }
        _ => Command::Skipped,
    }
}

fn barcode(bytes: &[u8]) -> Found {
    if *bytes.get(2)? <= 6 {
        let end = bytes.get(3..)?.iter().position(|byte| *byte == 0)?;
        return Some((Command::Skipped, end + 4));
    }
    skip(bytes, 4 + usize::from(*bytes.get(3)?))
}

/// Prefix, function, two bytes of length, data.
fn long(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let (body, end) = data(bytes, 5, two(bytes, 3)?)?;
    Some((*bytes.get(2)?, body, end))
}

fn two(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])))
}

/// So much data from there on, and where it ends; a command that would be too long loses its data.
fn data(bytes: &[u8], at: usize, length: usize) -> Option<(Vec<u8>, usize)> {
    if length > MOST_DATA {
        return Some((Vec::new(), at));
    }
    bytes.get(at..at + length).map(|data| (data.to_vec(), at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(chunks: &[&[u8]]) -> Vec<Command> {
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        for chunk in chunks {
            decoder.push(chunk);
            while let Some(command) = decoder.next() {
                found.push(command);
            }
        }
        found
    }

    #[test]
    fn commands_are_the_same_however_the_network_cuts_them() {
        let bytes: &[u8] =
            b"\x1b@\x1bt\x10\x1dv0\x00\x01\x00\x02\x00\xaa\x55\x1d(k\x05\x001P0ab\x10\x04\x04\x1dVA\x03";
        let whole = all(&[bytes]);
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(all(&single), whole);
        assert_eq!(
            whole,
            [
                Command::Initialise,
                Command::CodePage(16),
                Command::Raster { wide: 1, high: 1, stride: 1, rows: vec![0xaa, 0x55] },
                Command::Qr(80, b"0ab".to_vec()),
                Command::RealTime(4),
                Command::Cut(3),
            ]
        );
    }

    #[test]
    fn a_status_request_inside_a_picture_is_a_part_of_the_picture() {
        let found = all(&[b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01x"]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[1], Command::Text(b"x".to_vec()));
    }
}
