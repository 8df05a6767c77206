//! What can go wrong, each with what to do about it.

use std::path::PathBuf;

/// Why there is no paper.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this program was built without PDF and printed images: build it with `--features pdf`")]
    LeftOut,
    #[error(
        "no font for {script} in {folder}: install {package} (named as in Debian), or name the folder that holds {file}"
    )]
    NoFont { script: &'static str, folder: PathBuf, package: &'static str, file: &'static str },
    #[error("cannot read the fonts in {path}: {source}; name a folder that this program may read")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("{what} of the receipt is too long: at most {most}")]
    TooLong { what: &'static str, most: usize },
    #[error("`{0}` is not a language such as `en` or `zh-CN`")]
    Locale(String),
    #[error("there is no such date: {0}")]
    Date(String),
    #[error("the QR code cannot hold its text: {0}")]
    Qr(String),
    #[error("a printer takes a slip of {narrow} to {wide} dots, a multiple of 8, not {asked}")]
    Width { asked: u32, narrow: u32, wide: u32 },
    #[error("the page could not be set: {0}")]
    Typesetting(String),
}

/// Paper, or why not.
pub type Result<T> = std::result::Result<T, Error>;
