//! The paper: commands drawn as dots, 203 to the inch, until it is cut. Start at [`Roll::obey`]; what was cut off is a
//! [`Paper`], with its image and, for a look by machine, its text.

use fast_qr::{ECL, QRBuilder};
use serde::Serialize;

use super::decode::Command;
use super::letters;

/// The longest piece of paper: two metres and a half.
const MOST_ROWS: usize = 20_000;
/// From line to line, in dots.
const SPACING: usize = 30;

/// A piece of paper that left the printer.
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    pub id: u64,
    /// RFC 3339.
    pub at: String,
    /// The lines of text, as they were read from the code page.
    pub text: Vec<String>,
    /// What the QR codes say.
    pub qr: Vec<String>,
    /// How many pictures are on it.
    pub pictures: usize,
    /// Was it cut, or did the connection end before?
    pub cut: bool,
    pub width: usize,
    pub height: usize,
    #[serde(skip)]
    pub png: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Style {
    emphasis: bool,
    underline: bool,
    reverse: bool,
    wide: usize,
    high: usize,
}

const PLAIN: Style = Style { emphasis: false, underline: false, reverse: false, wide: 1, high: 1 };

/// A picture as bytes of a row and rows.
#[derive(Clone)]
struct Picture {
    wide: usize,
    high: usize,
    stride: usize,
    rows: Vec<u8>,
}

/// The roll as a job sees it.
pub struct Roll {
    width: usize,
    rows: Vec<Vec<bool>>,
    line: Vec<(char, Style)>,
    style: Style,
    justify: u8,
    page: u8,
    spacing: usize,
    qr_size: usize,
    qr_level: u8,
    qr_data: Vec<u8>,
    kept: Option<Picture>,
    text: Vec<String>,
    qr: Vec<String>,
    pictures: usize,
}

impl Roll {
    pub fn new(width: usize) -> Roll {
        Roll {
            width,
            rows: Vec::new(),
            line: Vec::new(),
            style: PLAIN,
            justify: 0,
            page: 0,
            spacing: SPACING,
            qr_size: 3,
            qr_level: 48,
            qr_data: Vec::new(),
            kept: None,
            text: Vec::new(),
            qr: Vec::new(),
            pictures: 0,
        }
    }

    /// How many rows of dots were fed so far.
    pub fn fed(&self) -> usize {
        self.rows.len()
    }

    /// Is anything on the paper?
    pub fn has_content(&self) -> bool {
        !self.text.is_empty() || !self.line.is_empty() || self.pictures > 0 || !self.qr.is_empty()
    }

    /// Draws one command; what is no drawing changes nothing.
    pub fn obey(&mut self, command: &Command) {
        match command {
            Command::Text(bytes) => {
                let letters = letters::read(self.page, bytes);
                letters.chars().for_each(|letter| self.put(letter));
            }
            Command::Lines(n) => {
                self.print_line();
                self.feed(usize::from(*n).saturating_sub(1) * self.spacing);
            }
            Command::Dots(n) => {
                self.print_line();
                self.feed(usize::from(*n).saturating_sub(self.spacing));
            }
            Command::Initialise => {
                let fresh = Roll::new(self.width);
                (self.line, self.style, self.justify) = (fresh.line, fresh.style, fresh.justify);
                (self.page, self.spacing) = (fresh.page, fresh.spacing);
            }
            Command::CodePage(page) => self.page = *page,
            Command::Emphasis(on) => self.style.emphasis = *on,
            Command::Underline(n) => self.style.underline = *n > 0,
            Command::Reverse(on) => self.style.reverse = *on,
            Command::Mode(n) => {
                self.style.emphasis = n & 8 != 0;
                self.style.high = 1 + usize::from(n >> 4 & 1);
                self.style.wide = 1 + usize::from(n >> 5 & 1);
                self.style.underline = n & 128 != 0;
            }
            Command::Size(n) => {
                self.style.wide = 1 + usize::from(n >> 4 & 7);
                self.style.high = 1 + usize::from(n & 7);
            }
            Command::Justify(n) => self.justify = *n,
            Command::Spacing(dots) => self.spacing = dots.map_or(SPACING, usize::from),
            Command::Qr(function, parameters) => self.qr(*function, parameters),
            Command::Raster { wide, high, stride, rows } => {
                self.picture(&picture(*wide, *high, *stride, rows))
            }
            Command::Keep { wide, high, stride, rows } => {
                self.kept = Some(picture(*wide, *high, *stride, rows))
            }
            Command::PrintKept => {
                if let Some(kept) = self.kept.take() {
                    self.picture(&kept);
                }
            }
            Command::Columns { dots, data } => self.columns(*dots, data),
            Command::Cut(_)
            | Command::Drawer
            | Command::RealTime(_)
            | Command::Status(_)
            | Command::Report(_)
            | Command::Skipped
            | Command::Unknown(_) => {}
        }
    }

    /// Ends the paper and gives it.
    pub fn end(&mut self, id: u64, at: String, cut: bool) -> Paper {
        if !self.line.is_empty() {
            self.print_line();
        }
        self.feed(4 * SPACING);
        let fresh =
            Roll { page: self.page, style: self.style, justify: self.justify, ..Roll::new(self.width) };
        let done = std::mem::replace(self, fresh);
        let (width, height) = (done.width, done.rows.len());
        let png = png(&done.rows, width);
        Paper { id, at, text: done.text, qr: done.qr, pictures: done.pictures, cut, width, height, png }
    }

    fn put(&mut self, letter: char) {
        let taken: usize = self.line.iter().map(|(_, style)| style.wide * letters::WIDTH).sum();
        if taken + self.style.wide * letters::WIDTH > self.width {
            self.print_line();
        }
        self.line.push((letter, self.style));
    }

