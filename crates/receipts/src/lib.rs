//! The heavy engine behind a thin door: a receipt that is already in words becomes a PDF or the dots of a
//! thermal printer. It knows nothing of top-ups; whoever calls it has chosen every word. Fonts come from a folder
//! and are loaded once; words reach the page as values and are never read as markup. The engine is the feature
//! `pdf`, because it takes minutes to build; without it the same door opens with `Error::LeftOut`.

mod bitmap;
mod document;
mod error;

#[cfg(feature = "pdf")]
mod clean;
#[cfg(not(feature = "pdf"))]
mod closed;
#[cfg(feature = "pdf")]
mod engine;
#[cfg(feature = "pdf")]
mod fonts;
#[cfg(feature = "pdf")]
mod qr;
#[cfg(feature = "pdf")]
mod raster;
#[cfg(feature = "pdf")]
mod sheet;
#[cfg(feature = "pdf")]
mod world;

pub use bitmap::{Bitmap, DOTS_58, DOTS_80};
#[cfg(not(feature = "pdf"))]
pub use closed::Engine;
pub use document::{Direction, Document, Moment, Paper, Party, Qr, Row, RowKind, Section, Table};
#[cfg(feature = "pdf")]
pub use engine::Engine;
pub use error::{Error, Result};
