//! A set slip as one bit per dot, as a thermal print head takes it.

use typst::layout::Abs;
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_render::RenderOptions;

use crate::bitmap::Bitmap;
use crate::error::{Error, Result};

const NARROWEST: u32 = 256;
const WIDEST: u32 = 832;
/// Two metres of paper: more is not a receipt.
const LONGEST: u32 = 16_000;
const DOTS_PER_POINT: f64 = 203.0 / 72.0;
/// Grey darker than this becomes a dot. Above the middle: heat prints thin strokes thinner than ink.
const DARK: u8 = 160;

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
    let bytes = pixels
        .chunks(8)
        .map(|eight| eight.iter().fold(0_u8, |byte, dot| byte << 1 | u8::from(*dot)))
        .collect();
    Ok(Bitmap { width, height: picture.height(), bytes })
}
