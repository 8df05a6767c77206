//! What becomes of a mail, by its recipient: the first word of the address, or a fault set for it by the control
//! API on `POST /smtp/{recipient}`.

use crate::faults::Do;
use crate::mailbox;
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// What becomes of a mail to one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Into the mailbox.
    Taken,
    /// 550 to the recipient.
    Refused,
    /// 451 to the recipient.
    Greylisted,
    /// No answer to the recipient, the connection stays.
    SilentBefore,
    /// The connection closes on the recipient.
    LostBefore,
    /// Into the mailbox; the answer comes after some seconds.
    Slow,
    /// Into the mailbox, when the control API says so.
    Held,
    /// Into the mailbox; no answer to the content.
    SilentAfter,
    /// Into the mailbox; the connection closes instead of an answer.
    LostAfter,
    /// Into the mailbox; the answer says that it was refused.
    RefusedAfter,
    /// Into the mailbox; the answer is one that nobody knows.
    UnknownAnswer,
    /// Into the mailbox, two times.
    Twice,
}

impl Fate {
    /// A fault that is set strikes first; then the address speaks.
    pub fn of(world: &Shared, recipient: &str) -> Result<Fate, ApiError> {
        let recipient = mailbox::key(recipient);
        if let Some(fault) = world.faults.take("POST", &format!("/smtp/{recipient}")) {
            return Ok(Fate::asked(fault));
        }
        let local = recipient.rsplit_once('@').map_or(recipient.as_str(), |(local, _)| local);
        Ok(match local.split(['+', '.', '-']).next().unwrap_or_default() {
            "refused" => Fate::Refused,
            "greylisted" if world.write(|books| mailbox::is_first_visit(books, &recipient))? => {
                Fate::Greylisted
            }
            "slow" => Fate::Slow,
            "lost" => Fate::LostAfter,
            "twice" => Fate::Twice,
            _ => Fate::Taken,
        })
    }

    fn asked(fault: Do) -> Fate {
        match fault {
            Do::TimeoutBefore => Fate::SilentBefore,
            Do::TimeoutAfter => Fate::SilentAfter,
            Do::Error500 => Fate::Refused,
            Do::Error500After => Fate::RefusedAfter,
            Do::Status429 => Fate::Greylisted,
            Do::HangUntilReleased => Fate::Held,
            Do::DropConnectionBefore => Fate::LostBefore,
            Do::DropConnectionAfter => Fate::LostAfter,
            Do::UnknownStatus => Fate::UnknownAnswer,
            // A mail has no amount.
            Do::WrongAmount => Fate::Taken,
        }
    }

    /// How often the mail ends in the mailbox.
    pub fn copies(self) -> usize {
        if self == Fate::Twice { 2 } else { 1 }
    }
}
