//! A set slip as one bit per dot, as a thermal print head takes it.

use typst::layout::Abs;
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_render::RenderOptions;

use crate::error::{Error, Result};

/// Dots across 58 mm paper at 203 dots per inch.
pub const DOTS_58: u32 = 384;
/// Dots across 80 mm paper at 203 dots per inch.
pub const DOTS_80: u32 = 576;

const NARROWEST: u32 = 256;
const WIDEST: u32 = 832;
/// Two metres of paper: more is not a receipt.
const LONGEST: u32 = 16_000;
const DOTS_PER_POINT: f64 = 203.0 / 72.0;
/// Grey darker than this becomes a dot. Above the middle: heat prints thin strokes thinner than ink.
const DARK: u8 = 160;

/// Black and white dots, eight to a byte, the leftmost in the highest bit; a set bit is a black dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    pub width: u32,
    pub height: u32,
    /// `width / 8` bytes for each row.
    pub bytes: Vec<u8>,
}

impl Bitmap {
    /// As a portable bitmap (netpbm P4), which most programs open.
    pub fn to_pbm(&self) -> Vec<u8> {
        let mut file = format!("P4\n{} {}\n", self.width, self.height).into_bytes();
        file.extend_from_slice(&self.bytes);
        file
    }

    /// Is there a black dot?
    pub fn is_dark(&self, column: u32, row: u32) -> bool {
        let at = u64::from(row) * u64::from(self.width / 8) + u64::from(column / 8);
        let byte = usize::try_from(at).ok().and_then(|at| self.bytes.get(at));
        column < self.width && byte.is_some_and(|byte| byte & (0x80 >> (column % 8)) != 0)
    }
}

pub(crate) fn check(width: u32) -> Result<()> {
    if (NARROWEST..=WIDEST).contains(&width) && width.is_multiple_of(8) {
        return Ok(());
    }
    Err(Error::Width { asked: width, narrow: NARROWEST, wide: WIDEST })
}

pub(crate) fn dots(set: &PagedDocument, width: u32) -> Result<Bitmap> {
    let points: Abs = set.pages().iter().map(|page| page.frame.height()).sum();
    if points.to_pt() * DOTS_PER_POINT > f64::from(LONGEST) {
        return Err(Error::TooLong { what: "the paper in dots", most: 16_000 });
    }
    let options = RenderOptions { pixel_per_pt: Scalar::new(DOTS_PER_POINT), render_bleed: false };
    let picture = typst_render::render_merged(set, &options, Abs::zero(), None);
    if picture.width() != width {
        return Err(Error::Typesetting(format!("{} dots wide instead of {width}", picture.width())));
    }
    let dark = |pixel: &[u8]| pixel.first().is_some_and(|red| *red < DARK);
    let pixels: Vec<bool> = picture.data().chunks(4).map(dark).collect();
    let bytes = pixels.chunks(8).map(|eight| eight.iter().fold(0_u8, |byte, dot| byte << 1 | u8::from(*dot))).collect();
    Ok(Bitmap { width, height: picture.height(), bytes })
}
