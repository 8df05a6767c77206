//! Accounts: what they count, whose they are, and their four running totals.

use crate::states;
use crate::unit::Unit;
use std::fmt;

/// The side on which an account normally has its balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What we own or spend: clearing accounts, expenses, issued allowances.
    Debit,
    /// What we owe or earn: lines, floats, income, tax.
    Credit,
}

states! {
    /// The chart of accounts; docs/ledger.md explains each.
    AccountKind {
        /// Credit on a line that the subscriber can spend.
        Credit = "credit",
        /// One bucket of allowance on a line.
        Bucket = "bucket",
        /// A partner's prepaid float.
        Float = "float",
        /// Money that a payment provider owes us.
        Clearing = "clearing",
        /// Money in the operator's bank.
        Bank = "bank",
        /// Captured money of orders that are neither credited nor refunded yet.
        Undelivered = "undelivered",
        /// Captured money that contradicts its order; people decide.
        Suspense = "suspense",
        /// Credit that the host network gave to its lines, and that we owe it for.
        NetworkClearing = "network_clearing",
        /// Bundles sold, net of tax.
        BundleRevenue = "bundle_revenue",
        /// Fees, net of tax.
        FeeRevenue = "fee_revenue",
        /// Bonus credit given away.
        BonusExpense = "bonus_expense",
        /// What a promotion may still give, in its own unit.
        PromotionBudget = "promotion_budget",
        /// Tax that we owe.
        TaxDue = "tax_due",
        /// Tax that fell due when credit was sold and belongs to its later use.
        TaxOnCredit = "tax_on_credit",
        /// Credit of a line whose tax falls due when it is used (multi-purpose vouchers).
        TaxableCredit = "taxable_credit",
        /// Credit of a line whose tax fell due when it was used.
        TaxedCredit = "taxed_credit",
        /// Credit of a market that was sold with its tax falling due at its use.
        TaxedLater = "taxed_later",
        /// What agents earned with their sales.
        CommissionExpense = "commission_expense",
        /// What a partner earned and has not got yet.
        CommissionDue = "commission_due",
        /// Allowances given out to lines, per unit.
        Issued = "issued",
        /// Allowances that ended unused.
        Breakage = "breakage",
        /// What lines have used, per unit: of credit, what it was used for.
        Consumed = "consumed",
    }
}

impl AccountKind {
    pub fn side(self) -> Side {
        match self {
            AccountKind::Clearing
            | AccountKind::Bank
            | AccountKind::BonusExpense
            | AccountKind::CommissionExpense
            | AccountKind::TaxOnCredit
            | AccountKind::TaxedLater
            | AccountKind::Issued => Side::Debit,
            AccountKind::Credit
            | AccountKind::Bucket
            | AccountKind::Float
            | AccountKind::Undelivered
            | AccountKind::Suspense
            | AccountKind::NetworkClearing
            | AccountKind::BundleRevenue
            | AccountKind::FeeRevenue
            | AccountKind::PromotionBudget
            | AccountKind::TaxDue
            | AccountKind::TaxableCredit
            | AccountKind::TaxedCredit
            | AccountKind::CommissionDue
            | AccountKind::Breakage
            | AccountKind::Consumed => Side::Credit,
        }
    }

    /// The least balance an account of this kind may have when nothing else was agreed.
    pub fn floor(self) -> Option<i64> {
        match self {
            AccountKind::Credit
            | AccountKind::Bucket
            | AccountKind::Float
            | AccountKind::Undelivered
            | AccountKind::PromotionBudget
            | AccountKind::Suspense => Some(0),
            AccountKind::Clearing
            | AccountKind::Bank
            | AccountKind::NetworkClearing
            | AccountKind::BundleRevenue
            | AccountKind::FeeRevenue
            | AccountKind::BonusExpense
            | AccountKind::TaxDue
            | AccountKind::TaxOnCredit
            | AccountKind::TaxableCredit
            | AccountKind::TaxedCredit
            | AccountKind::TaxedLater
            | AccountKind::CommissionExpense
            | AccountKind::CommissionDue
            | AccountKind::Issued
            | AccountKind::Breakage
            | AccountKind::Consumed => None,
        }
    }
}

/// An account is named by what it is: kind, owner and unit, as in `credit:line_…:GBP`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    pub fn new(kind: AccountKind, owner: &str, unit: Unit) -> AccountId {
        AccountId(format!("{kind}:{owner}:{unit}"))
    }

    /// An id read back from our own database.
    pub fn stored(text: impl Into<String>) -> AccountId {
        AccountId(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        self.0.split(':').nth(index).unwrap_or("")
    }

    pub fn kind(&self) -> Option<AccountKind> {
        AccountKind::parse(self.part(0))
    }

    pub fn owner(&self) -> &str {
        self.part(1)
    }

    pub fn unit(&self) -> &str {
        self.part(2)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Running totals. A hold counts as pending until it is posted or voided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub debits_pending: i64,
    pub credits_pending: i64,
    pub debits_posted: i64,
    pub credits_posted: i64,
}

/// An account with its totals, as the ledger's writer loads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// The least that may be available; `None` means no limit.
    pub floor: Option<i64>,
    pub totals: Totals,
}

impl Account {
    /// An account that no transfer has touched yet.
    pub fn opened(id: AccountId) -> Account {
        let floor = id.kind().and_then(AccountKind::floor);
        Account { id, floor, totals: Totals::default() }
    }

    /// Posted balance on the account's normal side.
    pub fn balance(&self) -> i64 {
        let net = self.totals.credits_posted - self.totals.debits_posted;
        match self.id.kind().map(AccountKind::side) {
            Some(Side::Debit) => -net,
            Some(Side::Credit) | None => net,
        }
    }

    /// What can still be taken: the balance less what is held.
    pub fn available(&self) -> i64 {
        match self.id.kind().map(AccountKind::side) {
            Some(Side::Debit) => self.balance() - self.totals.credits_pending,
            Some(Side::Credit) | None => self.balance() - self.totals.debits_pending,
        }
    }
}
