//! Taking a credited top-up back: every transfer that credited it, the other way round. What came from captured money
//! goes to the provider's clearing account, which returns it; what came from a float goes there again.
//!
//! Because it mirrors what was posted, it knows nothing of fees, taxes or kinds of offers. docs/ledger.md has examples.

use super::{AccountId, AccountKind, Phase, Reason, Transfer, book};
use crate::unit::Unit;

/// One transfer of a posting that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: i64,
}

/// Is it about the rest of an older bucket that moved into a new one?
pub fn carried_over(moved: &Moved) -> bool {
    moved.debit.kind() == Some(AccountKind::Bucket) && moved.credit.kind() == Some(AccountKind::Bucket)
}

/// Where money goes back to that waited as undelivered before it was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoPaid {
    /// The provider's account and how much it captured, where one did.
    pub captured: Option<(AccountId, i64)>,
    /// The float from which the rest was set aside: where a customer paid at least a part in cash.
    pub float: Option<AccountId>,
}

/// The transfers that take back what `credit` gave. `paid` says where money that was captured goes back to.
pub fn mirror(credit: &[Moved], paid: &WhoPaid, phase: Phase) -> Vec<Transfer> {
    let by_provider = paid.captured.as_ref();
    let mut captured = by_provider.map_or(0, |(_, captured)| *captured);
    let mut transfers = Vec::with_capacity(credit.len() + 1);
    for moved in credit {
        let mut back = |to: &AccountId, amount: i64| {
            if amount > 0 {
                let (debit, credit, reason) = (moved.credit.clone(), to.clone(), Reason::Reversal);
                transfers.push(Transfer { debit, credit, amount, reason, phase });
            }
        };
        if moved.debit.kind() != Some(AccountKind::Undelivered) {
            back(&moved.debit, moved.amount);
            continue;
        }
        let to_card = if paid.float.is_some() { moved.amount.min(captured) } else { moved.amount };
        captured -= to_card;
        back(by_provider.map_or(&moved.debit, |(clearing, _)| clearing), to_card);
        back(paid.float.as_ref().unwrap_or(&moved.debit), moved.amount - to_card);
    }
    transfers
}

/// The transfers that give back what a reversal took, after the provider said that the money did not leave. `renewed`
/// names the bucket that stands for one that was taken; a budget may have been given to somebody else meanwhile, so
/// what came from it is an expense beside it.
pub fn restore(taken: &[Moved], market: &str, renewed: impl Fn(&AccountId) -> AccountId) -> Vec<Transfer> {
    let forth = |moved: &Moved| {
        let from = match moved.credit.kind() {
            Some(AccountKind::PromotionBudget) => beside_budget(&moved.credit, market),
            _ => moved.credit.clone(),
        };
        let to = match moved.debit.kind() {
            Some(AccountKind::Bucket) => renewed(&moved.debit),
            _ => moved.debit.clone(),
        };
        Transfer::posted(from, to, moved.amount, Reason::Reversal)
    };
    taken.iter().map(forth).collect()
}

fn beside_budget(budget: &AccountId, market: &str) -> AccountId {
    match budget.unit().parse::<Unit>() {
        Ok(unit @ Unit::Money(_)) => AccountId::new(AccountKind::BonusExpense, market, unit),
        Ok(unit @ (Unit::Octets | Unit::Seconds | Unit::Messages)) => {
            AccountId::new(AccountKind::Issued, book::OPERATOR, unit)
        }
        Err(_) => budget.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(debit: &str, credit: &str, amount: i64) -> Moved {
        Moved { debit: AccountId::stored(debit), credit: AccountId::stored(credit), amount }
    }

    fn told(transfers: &[Transfer]) -> Vec<String> {
        transfers.iter().map(|t| format!("{} {} {}", t.debit, t.credit, t.amount)).collect()
    }

    #[test]
    fn captured_money_goes_to_the_provider_and_everything_else_back_where_it_came_from() {
        let credit = [
            moved("undelivered:GB:GBP", "credit:line_1:GBP", 1000),
            moved("bonus_expense:GB:GBP", "credit:line_1:GBP", 100),
            moved("tax_on_credit:GB:GBP", "tax_due:GB:GBP", 167),
            moved("undelivered:GB:GBP", "fee_revenue:GB:GBP", 42),
        ];
        let clearing = AccountId::stored("clearing:stripe:GBP");
        let all = WhoPaid { captured: Some((clearing.clone(), 1_042)), float: None };
        let back = mirror(&credit, &all, Phase::Pending);
        assert_eq!(
            told(&back),
            [
                "credit:line_1:GBP clearing:stripe:GBP 1000",
                "credit:line_1:GBP bonus_expense:GB:GBP 100",
                "tax_due:GB:GBP tax_on_credit:GB:GBP 167",
                "fee_revenue:GB:GBP clearing:stripe:GBP 42",
            ]
        );
        let float = Some(AccountId::stored("float:pt_1:GBP"));
        let part = WhoPaid { captured: Some((clearing, 700)), float };
        let back = mirror(&credit, &part, Phase::Pending);
        assert_eq!(
            told(&back),
            [
                "credit:line_1:GBP clearing:stripe:GBP 700",
                "credit:line_1:GBP float:pt_1:GBP 300",
                "credit:line_1:GBP bonus_expense:GB:GBP 100",
                "tax_due:GB:GBP tax_on_credit:GB:GBP 167",
                "fee_revenue:GB:GBP float:pt_1:GBP 42",
            ]
        );
        let float = [moved("float:pt_1:GBP", "credit:line_1:GBP", 1000)];
        let own = WhoPaid { captured: None, float: Some(AccountId::stored("float:pt_1:GBP")) };
        assert_eq!(told(&mirror(&float, &own, Phase::Posted)), ["credit:line_1:GBP float:pt_1:GBP 1000"]);
        let aside = [moved("undelivered:GB:GBP", "credit:line_1:GBP", 1000)];
        assert_eq!(told(&mirror(&aside, &own, Phase::Posted)), ["credit:line_1:GBP float:pt_1:GBP 1000"]);
    }

    #[test]
    fn what_is_restored_comes_in_a_new_bucket_and_never_from_a_budget() {
        let taken = [
            moved("bucket:bkt_1:octets", "issued:operator:octets", 500),
            moved("credit:line_1:GBP", "promotion_budget:spring:GBP", 50),
            moved("fee_revenue:GB:GBP", "clearing:stripe:GBP", 42),
        ];
        let again = restore(&taken, "GB", |_| AccountId::stored("bucket:bkt_2:octets"));
        assert_eq!(
            told(&again),
            [
                "issued:operator:octets bucket:bkt_2:octets 500",
                "bonus_expense:GB:GBP credit:line_1:GBP 50",
                "clearing:stripe:GBP fee_revenue:GB:GBP 42",
            ]
        );
    }
}
