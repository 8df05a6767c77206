//! What a person sees when a page cannot be shown, with the request id to quote.

use serde::{Serialize, Serializer};

use super::View;

/// The kinds of failure that have their own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    BadRequest,
    Forbidden,
    NotFound,
    TooMany,
    Internal,
    Unavailable,
}

impl ErrorKind {
    pub const ALL: &'static [ErrorKind] = &[
        ErrorKind::BadRequest,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::TooMany,
        ErrorKind::Internal,
        ErrorKind::Unavailable,
    ];

    /// The HTTP status; also the last part of the keys of its words.
    pub fn status(self) -> u16 {
        match self {
            ErrorKind::BadRequest => 400,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::TooMany => 429,
            ErrorKind::Internal => 500,
            ErrorKind::Unavailable => 503,
        }
    }
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.status())
    }
}

/// An error page.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    pub kind: ErrorKind,
}

impl View for ErrorPage {
    const TEMPLATE: &'static str = "errors/page.html";

    fn samples() -> Vec<ErrorPage> {
        ErrorKind::ALL.iter().map(|kind| ErrorPage { kind: *kind }).collect()
    }
}
