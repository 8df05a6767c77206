//! What promotions post. A budget is an account that holds what may still be given; its floor is 0, so it holds
//! whatever happens at the same time. Filling it is an expense that is set aside, a bonus takes from it, and what
//! is left at the end goes back. docs/ledger.md works through each of these.

use super::{AccountId, AccountKind, Phase, Posting, PostingKey, Purpose, Reason, Transfer, book};
use crate::actor::Actor;
use crate::id::TopUpId;
use crate::unit::Unit;

/// Whose budget it is, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget<'a> {
    /// The promotion's id.
    pub promotion: &'a str,
    pub market: &'a str,
    pub unit: Unit,
}

impl Budget<'_> {
    /// What may still be given.
    pub fn account(&self) -> AccountId {
        AccountId::new(AccountKind::PromotionBudget, self.promotion, self.unit)
    }

    /// Where a budget comes from and where its rest goes.
    pub fn source(&self) -> AccountId {
        match self.unit {
            Unit::Money(_) => AccountId::new(AccountKind::BonusExpense, self.market, self.unit),
            Unit::Octets | Unit::Seconds | Unit::Messages => {
                AccountId::new(AccountKind::Issued, book::OPERATOR, self.unit)
            }
        }
    }

    /// Puts `change` more into the budget, or takes as much out of it. `n` counts the changes of this budget.
    pub fn change(&self, n: i64, change: i64, actor: Actor) -> Posting {
        let (account, source) = (self.account(), self.source());
        let (purpose, debit, credit) = if change > 0 {
            (Purpose::BudgetFund, source, account)
        } else {
            (Purpose::BudgetReturn, account, source)
        };
        let amount = i64::try_from(change.unsigned_abs()).unwrap_or(i64::MAX);
        let transfer = Transfer::posted(debit, credit, amount, Reason::Budget);
        Posting::new(PostingKey::new(format!("{}/{n}", self.promotion), purpose), actor, vec![transfer])
    }

    /// Sets the bonus of an order aside until the order ends. It has no end of its own.
    pub fn hold(&self, top_up: &TopUpId, amount: i64, actor: Actor) -> Posting {
        let key = PostingKey::new(top_up.as_str(), Purpose::BonusHold);
        Posting::new(key, actor, vec![self.held(amount, Phase::Pending)])
    }

    /// The order ended without credit: its bonus can be given to somebody else.
    pub fn release(&self, top_up: &TopUpId, amount: i64, actor: Actor) -> Posting {
        let key = PostingKey::new(top_up.as_str(), Purpose::BonusRelease);
        let transfers = vec![self.held(amount, Phase::VoidPending)];
        let hold = PostingKey::new(top_up.as_str(), Purpose::BonusHold);
        Posting { key, actor, transfers, resolves: Some(hold) }
    }

    /// Adds the bonus to the posting that credits its order. One that was set aside is freed in the same breath, so
    /// that the budget cannot refuse it.
    pub fn give(&self, credit: Posting, to: AccountId, amount: i64, held: Option<&TopUpId>) -> Posting {
        let mut posting = credit;
        if let Some(top_up) = held {
            posting.transfers.push(self.held(amount, Phase::VoidPending));
            posting.resolves = Some(PostingKey::new(top_up.as_str(), Purpose::BonusHold));
        }
        posting.transfers.push(Transfer::posted(self.account(), to, amount, Reason::Bonus));
        posting
    }

    /// A bonus goes back to the budget from where it was given to, as a part of what takes its order back.
    pub fn take_back(&self, from: AccountId, amount: i64, phase: Phase) -> Transfer {
        Transfer { debit: from, credit: self.account(), amount, reason: Reason::Bonus, phase }
    }

    fn held(&self, amount: i64, phase: Phase) -> Transfer {
        Transfer { debit: self.account(), credit: self.source(), amount, reason: Reason::Bonus, phase }
    }
}
