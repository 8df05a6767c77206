//! Who did it. Every posting and every state change carries an actor.

use crate::id::{ApiKeyId, PartnerId};
use std::fmt;

/// The party that caused a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody on the portal without an account.
    Guest,
    /// A partner through one of its API keys.
    Partner { partner: PartnerId, key: ApiKeyId },
    /// A payment provider's evidence.
    Provider(&'static str),
    /// An operator's engineer on the command line.
    Operator,
    /// The platform itself: a job, a deadline.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Guest => f.write_str("guest"),
            Actor::Partner { partner, key } => write!(f, "partner:{partner}:{key}"),
            Actor::Provider(name) => write!(f, "provider:{name}"),
            Actor::Operator => f.write_str("operator"),
            Actor::System => f.write_str("system"),
        }
    }
}
