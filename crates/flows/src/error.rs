//! What a flow answers when it does not do what was asked.

use domain::refusal::Refusal;
use store::DbError;

/// A refusal that people can act on, or a fault that is ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was moved; the reason is for the one who asked.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is waiting: nothing was done, try again.
    #[error("busy")]
    Busy,
    /// Whether it was done is not known. Asking again with the same key tells.
    #[error("the outcome is not known")]
    Unknown(#[source] anyhow::Error),
    #[error("internal fault")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// The error with everything that caused it, in one line, for logs.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        text
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Error {
        match error {
            DbError::Busy => Error::Busy,
            DbError::Unknown(source) => Error::Unknown(source),
            DbError::Failed(source) => Error::Internal(source),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(source: anyhow::Error) -> Error {
        Error::Internal(source)
    }
}

pub type Result<T> = std::result::Result<T, Error>;
