//! QR codes as pages and mails show them: one path of an SVG, with the quiet zone that readers need (ISO/IEC 18004).

use crate::error::Result;
use fast_qr::{ECL, QRBuilder};
use render::view::QrShown;

/// Empty modules around the code.
const QUIET: usize = 4;

/// A text as a QR code. A seventh of it may be lost to folds and dirt (level M): more would need more modules than
/// narrow paper shows well.
pub fn shown(text: &str) -> Result<QrShown> {
    let code = QRBuilder::new(text).ecl(ECL::M).build();
    let code = code.map_err(|error| anyhow::anyhow!("a QR code: {error:?}"))?;
    let mut path = String::new();
    for y in 0..code.size {
        for x in 0..code.size {
            if code[y][x].value() {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
    }
    Ok(QrShown { path, size: code.size + 2 * QUIET })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_has_its_quiet_zone() {
        let QrShown { path, size } = shown("https://topup.example/r/7K2M9-QX4TB").unwrap();
        assert!(path.starts_with("M4 4h1") && size >= 29, "{size}");
    }

    #[test]
    fn the_text_of_a_receipt_has_modules_that_narrow_paper_shows() {
        let text = format!(
            "https://topup.example.com/r/7K2M9-QX4TB#1.r1.R.1030GBP.1795364100.3456.{}",
            "A".repeat(86)
        );
        let size = shown(&text).unwrap().size;
        // 384 dots on 58 mm: six dots a module.
        assert!(size * 6 <= 384, "{size}");
    }
}
