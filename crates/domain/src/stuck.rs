//! What is stuck: why somebody of the staff must look at it, and what may be done about it without risk. None of
//! these actions makes money up: they ask, send again what was decided already under the key that it had, let go on
//! what was paid and kept back, or write down what the host network says it has done.

use crate::states;

states! {
    /// Why it is stuck.
    StuckCause {
        /// The provider has not said what became of the payment.
        PaymentUnanswered = "payment_unanswered",
        /// Paid, and the credit was not given.
        NotCredited = "not_credited",
        /// The host network has not said what became of the credit.
        NetworkUnanswered = "network_unanswered",
        /// Paid, and kept back because it looks like abuse.
        Held = "held",
        /// Another amount or currency came than was asked for.
        OtherAmount = "other_amount",
        /// The provider says that the money did not go back.
        RefundFailed = "refund_failed",
        /// The provider has not said what became of the refund.
        RefundUnanswered = "refund_unanswered",
        /// A call was sent and its outcome is not known.
        CallUnanswered = "call_unanswered",
        /// A message could not be handed over.
        MessageDead = "message_dead",
        /// Work of ours was given up.
        WorkGivenUp = "work_given_up",
        /// Something that no work of ours will mend.
        Report = "report",
    }
}

states! {
    /// What may be done about it.
    Mend {
        /// Ask the provider now.
        Ask = "ask",
        /// Send the same again under the same key.
        SendAgain = "send_again",
        /// Hand the message over again.
        Resend = "resend",
        /// Let a paid order through that was kept back.
        Release = "release",
        /// Book a credit as given, because the host network confirms it in writing.
        BookGiven = "book_given",
        /// Give the money of a sale back to its float, because the host network denies in writing that it gave the credit.
        BookDenied = "book_denied",
        /// Somebody has looked: it leaves the list and nothing is done.
        SeeTo = "see_to",
    }
}

states! {
    /// What became of an action.
    Mended {
        /// Asked, and something is known that was not.
        Moved = "moved",
        /// Asked, and nothing new is known.
        Unchanged = "unchanged",
        /// Sent again; there was an answer.
        Sent = "sent",
        /// Sent again; it is not done yet and goes on by itself.
        Waiting = "waiting",
        /// It was given up once more.
        GivenUpAgain = "given_up_again",
        SeenTo = "seen_to",
        /// It was no longer stuck: nothing was done.
        NotStuck = "not_stuck",
        /// The action is not for this: nothing was done.
        NotPossible = "not_possible",
        /// A paid order was let through: it is delivered, or goes back where its line cannot take it.
        Released = "released",
        /// The credit is booked as the network confirmed it.
        Booked = "booked",
        /// The money is in the float again.
        BackInFloat = "back_in_float",
        /// A payer's money goes back by a refund of two people: nothing was done.
        ByRefund = "by_refund",
        /// The money is disputed, and nobody has seen to the report: nothing was done.
        Disputed = "disputed",
        /// Only supervisors may: nothing was done.
        ForSupervisors = "for_supervisors",
        /// Somebody is doing it right now.
        Held = "held",
    }
}
