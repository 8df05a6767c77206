//! Refund requests: one person of the staff asks that a buyer's money goes back, another one decides. The refund
//! itself is [`crate::refund`]; a request is only how it comes to be by hand.

use crate::refund::RefundState;
use crate::states;

states! {
    /// Where a request stands.
    RefundRequestState {
        /// Waits for a second person.
        Asked = "asked",
        /// A second person agreed and the refund began in the same moment.
        Approved = "approved",
        /// A second person said no.
        Declined = "declined",
        /// Whoever asked took it back.
        Withdrawn = "withdrawn",
        /// The provider says that the money went back, or the float that it came from has it again.
        Done = "done",
        /// The provider says that it did not go back; it can be asked for again.
        Failed = "failed",
    }
}

impl RefundRequestState {
    /// The state of a request that was approved, after what became of its refund.
    pub fn after(refund: RefundState) -> RefundRequestState {
        match refund {
            RefundState::Requested | RefundState::Pending | RefundState::Unknown => {
                RefundRequestState::Approved
            }
            RefundState::Succeeded => RefundRequestState::Done,
            RefundState::Failed => RefundRequestState::Failed,
        }
    }
}

states! {
    /// Why staff asks.
    RefundRequestReason {
        NotDelivered = "not_delivered",
        WrongNumber = "wrong_number",
        WrongAmount = "wrong_amount",
        PaidTwice = "paid_twice",
        /// What came is not what was asked for.
        OtherAmount = "other_amount",
        /// An earlier refund came back.
        RefundFailed = "refund_failed",
        ChangedMind = "changed_mind",
        Goodwill = "goodwill",
        /// The host network has confirmed in writing that it did not give the credit and will not.
        NetworkDenies = "network_denies",
    }
}

states! {
    /// Where the money of an order is that could go back.
    RefundSource {
        /// It contradicts its order.
        Suspense = "suspense",
        /// It came beside the payment of its order, and its refund failed.
        Surplus = "surplus",
        /// It is captured and was not delivered, and nothing goes back yet.
        Undelivered = "undelivered",
        /// It was delivered: the credit is taken back first.
        Credited = "credited",
        /// It is captured, and the host network has not said in time whether the line has the credit.
        Undecided = "undecided",
        /// A seller's float paid with it and it was delivered: the credit is taken back first, and the float has it again.
        Float = "float",
        /// It is set aside from a seller's float and not delivered, because people look at the sale.
        FloatAside = "float_aside",
    }
}
