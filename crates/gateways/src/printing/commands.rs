//! A slip as the bytes of ESC/POS. Commands and code pages come from the `escpos` crate, written into memory. Two commands
//! are ours: the raster's header, since the crate would decode image files for it, and the drawer's pulse, which the
//! crate sends without its two times. Text never carries a command: control characters become spaces.

use domain::slip::{self, Align, BadSlip, Bitmap, Part, Slip, TextSize};
use escpos::driver::Driver;
use escpos::errors::PrinterError;
use escpos::printer::Printer;
use escpos::printer_options::PrinterOptions;
use escpos::utils::{
    Encoder, JustifyMode, PageCode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Code pages in the order in which they are tried; each has the euro sign.
const PAGES: [PageCode; 5] =
    [PageCode::WPC1252, PageCode::PC858, PageCode::WPC1250, PageCode::WPC1254, PageCode::WPC1257];
/// So many rows of a picture travel in one command: small printers have small buffers.
const BAND_ROWS: usize = 128;
/// A pulse of 100 ms on pin 2, and half a second of rest (Epson ESC/POS reference, "ESC p").
const DRAWER: [u8; 5] = [0x1b, b'p', 0, 50, 250];

/// Why a slip has no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotEncodable {
    #[error(transparent)]
    Slip(#[from] BadSlip),
    #[error("the slip has letters that the printer does not know: it must be printed as a picture")]
    NeedsRaster,
    #[error("the slip cannot be written as commands")]
    Commands,
}

/// Collects what would go to a printer.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Driver for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn write(&self, data: &[u8]) -> Result<(), PrinterError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> Result<usize, PrinterError> {
        Ok(0)
    }

    fn flush(&self) -> Result<(), PrinterError> {
        Ok(())
    }
}

impl From<PrinterError> for NotEncodable {
    fn from(_: PrinterError) -> NotEncodable {
        NotEncodable::Commands
    }
}

/// Writes into memory with this code page. Letters outside it are an error and never something else: the encoder behind
/// the page knows only ASCII.
fn printer(memory: &Memory, page: PageCode) -> Printer<Memory> {
    let protocol = Protocol::new(Encoder::new(encoding_rs::X_USER_DEFINED));
    Printer::new(memory.clone(), protocol, Some(PrinterOptions::new(Some(page), None, 48)))
}

/// The first code page that has every letter of the slip.
fn page_of(slip: &Slip) -> Option<PageCode> {
    let text: String = slip.parts.iter().flat_map(texts).map(plain).collect();
    PAGES.into_iter().find(|page| printer(&Memory::default(), *page).write(&text).is_ok())
}

fn texts(part: &Part) -> Vec<&str> {
    match part {
        Part::Text { text, .. } => vec![text],
        Part::Pair { start, end, .. } => vec![start, end],
        Part::Rule | Part::Space | Part::Qr(_) | Part::Image(_) => vec![],
    }
}

/// Has the slip letters that no code page knows? Then it is to be printed as a picture.
pub fn needs_raster(slip: &Slip) -> bool {
    page_of(slip).is_none()
}

/// The text without anything that a printer could take for a command. Spaces that do not break are spaces on paper,
/// and an encoder's own private letters are none that anybody could read.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        '\n' => '\n',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{e000}'..='\u{f8ff}' => '\u{fffd}',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(letter).collect()
}

