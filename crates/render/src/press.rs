//! The engine that makes PDF files and printed images, opened when it is first asked for: it loads the fonts of a
//! folder, which a program that prints nothing need not do.

use std::path::PathBuf;
use std::sync::OnceLock;

use receipts::{Document, Engine, Error};

/// An engine that may not be there: left out of the program, or without fonts.
pub struct Press {
    fonts: PathBuf,
    engine: OnceLock<Result<Engine, Error>>,
}

impl Default for Press {
    /// Where most systems have their fonts.
    fn default() -> Press {
        Press::at("/usr/share/fonts")
    }
}

impl Press {
    /// With the fonts of a folder and the folders in it.
    pub fn at(fonts: impl Into<PathBuf>) -> Press {
        Press { fonts: fonts.into(), engine: OnceLock::new() }
    }

    /// The engine, or why there is none. The first call takes as long as loading the fonts.
    pub fn engine(&self) -> Result<&Engine, &Error> {
        self.engine.get_or_init(|| Engine::new(&self.fonts)).as_ref()
    }

    /// A PDF of a document; `Ok(None)` where there is no engine.
    pub fn pdf(&self, document: &Document) -> Result<Option<Vec<u8>>, Error> {
        self.engine().ok().map(|engine| engine.pdf(document)).transpose()
    }
}
