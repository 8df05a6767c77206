//! Money on its way back to the payer. A refund is never a reversal (taking credit back from a line) and
//! never a dispute (the payer's bank taking money back).

use crate::states;

states! {
    /// One refund. A refund that the provider calls succeeded can still fail later (card closed).
    RefundState {
        /// Committed and held in the ledger; nothing was sent or no answer came yet.
        Requested = "requested",
        /// The provider accepted it and is not done.
        Pending = "pending",
        /// Sent, and the outcome is not known.
        Unknown = "unknown",
        /// The provider says that the money went back.
        Succeeded = "succeeded",
        /// The provider says that it did not go back; people decide.
        Failed = "failed",
    }
}

states! {
    /// Why money goes back. People are told it in their own words.
    RefundReason {
        LineBarred = "line_barred",
        LineClosed = "line_closed",
        LinePortedOut = "line_ported_out",
        /// The host network has no subscriber with this number: it may have been ported meanwhile.
        NumberUnknown = "number_unknown",
        /// The line would have more credit than the network allows.
        BalanceLimit = "balance_limit",
        /// The network refused for a reason of its own.
        NetworkRefused = "network_refused",
        /// The network never received it, and it was not sent again in time.
        NetworkAbandoned = "network_abandoned",
        /// The order was closed before its money came.
        OrderClosed = "order_closed",
        /// The order was paid already.
        AlreadyPaid = "already_paid",
        /// What was credited is taken back.
        TakenBack = "taken_back",
        /// What came is not what was asked for.
        OtherAmount = "other_amount",
        /// Two people of the staff agreed on it.
        ByHand = "by_hand",
    }
}

/// What the provider says about a refund.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RefundFinding {
    Pending,
    Succeeded,
    Failed { code: String },
    Unknown { why: String },
}

impl RefundFinding {
    /// The provider's word for what went wrong, where something did.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            RefundFinding::Failed { code } => Some(code),
            RefundFinding::Unknown { why } => Some(why),
            RefundFinding::Pending | RefundFinding::Succeeded => None,
        }
    }
}

/// A finding about a refund, with the provider's id where it told one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefundEvidence {
    pub finding: RefundFinding,
    pub refund_ref: Option<String>,
    /// The amount that the provider says it returns, where it told one.
    pub amount: Option<crate::money::Money>,
}

impl RefundEvidence {
    pub fn unknown(why: impl Into<String>) -> RefundEvidence {
        RefundEvidence { finding: RefundFinding::Unknown { why: why.into() }, refund_ref: None, amount: None }
    }

    /// Did this amount go back, or is it on its way?
    pub fn gives_back(&self, amount: crate::money::Money) -> bool {
        let went = matches!(self.finding, RefundFinding::Pending | RefundFinding::Succeeded);
        went && self.amount == Some(amount)
    }
}

impl RefundState {
    /// Has the provider said for good what became of it?
    pub fn is_final(self) -> bool {
        match self {
            RefundState::Succeeded | RefundState::Failed => true,
            RefundState::Requested | RefundState::Pending | RefundState::Unknown => false,
        }
    }

    /// The state after the provider's finding; `None` when it changes nothing.
    pub fn on(self, finding: &RefundFinding) -> Option<RefundState> {
        use RefundState as S;
        match (self, finding) {
            (S::Requested | S::Unknown, RefundFinding::Pending) => Some(S::Pending),
            (S::Requested | S::Unknown | S::Pending, RefundFinding::Succeeded) => Some(S::Succeeded),
            (S::Requested | S::Unknown | S::Pending | S::Succeeded, RefundFinding::Failed { .. }) => {
                Some(S::Failed)
            }
            (S::Requested, RefundFinding::Unknown { .. }) => Some(S::Unknown),
            (S::Pending | S::Succeeded | S::Failed, RefundFinding::Pending)
            | (S::Succeeded | S::Failed, RefundFinding::Succeeded)
            | (S::Failed, RefundFinding::Failed { .. })
            | (S::Unknown | S::Pending | S::Succeeded | S::Failed, RefundFinding::Unknown { .. }) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refund_state_answers_every_finding_as_the_table_says() {
        use RefundFinding as F;
        use RefundState as S;
        let findings =
            [F::Pending, F::Succeeded, F::Failed { code: "x".into() }, F::Unknown { why: "x".into() }];
        let table = [
            (S::Requested, [Some(S::Pending), Some(S::Succeeded), Some(S::Failed), Some(S::Unknown)]),
            (S::Pending, [None, Some(S::Succeeded), Some(S::Failed), None]),
            (S::Unknown, [Some(S::Pending), Some(S::Succeeded), Some(S::Failed), None]),
            (S::Succeeded, [None, None, Some(S::Failed), None]),
            (S::Failed, [None, None, None, None]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (finding, expected) in findings.iter().zip(row) {
                assert_eq!(state.on(finding), expected, "{state} on {finding:?}");
            }
        }
    }
}
