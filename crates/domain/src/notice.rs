//! Notices: messages to people about a top-up, with attempts that can be seen.

use crate::states;

states! {
    /// How a message travels.
    NoticeChannel {
        /// To the line.
        Sms = "sms",
        /// To the address that the buyer gave, where one was given.
        Email = "email",
    }
}

states! {
    /// Which message it is.
    NoticeKind {
        /// Credit or a bundle has arrived. By e-mail it is the receipt.
        Credited = "credited",
        /// The money is on its way back.
        RefundStarted = "refund_started",
        /// The provider says that the money went back. From here on by e-mail alone.
        RefundReturned = "refund_returned",
        /// Money beyond what its order is about is on its way back. By text message too.
        SurplusReturning = "surplus_returning",
        /// That money went back.
        SurplusReturned = "surplus_returned",
        /// It could not be returned yet.
        SurplusFailed = "surplus_failed",
        /// What was on its way back could not be returned yet, and its order is looked at. By text message alone: a mail
        /// tells of the order.
        RefundFailed = "refund_failed",
        /// What was to be taken back could not be paid back: the credit stays with the line. By text message too.
        TakeBackFailed = "take_back_failed",
        /// An answer is owed, and takes longer than people expect.
        Late = "late",
        /// People look at the order.
        Review = "review",
        /// What was late or looked at turned out not to be paid; the order waits for its payment again.
        Unpaid = "unpaid",
        /// The order is closed, and its buyer may believe that it was paid.
        Cancelled = "cancelled",
        /// The credit was taken back from the line.
        Reversed = "reversed",
        /// What was sold at a counter does not stand, and the shop owes the cash. By text message alone.
        CashOwed = "cash_owed",
    }
}

impl NoticeKind {
    /// Does it tell of a state that an order can be in more than once? Then each time is told by a message of its
    /// own, and one that was not sent while the state held is not sent any more.
    pub fn tells_of_a_state(self) -> bool {
        match self {
            NoticeKind::Late
            | NoticeKind::Review
            | NoticeKind::Unpaid
            | NoticeKind::Cancelled
            | NoticeKind::Reversed => true,
            NoticeKind::Credited
            | NoticeKind::RefundStarted
            | NoticeKind::RefundReturned
            | NoticeKind::SurplusReturning
            | NoticeKind::SurplusReturned
            | NoticeKind::SurplusFailed
            | NoticeKind::RefundFailed
            | NoticeKind::TakeBackFailed
            | NoticeKind::CashOwed => false,
        }
    }
}

states! {
    /// Where a message stands.
    MessageState {
        Queued = "queued",
        /// The SMS centre or the mail server took it.
        Sent = "sent",
        Delivered = "delivered",
        /// The SMS centre, the mail server or the network refused it for good.
        Failed = "failed",
        /// Too many tries without an answer; people look at it.
        Dead = "dead",
        /// Before it could be sent, what it says was no longer so; another message tells what is.
        Outdated = "outdated",
    }
}
