//! Why a command ends early, and the exit code that says so: 1 when something failed, 2 when something that
//! the caller gave was wrong (clap uses 2 for flags as well).

use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Stop {
    /// A setting, flag or file that cannot be right: one line, exit 2.
    Wrong(String),
    /// It was tried and failed: exit 1.
    Failed(anyhow::Error),
    /// Everything was said already: exit 1.
    Said,
}

pub type Result<T> = std::result::Result<T, Stop>;

impl Stop {
    pub fn wrong(what: impl Into<String>) -> Stop {
        Stop::Wrong(what.into())
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<flows::Error> for Stop {
    fn from(error: flows::Error) -> Stop {
        match error {
            flows::Error::Internal(source) => Stop::Failed(source),
            other => Stop::Failed(other.into()),
        }
    }
}

impl From<store::DbError> for Stop {
    fn from(error: store::DbError) -> Stop {
        flows::Error::from(error).into()
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Failed(error.into())
    }
}

/// Says why on stderr, in one line, and gives the exit code.
pub fn exit_code(ended: Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Said) => ExitCode::from(1),
        Err(Stop::Wrong(what)) => {
            eprintln!("recarga: {}", one_line(&what));
            ExitCode::from(2)
        }
        Err(Stop::Failed(error)) => {
            eprintln!("recarga: {}", one_line(&format!("{error:#}")));
            ExitCode::from(1)
        }
    }
}

/// Libraries explain over several lines; a log and a person want one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