    fn print_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            self.feed(self.spacing);
            if self.has_content() {
                self.text.push(String::new());
            }
            return;
        }
        self.text.push(line.iter().map(|(letter, _)| letter).collect());
        let high = line.iter().map(|(_, style)| style.high).max().unwrap_or(1) * letters::HEIGHT;
        let wide: usize = line.iter().map(|(_, style)| style.wide * letters::WIDTH).sum();
        let (top, mut left) = (self.rows.len(), self.left_of(wide));
        self.feed(high.max(self.spacing * high / letters::HEIGHT));
        for (letter, style) in line {
            let foot = top + high - style.high * letters::HEIGHT;
            self.letter(letter, style, left, foot);
            left += style.wide * letters::WIDTH;
        }
    }

    fn letter(&mut self, letter: char, style: Style, left: usize, top: usize) {
        let dots = letters::dots(letter);
        for y in 0..letters::HEIGHT * style.high {
            for x in 0..letters::WIDTH * style.wide {
                let (column, row) = (x / style.wide, y / style.high);
                let at =
                    |column: usize| dots.get(row).and_then(|row| row.get(column)).copied().unwrap_or(false);
                let drawn = at(column) || (style.emphasis && column > 0 && at(column - 1));
                let lined = style.underline && row == letters::HEIGHT - 1;
                if (drawn || lined) != style.reverse {
                    self.dot(left + x, top + y);
                }
            }
        }
    }

    /// `GS ( k` 49: 67 the size of a module, 69 the level, 80 the data, 81 print.
    fn qr(&mut self, function: u8, parameters: &[u8]) {
        match (function, parameters) {
            (67, [size]) => self.qr_size = usize::from((*size).clamp(1, 16)),
            (69, [level]) => self.qr_level = *level,
            (80, [48, data @ ..]) => self.qr_data = data.to_vec(),
            (81, [48]) => self.print_qr(),
            _ => {}
        }
    }

    fn print_qr(&mut self) {
        let level = match self.qr_level {
            49 => ECL::M,
            50 => ECL::Q,
            51 => ECL::H,
            _ => ECL::L,
        };
        let data = std::mem::take(&mut self.qr_data);
        let Ok(code) = QRBuilder::new(data.clone()).ecl(level).build() else { return };
        let size = code.size * self.qr_size;
        if size > self.width {
            // A code that is wider than the paper is not printed.
            return;
        }
        let (top, left, module) = (self.rows.len(), self.left_of(size), self.qr_size);
        self.feed(size);
        for y in 0..size {
            for x in 0..size {
                if code[y / module][x / module].value() {
                    self.dot(left + x, top + y);
                }
            }
        }
        self.qr.push(String::from_utf8_lossy(&data).into_owned());
    }

    fn picture(&mut self, picture: &Picture) {
        if picture.stride == 0 {
            return;
        }
        let (top, left) = (self.rows.len(), self.left_of(picture.stride * 8 * picture.wide));
        let count = picture.rows.len() / picture.stride;
        self.feed(count * picture.high);
        for y in 0..count * picture.high {
            for x in 0..picture.stride * 8 * picture.wide {
                let (row, column) = (y / picture.high, x / picture.wide);
                let byte = picture.rows.get(row * picture.stride + column / 8).copied().unwrap_or(0);
                if byte & (0x80 >> (column % 8)) != 0 {
                    self.dot(left + x, top + y);
                }
            }
        }
        self.pictures += 1;
    }

    fn columns(&mut self, dots: usize, data: &[u8]) {
        let each = dots / 8;
        let (top, left) = (self.rows.len(), self.left_of(data.len() / each));
        self.feed(dots);
        for (x, column) in data.chunks(each).enumerate() {
            for y in 0..dots {
                if column.get(y / 8).copied().unwrap_or(0) & (0x80 >> (y % 8)) != 0 {
                    self.dot(left + x, top + y);
                }
            }
        }
        self.pictures += 1;
    }

    fn left_of(&self, wide: usize) -> usize {
        let room = self.width.saturating_sub(wide);
        match self.justify {
            1 => room / 2,
            2 => room,
            _ => 0,
        }
    }

    fn feed(&mut self, dots: usize) {
        let most = MOST_ROWS.saturating_sub(self.rows.len());
        let width = self.width;
        self.rows.extend((0..dots.min(most)).map(|_| vec![false; width]));
    }

    fn dot(&mut self, x: usize, y: usize) {
        if let Some(dot) = self.rows.get_mut(y).and_then(|row| row.get_mut(x)) {
            *dot = true;
        }
    }
}

fn picture(wide: u8, high: u8, stride: usize, rows: &[u8]) -> Picture {
    let times = |n: u8| usize::from(n.clamp(1, 2));
    Picture { wide: times(wide), high: times(high), stride, rows: rows.to_vec() }
}

/// The rows in black and white, with a margin as paper has it.
fn png(rows: &[Vec<bool>], width: usize) -> Vec<u8> {
    let mut image = Vec::new();
    for row in rows {
        for eight in row.chunks(8) {
            let byte =
                eight.iter().enumerate().fold(0u8, |byte, (n, dot)| byte | (u8::from(*dot) << (7 - n)));
            image.push(!byte);
        }
    }
    let size = |n: usize| u32::try_from(n.max(1)).unwrap_or(1);
    if rows.is_empty() {
        image = vec![0xff; width.div_ceil(8)];
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, size(width), size(rows.len()));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&image));
    if let Err(error) = written {
        tracing::error!(%error, "a paper cannot be drawn");
    }
    out
}