/// The slip as bytes, from initialising the printer to the cut.
pub fn encode(slip: &Slip) -> Result<Vec<u8>, NotEncodable> {
    slip.check()?;
    let page = page_of(slip).ok_or(NotEncodable::NeedsRaster)?;
    let memory = Memory::default();
    let mut out = printer(&memory, page);
    out.init()?;
    if slip.drawer {
        out.custom(&DRAWER)?;
    }
    for part in &slip.parts {
        write_part(&mut out, slip, part)?;
    }
    if slip.cut {
        out.cut()?;
    } else {
        out.feeds(4)?;
    }
    out.print()?;
    let bytes = std::mem::take(&mut *memory.0.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(bytes)
}

fn write_part(out: &mut Printer<Memory>, slip: &Slip, part: &Part) -> Result<(), NotEncodable> {
    let columns = slip.width.columns();
    match part {
        Part::Text { text, align, emphasis, size } => {
            let lines = slip::wrap(&plain(text), columns / size.columns());
            write_lines(out, &lines, *align, *emphasis, *size)
        }
        Part::Pair { start, end, emphasis } => {
            let one_line = |text: &str| plain(text).replace('\n', " ");
            let lines = slip::pair_lines(&one_line(start), &one_line(end), columns);
            write_lines(out, &lines, Align::Start, *emphasis, TextSize::Normal)
        }
        Part::Rule => write_lines(out, &["-".repeat(columns)], Align::Start, false, TextSize::Normal),
        Part::Space => Ok(out.feed().map(|_| ())?),
        Part::Qr(data) => {
            // The quiet zone above the code; the one beside it is the paper.
            out.feed()?.justify(JustifyMode::CENTER)?;
            let option =
                QRCodeOption::new(QRCodeModel::Model2, dot_size(slip, data), QRCodeCorrectionLevel::M);
            out.qrcode_option(data, option)?.feed()?.justify(JustifyMode::LEFT)?;
            Ok(())
        }
        Part::Image(image) => write_image(out, image),
    }
}

fn write_lines(
    out: &mut Printer<Memory>,
    lines: &[String],
    align: Align,
    emphasis: bool,
    size: TextSize,
) -> Result<(), NotEncodable> {
    let justify = match align {
        Align::Start => JustifyMode::LEFT,
        Align::Centre => JustifyMode::CENTER,
        Align::End => JustifyMode::RIGHT,
    };
    let (wide, high) = match size {
        TextSize::Normal => (1, 1),
        TextSize::Tall => (1, 2),
        TextSize::Double => (2, 2),
    };
    out.justify(justify)?.bold(emphasis)?.size(wide, high)?;
    for line in lines {
        out.writeln(line)?;
    }
    out.size(1, 1)?.bold(false)?.justify(JustifyMode::LEFT)?;
    Ok(())
}

/// Dots of one module, so that the code with its quiet zone fits the paper: a version 20 code at level M holds 666
/// bytes and is 97 modules wide (ISO/IEC 18004, table 7).
fn dot_size(slip: &Slip, data: &str) -> u8 {
    let modules: u32 = match data.len() {
        0..=84 => 37,
        85..=152 => 49,
        153..=331 => 69,
        _ => 97,
    };
    let fits = slip.width.dots() / (modules + 8);
    u8::try_from(fits.clamp(3, 6)).unwrap_or(3)
}

/// `GS v 0`, normal size: bytes of a row, rows, and the rows themselves (Epson ESC/POS reference, "GS v 0").
fn write_image(out: &mut Printer<Memory>, image: &Bitmap) -> Result<(), NotEncodable> {
    let stride = image.stride();
    let two = |n: usize| u16::try_from(n).map(u16::to_le_bytes).map_err(|_| NotEncodable::Commands);
    for band in image.rows.chunks(stride * BAND_ROWS) {
        let mut command = vec![0x1d, b'v', b'0', 0];
        command.extend(two(stride)?);
        command.extend(two(band.len() / stride)?);
        command.extend_from_slice(band);
        out.custom(&command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::slip::PaperWidth;

    fn text(text: &str) -> Slip {
        Slip::new(PaperWidth::Mm58, vec![Part::text(text)])
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_euro_sign_is_the_byte_of_the_page_that_was_chosen() {
        let western = encode(&text("10,00 \u{20ac} caf\u{e9}")).unwrap();
        assert!(holds(&western, b"\x1bt\x10") && holds(&western, b"10,00 \x80 caf\xe9"), "{western:x?}");
        let central = encode(&text("10,00 \u{20ac} \u{142}\u{f3}d\u{17a}")).unwrap();
        assert!(
            holds(&central, b"\x1bt\x2d") && holds(&central, b"10,00 \x80 \xb3\xf3d\x9f"),
            "{central:x?}"
        );
    }

    #[test]
    fn letters_that_no_page_knows_ask_for_a_picture() {
        assert!(!needs_raster(&text("Total \u{a3}10 \u{20ac}")));
        for foreign in ["\u{6536}\u{636e}", "\u{625}\u{64a}\u{635}\u{627}\u{644}", "\u{f7c3}"] {
            assert!(needs_raster(&text(foreign)), "{foreign}");
            assert_eq!(encode(&text(foreign)), Err(NotEncodable::NeedsRaster));
        }
    }

    #[test]
    fn a_text_cannot_carry_a_command() {
        let bytes = encode(&text("a\u{1b}p\u{0}b\u{10}\u{14}c")).unwrap();
        assert!(holds(&bytes, b"a p b  c"), "{bytes:x?}");
    }

    #[test]
    fn a_picture_travels_in_bands() {
        let image = Bitmap { width: 16, height: 200, rows: vec![0xaa; 400] };
        let bytes = encode(&Slip::picture(PaperWidth::Mm80, image)).unwrap();
        assert!(holds(&bytes, &[0x1d, b'v', b'0', 0, 2, 0, 128, 0, 0xaa]));
        assert!(holds(&bytes, &[0x1d, b'v', b'0', 0, 2, 0, 72, 0, 0xaa]));
    }

    #[test]
    fn the_drawer_opens_only_where_it_is_asked_for() {
        assert!(!holds(&encode(&text("x")).unwrap(), b"\x1bp"));
        assert!(holds(&encode(&Slip { drawer: true, ..text("x") }).unwrap(), &DRAWER));
    }
}
