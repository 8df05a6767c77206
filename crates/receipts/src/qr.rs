//! A QR code as dark runs, row by row: the template draws them as squares, sharp at any size.

use fast_qr::{ECL, QRBuilder};

use crate::error::{Error, Result};

/// Letters that a code may hold: more would print finer than a phone reads on thermal paper.
pub const MOST_TEXT: usize = 1_000;
/// Light modules that must stand around a code (ISO/IEC 18004, 9.1).
pub const QUIET: usize = 4;

/// A code ready to be drawn.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Drawing {
    /// Modules along one side, without the quiet zone.
    pub side: usize,
    /// Column, row and length of each dark run.
    pub runs: Vec<[usize; 3]>,
}

/// Draws a text.
pub fn draw(text: &str) -> Result<Drawing> {
    if text.len() > MOST_TEXT {
        return Err(Error::TooLong { what: "the text in the QR code", most: MOST_TEXT });
    }
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|error| Error::Qr(error.to_string()))?;
    let mut runs: Vec<[usize; 3]> = Vec::new();
    for row in 0..code.size {
        let mut open = false;
        for (column, module) in code[row].iter().enumerate().take(code.size) {
            let dark = module.value();
            match runs.last_mut() {
                Some(run) if dark && open => run[2] += 1,
                Some(_) | None if dark => runs.push([column, row, 1]),
                Some(_) | None => {}
            }
            open = dark;
        }
    }
    Ok(Drawing { side: code.size, runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_its_finder_pattern() {
        let drawing = draw("https://example.com/r/ABCD").unwrap();
        assert_eq!(drawing.runs[0], [0, 0, 7]);
        assert!(
            drawing
                .runs
                .iter()
                .all(|[column, row, length]| column + length <= drawing.side && *row < drawing.side)
        );
    }

    #[test]
    fn a_text_that_would_print_too_fine_is_refused() {
        assert!(matches!(draw(&"x".repeat(MOST_TEXT + 1)), Err(Error::TooLong { .. })));
    }
}
