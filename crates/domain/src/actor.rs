//! Who did it. Every posting and every state change carries an actor.

use crate::id::{ApiKeyId, ClerkId, DeviceId, PartnerId, StaffId, SubscriberId};
use std::fmt;

/// The party that caused a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody on the portal without an account.
    Guest,
    /// Somebody on the portal, signed in.
    Subscriber(SubscriberId),
    /// A partner through one of its API keys.
    Partner { partner: PartnerId, key: ApiKeyId },
    /// A clerk at a counter, on the outlet's device.
    Clerk { clerk: ClerkId, device: DeviceId },
    /// A payment provider's evidence.
    Provider(&'static str),
    /// Somebody in the office.
    Staff(StaffId),
    /// An operator's engineer on the command line.
    Operator,
    /// The platform itself: a job, a deadline.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Guest => f.write_str("guest"),
            Actor::Subscriber(subscriber) => write!(f, "subscriber:{subscriber}"),
            Actor::Partner { partner, key } => write!(f, "partner:{partner}:{key}"),
            Actor::Clerk { clerk, device } => write!(f, "clerk:{clerk}:{device}"),
            Actor::Provider(name) => write!(f, "provider:{name}"),
            Actor::Staff(staff) => write!(f, "staff:{staff}"),
            Actor::Operator => f.write_str("operator"),
            Actor::System => f.write_str("system"),
        }
    }
}
