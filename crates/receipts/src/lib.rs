//! The heavy engine behind a thin door: a receipt that is already in words becomes a PDF or the dots of a
//! thermal printer. It knows nothing of top-ups; whoever calls it has chosen every word. Fonts come from a
//! folder and are loaded once; words reach the page as values and are never read as markup.

mod clean;
mod document;
mod engine;
mod error;
mod fonts;
mod qr;
mod raster;
mod sheet;
mod world;

pub use document::{Direction, Document, Moment, Paper, Party, Qr, Row, RowKind, Section, Table};
pub use engine::Engine;
pub use error::{Error, Result};
pub use raster::{Bitmap, DOTS_58, DOTS_80};
