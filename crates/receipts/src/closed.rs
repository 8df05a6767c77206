//! The door of a program that was built without the engine: it says so, and there is nothing behind it.

use std::path::Path;

use crate::bitmap::Bitmap;
use crate::document::Document;
use crate::error::{Error, Result};

/// Cannot be had: `new` always says that the engine was left out.
#[derive(Debug)]
pub enum Engine {}

impl Engine {
    /// Says that this program was built without the engine.
    pub fn new(_fonts_dir: &Path) -> Result<Self> {
        Err(Error::LeftOut)
    }

    /// A PDF; never reached.
    pub fn pdf(&self, _document: &Document) -> Result<Vec<u8>> {
        match *self {}
    }

    /// The dots of a slip; never reached.
    pub fn raster(&self, _document: &Document, _width_dots: u32) -> Result<Bitmap> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_the_engine_says_how_to_get_it() {
        let said = Engine::new(Path::new("/usr/share/fonts")).unwrap_err().to_string();
        assert!(said.contains("--features pdf"), "{said}");
    }
}
