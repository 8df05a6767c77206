//! The door: a document goes in, a tagged PDF or the dots of a print head come out.

use std::path::Path;

use typst::diag::{SourceDiagnostic, Warned};
use typst::ecow::EcoVec;
use typst::foundations::{Bytes, Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::bitmap::Bitmap;
use crate::document::{Document, Moment, Paper};
use crate::error::{Error, Result};
use crate::world::{Desk, Shared};
use crate::{fonts, raster, sheet};

/// Documents for which a part of the work that they share is remembered after its last use.
const REMEMBERED: usize = 20;

/// Loaded fonts and everything else that is made once. Shareable between threads.
pub struct Engine {
    shared: Shared,
    standards: PdfStandards,
}

impl Engine {
    /// Loads the fonts from a folder, for example `/usr/share/fonts`, and the folders in it.
    pub fn new(fonts_dir: &Path) -> Result<Self> {
        let shared = Shared::new(fonts::load(fonts_dir)?)?;
        // ISO 14289-1 (PDF/UA-1): the exporter refuses a file that a screen reader could not read.
        let standards = PdfStandards::new(&[PdfStandard::Ua_1])
            .map_err(|error| Error::Typesetting(error.message().to_string()))?;
        Ok(Self { shared, standards })
    }

    /// A PDF for screen readers (PDF/UA-1), the same bytes for the same document.
    pub fn pdf(&self, document: &Document) -> Result<Vec<u8>> {
        let issued = timestamp(document.issued)?;
        let set = self.set(document, None)?;
        let options = PdfOptions {
            creator: Smart::Custom(None),
            timestamp: Some(issued),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        let pdf = typst_pdf::pdf(&set, &options).map_err(|found| refused(&found));
        typst::comemo::evict(REMEMBERED);
        pdf
    }

    /// The dots of a slip on a print head so many dots wide (`DOTS_58`, `DOTS_80`), whatever the document's paper.
    pub fn raster(&self, document: &Document, width_dots: u32) -> Result<Bitmap> {
        raster::check(width_dots)?;
        let set = self.set(document, Some(width_dots))?;
        let dots = raster::dots(&set, width_dots);
        typst::comemo::evict(REMEMBERED);
        dots
    }

    fn set(&self, document: &Document, dots: Option<u32>) -> Result<PagedDocument> {
        let sheet = match (dots, document.paper) {
            (Some(_), Paper::A4) => {
                let slip = Document { paper: Paper::Slip80, ..document.clone() };
                sheet::write(&slip, &self.shared.fonts, dots)?
            }
            (Some(_), Paper::Slip58 | Paper::Slip80) | (None, Paper::A4 | Paper::Slip58 | Paper::Slip80) => {
                sheet::write(document, &self.shared.fonts, dots)?
            }
        };
        let desk = Desk { shared: &self.shared, sheet: Bytes::new(sheet) };
        let Warned { output, warnings } = typst::compile::<PagedDocument>(&desk);
        let set = output.map_err(|found| refused(&found))?;
        // A warning is a page that is not as it was meant, such as a family that is missing.
        if warnings.is_empty() { Ok(set) } else { Err(refused(&warnings)) }
    }
}

fn refused(found: &EcoVec<SourceDiagnostic>) -> Error {
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    Error::Typesetting(messages.join("; "))
}

fn timestamp(at: Moment) -> Result<Timestamp> {
    let Moment { year, month, day, hour, minute, second } = at;
    Datetime::from_ymd_hms(year, month, day, hour, minute, second)
        .map(Timestamp::new_utc)
        .ok_or_else(|| Error::Date(format!("{year}-{month}-{day} {hour}:{minute}:{second}")))
}
