//! The small world in which the template is set: one source, one file of values, the loaded fonts.
//! There is no file system, no network, no package and no clock in it.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::error::{Error, Result};
use crate::fonts::Fonts;

const TEMPLATE: &str = include_str!("receipt.typ");

/// What all documents share.
pub struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    values: FileId,
    pub fonts: Fonts,
}

impl Shared {
    pub fn new(fonts: Fonts) -> Result<Self> {
        let file = |name: &str| {
            let path =
                VirtualPath::new(name).map_err(|error| Error::Typesetting(format!("{name}: {error:?}")))?;
            Ok::<FileId, Error>(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts.faces)),
            template: Source::new(file("/receipt.typ")?, TEMPLATE.to_owned()),
            values: file("/sheet.json")?,
            fonts,
        })
    }
}

/// What one document sees.
pub struct Desk<'a> {
    pub shared: &'a Shared,
    pub sheet: Bytes,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.shared.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() { Ok(self.shared.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shared.values { Ok(self.sheet.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.faces.get(index).cloned()
    }

    /// The date stands in the document: a reprint must not differ by the day on which it is made.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
