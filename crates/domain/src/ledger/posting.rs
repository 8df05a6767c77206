//! Postings: sets of transfers that apply whole or not at all, under a key that is unique for ever.

use super::AccountId;
use crate::actor::Actor;
use crate::states;

states! {
    /// What a posting does to its subject. (subject, purpose) is the natural key.
    Purpose {
        /// Money of an attempt arrived.
        Capture = "capture",
        /// A top-up was credited.
        Credit = "credit",
        /// A partner sold from its float; the host network has not given the credit yet.
        Sale = "sale",
        /// The host network did not give it: the money is in the float again.
        SaleReturn = "sale_return",
        /// People decided that contradicting money goes back: it leaves suspense.
        Settle = "settle",
        /// Captured money is set aside for a refund.
        RefundHold = "refund_hold",
        /// The provider returned it.
        RefundPost = "refund_post",
        /// It will not be returned this way; the money is undelivered again.
        RefundVoid = "refund_void",
        /// A refund that had succeeded came back.
        RefundBounce = "refund_bounce",
        /// A float sale was taken back.
        Reverse = "reverse",
        /// A partner paid into its float.
        FloatDeposit = "float_deposit",
        /// Float moved down or up a hierarchy of agents.
        FloatMove = "float_move",
        /// What a partner earned in a month went to its float.
        CommissionPay = "commission_pay",
        /// A bucket ended with something left.
        Expire = "expire",
        /// A line used credit or allowances.
        Usage = "usage",
        /// A promotion may give more.
        BudgetFund = "budget_fund",
        /// It may give less, or it is over and its rest goes back.
        BudgetReturn = "budget_return",
        /// The bonus that an order was promised is set aside.
        BonusHold = "bonus_hold",
        /// The order ended without credit; its bonus is in the budget again.
        BonusRelease = "bonus_release",
    }
}

states! {
    /// Why one transfer was made.
    Reason {
        Captured = "captured",
        Surplus = "surplus",
        Contradiction = "contradiction",
        Sale = "sale",
        Value = "value",
        Bonus = "bonus",
        Fee = "fee",
        Tax = "tax",
        Allowance = "allowance",
        Refund = "refund",
        Reversal = "reversal",
        Deposit = "deposit",
        /// From one float of a hierarchy to another.
        Float = "float",
        Commission = "commission",
        Expiry = "expiry",
        /// The rest of a bucket goes on in another one with another end.
        Extension = "extension",
        Usage = "usage",
        Budget = "budget",
    }
}

/// The natural key of a posting. Any process and any retry derives the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostingKey {
    /// The id of what the posting is about.
    pub subject: String,
    pub purpose: Purpose,
}

impl PostingKey {
    pub fn new(subject: impl Into<String>, purpose: Purpose) -> PostingKey {
        PostingKey { subject: subject.into(), purpose }
    }
}

/// What a transfer does with the totals of its two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Moves at once.
    Posted,
    /// Holds: counts against floors, moves later.
    Pending,
    /// Turns a hold into a move.
    PostPending,
    /// Gives a hold up.
    VoidPending,
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Posted => "posted",
            Phase::Pending => "pending",
            Phase::PostPending => "post_pending",
            Phase::VoidPending => "void_pending",
        }
    }

    pub fn parse(word: &str) -> Option<Phase> {
        [Phase::Posted, Phase::Pending, Phase::PostPending, Phase::VoidPending]
            .into_iter()
            .find(|phase| phase.as_str() == word)
    }
}

/// One debit, one credit, one amount, one reason. Immutable once recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: i64,
    pub reason: Reason,
    pub phase: Phase,
}

impl Transfer {
    pub fn posted(debit: AccountId, credit: AccountId, amount: i64, reason: Reason) -> Transfer {
        Transfer { debit, credit, amount, reason, phase: Phase::Posted }
    }
}

/// A set of transfers under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub key: PostingKey,
    pub actor: Actor,
    pub transfers: Vec<Transfer>,
    /// The hold that this posting posts or voids.
    pub resolves: Option<PostingKey>,
}

impl Posting {
    pub fn new(key: PostingKey, actor: Actor, transfers: Vec<Transfer>) -> Posting {
        Posting { key, actor, transfers, resolves: None }
    }

    /// What must be equal for a repeated key to be the same request. The hash of this text is stored.
    pub fn canonical(&self) -> String {
        let mut text = format!("{} {}", self.key.subject, self.key.purpose);
        for t in &self.transfers {
            text.push_str(&format!(
                "\n{} {} {} {} {}",
                t.debit,
                t.credit,
                t.amount,
                t.reason,
                t.phase.as_str()
            ));
        }
        if let Some(hold) = &self.resolves {
            text.push_str(&format!("\nresolves {} {}", hold.subject, hold.purpose));
        }
        text
    }
}

/// What became of a posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Applied now.
    Applied,
    /// The same posting was recorded before and applied then.
    AppliedBefore,
    /// Refused, now or when the key was first used. It stays refused under this key.
    Refused(super::Refused),
    /// The key was used for something else.
    Conflict,
}

impl Outcome {
    /// Is the posting in the ledger now?
    pub fn stands(&self) -> bool {
        match self {
            Outcome::Applied | Outcome::AppliedBefore => true,
            Outcome::Refused(_) | Outcome::Conflict => false,
        }
    }
}
