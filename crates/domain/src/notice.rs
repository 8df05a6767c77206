//! Notices: messages to people about a top-up, with attempts that can be seen.

use crate::states;

states! {
    /// How a message travels.
    NoticeChannel {
        Sms = "sms",
    }
}

states! {
    /// Which message it is. Each has a folder of templates in render.
    NoticeKind {
        /// Credit or a bundle has arrived; to the line.
        Credited = "credited",
        /// The money is on its way back; to the line.
        RefundStarted = "refund_started",
        /// Money beyond what its order is about is on its way back; to the line.
        SurplusReturning = "surplus_returning",
    }
}

states! {
    /// Where a message stands.
    MessageState {
        Queued = "queued",
        /// The message centre took it.
        Sent = "sent",
        Delivered = "delivered",
        /// The message centre or the network refused it for good.
        Failed = "failed",
        /// Too many tries without an answer; people look at it.
        Dead = "dead",
    }
}
