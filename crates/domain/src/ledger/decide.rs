//! The decision whether a posting may be applied: a pure function over loaded accounts.

use super::{Account, AccountId, Phase, Posting, Side, Transfer};
use crate::states;
use std::collections::BTreeMap;

/// Accounts by id. What is missing was never touched and is opened as it is needed.
pub type Accounts = BTreeMap<AccountId, Account>;

states! {
    /// Why a posting was refused.
    Refused {
        /// An account would fall below its floor.
        Floor = "floor",
        /// The hold is not open (any more).
        HoldNotOpen = "hold_not_open",
        /// A transfer is malformed: amount not positive, units differ, or debit and credit are one account.
        Malformed = "malformed",
        /// A total would not fit.
        Overflow = "overflow",
    }
}

/// Applies `posting` to `accounts`, or refuses it and leaves them as they were.
pub fn decide(accounts: &mut Accounts, posting: &Posting) -> Result<(), Refused> {
    let mut touched = Accounts::new();
    for transfer in &posting.transfers {
        check(transfer)?;
        for id in [&transfer.debit, &transfer.credit] {
            if !touched.contains_key(id) {
                let account = accounts.get(id).cloned().unwrap_or_else(|| Account::opened(id.clone()));
                touched.insert(id.clone(), account);
            }
        }
        apply(&mut touched, transfer)?;
    }
    for account in touched.values() {
        let before = accounts.get(&account.id).map_or(0, Account::available);
        let available = account.available();
        // An account below its floor (a floor can be raised later) may still be filled.
        if account.floor.is_some_and(|floor| available < floor && available < before) {
            return Err(Refused::Floor);
        }
    }
    accounts.append(&mut touched);
    Ok(())
}

fn check(transfer: &Transfer) -> Result<(), Refused> {
    let same_unit = transfer.debit.unit() == transfer.credit.unit();
    if transfer.amount <= 0 || !same_unit || transfer.debit == transfer.credit {
        return Err(Refused::Malformed);
    }
    Ok(())
}

fn apply(accounts: &mut Accounts, transfer: &Transfer) -> Result<(), Refused> {
    for (id, side) in [(&transfer.debit, Side::Debit), (&transfer.credit, Side::Credit)] {
        let totals = &mut accounts.get_mut(id).ok_or(Refused::Malformed)?.totals;
        let (pending, posted) = match side {
            Side::Debit => (&mut totals.debits_pending, &mut totals.debits_posted),
            Side::Credit => (&mut totals.credits_pending, &mut totals.credits_posted),
        };
        let amount = transfer.amount;
        let (pending_change, posted_change) = match transfer.phase {
            Phase::Posted => (0, amount),
            Phase::Pending => (amount, 0),
            Phase::PostPending => (-amount, amount),
            Phase::VoidPending => (-amount, 0),
        };
        *pending = pending.checked_add(pending_change).ok_or(Refused::Overflow)?;
        *posted = posted.checked_add(posted_change).ok_or(Refused::Overflow)?;
        if *pending < 0 {
            return Err(Refused::HoldNotOpen);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::ledger::{PostingKey, Purpose, Reason};
    use proptest::prelude::*;

    /// One line per step: `debit credit amount phase -> outcome`, then `= account posted available`.
    fn check(story: &str) {
        let mut accounts = Accounts::new();
        for (n, line) in story.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words[0] == "=" {
                let account = &accounts[&AccountId::stored(words[1])];
                let found = (account.balance().to_string(), account.available().to_string());
                assert_eq!(found, (words[2].into(), words[3].into()), "{line}");
                continue;
            }
            let transfer = Transfer {
                debit: AccountId::stored(words[0]),
                credit: AccountId::stored(words[1]),
                amount: words[2].parse().unwrap(),
                reason: Reason::Value,
                phase: Phase::parse(words[3]).unwrap(),
            };
            let key = PostingKey::new(n.to_string(), Purpose::Credit);
            let before = accounts.clone();
            let outcome = decide(&mut accounts, &Posting::new(key, Actor::System, vec![transfer]));
            let word = outcome.err().map_or("ok", Refused::as_str);
            assert_eq!(word, words[5], "{line}");
            if outcome.is_err() {
                assert_eq!(accounts, before, "a refusal must move nothing: {line}");
            }
        }
    }

    #[test]
    fn a_float_is_never_spent_below_its_floor() {
        check(
            "bank:op:GBP        float:pt_1:GBP     5000 posted -> ok
             float:pt_1:GBP     credit:line_1:GBP  3000 posted -> ok
             float:pt_1:GBP     credit:line_1:GBP  2001 posted -> floor
             = float:pt_1:GBP 2000 2000
             float:pt_1:GBP     credit:line_1:GBP  2000 posted -> ok
             float:pt_1:GBP     credit:line_1:GBP  1    posted -> floor
             = credit:line_1:GBP 5000 5000",
        );
    }

    #[test]
    fn a_hold_counts_at_once_and_is_posted_or_voided_once() {
        check(
            "bank:op:GBP      float:pt_1:GBP 1000 posted -> ok
             float:pt_1:GBP   bank:op:GBP    800  pending -> ok
             = float:pt_1:GBP 1000 200
             float:pt_1:GBP   bank:op:GBP    201  posted -> floor
             float:pt_1:GBP   bank:op:GBP    800  post_pending -> ok
             = float:pt_1:GBP 200 200
             float:pt_1:GBP   bank:op:GBP    800  void_pending -> hold_not_open",
        );
    }

    #[test]
    fn malformed_transfers_are_refused() {
        check(
            "bank:op:GBP  float:pt_1:EUR 1 posted -> malformed
             bank:op:GBP  bank:op:GBP    1 posted -> malformed
             bank:op:GBP  float:pt_1:GBP 0 posted -> malformed
             bank:op:GBP  float:pt_1:GBP -5 posted -> malformed
             bank:op:GBP  tax_due:GB:GBP 9223372036854775807 posted -> ok
             bank:op:GBP  tax_due:GB:GBP 1 posted -> overflow",
        );
    }

    proptest! {
        #[test]
        fn debits_equal_credits_and_floors_hold_whatever_is_tried(
            steps in prop::collection::vec((0usize..4, 0usize..4, 1i64..500, 0usize..4), 1..60)
        ) {
            let names = ["bank:op:GBP", "float:pt_1:GBP", "credit:line_1:GBP", "undelivered:GB:GBP"];
            let phases = [Phase::Posted, Phase::Pending, Phase::PostPending, Phase::VoidPending];
            let mut accounts = Accounts::new();
            for (n, (debit, credit, amount, phase)) in steps.into_iter().enumerate() {
                let transfer = Transfer {
                    debit: AccountId::stored(names[debit]),
                    credit: AccountId::stored(names[credit]),
                    amount,
                    reason: Reason::Value,
                    phase: phases[phase],
                };
                let key = PostingKey::new(n.to_string(), Purpose::Credit);
                let _ = decide(&mut accounts, &Posting::new(key, Actor::System, vec![transfer]));
            }
            let sum = |f: fn(&Account) -> i64| accounts.values().map(f).sum::<i64>();
            prop_assert_eq!(sum(|a| a.totals.debits_posted), sum(|a| a.totals.credits_posted));
            prop_assert_eq!(sum(|a| a.totals.debits_pending), sum(|a| a.totals.credits_pending));
            for account in accounts.values() {
                prop_assert!(account.floor.is_none_or(|floor| account.available() >= floor));
            }
        }
    }
}
