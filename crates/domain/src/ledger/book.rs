//! What each flow posts: the chart of accounts in action. docs/ledger.md works through each of these.

use super::{AccountId, AccountKind, Phase, Posting, PostingKey, Purpose, Reason, Transfer};
use crate::actor::Actor;
use crate::bucket::Move;
use crate::id::{AttemptId, BucketId, LineId, PartnerId, RefundId, TopUpId};
use crate::money::{Money, MoneyError};
use crate::offer::Benefit;
use crate::price::PriceLines;
use crate::unit::Unit;
use crate::usage::TaxAtUse;

/// The owner of accounts that belong to the installation as a whole.
pub const OPERATOR: &str = "operator";

/// Where the total of a top-up comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payer {
    Float(PartnerId),
    /// Money that was captured before and waits in the market's undelivered account.
    Captured,
}

/// One bucket that a bundle grants: its id and what goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub bucket: BucketId,
    pub unit: Unit,
    pub amount: i64,
}

/// Everything that crediting one top-up posts.
#[derive(Debug, Clone)]
pub struct Sale<'a> {
    pub top_up: &'a TopUpId,
    pub market: &'a str,
    pub line: &'a LineId,
    pub prices: &'a PriceLines,
    pub benefit: &'a Benefit,
    pub grants: &'a [Grant],
    pub payer: Payer,
    /// The network that keeps the line's balance and has given the credit; `None` where we keep it.
    pub network: Option<&'a str>,
}

fn money(kind: AccountKind, owner: &str, of: Money) -> AccountId {
    AccountId::new(kind, owner, Unit::Money(of.currency))
}

/// The account of a partner's float in the currency of `of`.
pub fn float(partner: &PartnerId, of: Money) -> AccountId {
    money(AccountKind::Float, partner.as_str(), of)
}

/// The account of a line's credit in the currency of `of`.
pub fn line_credit(line: &LineId, of: Money) -> AccountId {
    money(AccountKind::Credit, line.as_str(), of)
}

/// What a payment provider owes us in the currency of `of`.
pub fn clearing(provider: &str, of: Money) -> AccountId {
    money(AccountKind::Clearing, provider, of)
}

/// What we owe a host network for credit that it gave to its lines, in the currency of `of`.
pub fn network_clearing(network: &str, of: Money) -> AccountId {
    money(AccountKind::NetworkClearing, network, of)
}

pub fn bucket(bucket: &BucketId, unit: Unit) -> AccountId {
    AccountId::new(AccountKind::Bucket, bucket.as_str(), unit)
}

/// A top-up is credited: the payer's side, the line's side, fee, tax, bonus and allowances in one posting.
pub fn credit(sale: &Sale<'_>, actor: Actor) -> Result<Posting, MoneyError> {
    let PriceLines { value, bonus, fee, tax, tax_rate, .. } = *sale.prices;
    let payer = match &sale.payer {
        Payer::Float(partner) => float(partner, value),
        Payer::Captured => money(AccountKind::Undelivered, sale.market, value),
    };
    let tax_due = money(AccountKind::TaxDue, sale.market, value);
    let tax_on_fee = fee.tax_included(tax_rate);
    let tax_on_value = tax.minus(tax_on_fee)?;
    let mut transfers = Vec::with_capacity(6);
    let mut push = |debit: &AccountId, credit: &AccountId, amount: i64, reason| {
        if amount > 0 {
            transfers.push(Transfer::posted(debit.clone(), credit.clone(), amount, reason));
        }
    };
    match sale.benefit {
        Benefit::Credit => {
            let line = match sale.network {
                None => line_credit(sale.line, value),
                Some(network) => network_clearing(network, value),
            };
            push(&payer, &line, value.minor, Reason::Value);
            push(&money(AccountKind::BonusExpense, sale.market, bonus), &line, bonus.minor, Reason::Bonus);
            let on_credit = money(AccountKind::TaxOnCredit, sale.market, value);
            push(&on_credit, &tax_due, tax_on_value.minor, Reason::Tax);
        }
        Benefit::Bundle { .. } => {
            let revenue = money(AccountKind::BundleRevenue, sale.market, value);
            push(&payer, &revenue, value.minor - tax_on_value.minor, Reason::Value);
            push(&payer, &tax_due, tax_on_value.minor, Reason::Tax);
            // What a network gave stands in the network's books.
            for grant in sale.grants.iter().filter(|_| sale.network.is_none()) {
                let issued = AccountId::new(AccountKind::Issued, OPERATOR, grant.unit);
                push(&issued, &bucket(&grant.bucket, grant.unit), grant.amount, Reason::Allowance);
            }
        }
    }
    let fees = money(AccountKind::FeeRevenue, sale.market, fee);
    push(&payer, &fees, fee.minor - tax_on_fee.minor, Reason::Fee);
    push(&payer, &tax_due, tax_on_fee.minor, Reason::Tax);
    Ok(Posting::new(PostingKey::new(sale.top_up.as_str(), Purpose::Credit), actor, transfers))
}

/// Money of a partner's float waits like captured money: the total of a top-up that a network is asked for, until it has
/// said what became of it, or the part that a customer pays in cash, until the card has decided about the rest.
pub fn float_sale(
    top_up: &TopUpId,
    market: &str,
    partner: &PartnerId,
    amount: Money,
    actor: Actor,
) -> Posting {
    let undelivered = money(AccountKind::Undelivered, market, amount);
    let transfer = Transfer::posted(float(partner, amount), undelivered, amount.minor, Reason::Sale);
    Posting::new(PostingKey::new(top_up.as_str(), Purpose::Sale), actor, vec![transfer])
}

/// What [`float_sale`] set aside was not sold: it is on its float again.
pub fn float_return(
    top_up: &TopUpId,
    market: &str,
    partner: &PartnerId,
    amount: Money,
    actor: Actor,
) -> Posting {
    let undelivered = money(AccountKind::Undelivered, market, amount);
    let transfer = Transfer::posted(undelivered, float(partner, amount), amount.minor, Reason::Refund);
    Posting::new(PostingKey::new(top_up.as_str(), Purpose::SaleReturn), actor, vec![transfer])
}

/// Adds to the posting that credits a purchase that the rest of older buckets goes on in its new ones.
pub fn with_moves(credit: Posting, moves: &[Move]) -> Posting {
    let mut posting = credit;
    for m in moves.iter().filter(|m| m.amount > 0) {
        let (from, to) = (bucket(&m.from, m.unit), bucket(&m.to, m.unit));
        posting.transfers.push(Transfer::posted(from, to, m.amount, Reason::Extension));
    }
    posting
}

/// What captured money is, seen from its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Captured {
    /// What was asked for, once.
    AsAsked,
    /// The order was already paid or closed: it goes back.
    Surplus,
    /// Another amount or currency than asked: people decide.
    Contradiction,
}

/// A provider captured money for an attempt.
pub fn capture(
    attempt: &AttemptId,
    provider: &'static str,
    market: &str,
    amount: Money,
    what: Captured,
) -> Posting {
    let clearing = money(AccountKind::Clearing, provider, amount);
    let (kind, reason) = match what {
        Captured::AsAsked => (AccountKind::Undelivered, Reason::Captured),
        Captured::Surplus => (AccountKind::Undelivered, Reason::Surplus),
        Captured::Contradiction => (AccountKind::Suspense, Reason::Contradiction),
    };
    let transfer = Transfer::posted(clearing, money(kind, market, amount), amount.minor, reason);
    let key = PostingKey::new(attempt.as_str(), Purpose::Capture);
    Posting::new(key, Actor::Provider(provider), vec![transfer])
}

/// People decided that money of an attempt that contradicts its order goes back: from here on it waits with all other
/// money that is neither delivered nor returned.
pub fn settle(attempt: &AttemptId, market: &str, amount: Money, actor: Actor) -> Posting {
    let suspense = money(AccountKind::Suspense, market, amount);
    let undelivered = money(AccountKind::Undelivered, market, amount);
    let transfer = Transfer::posted(suspense, undelivered, amount.minor, Reason::Contradiction);
    Posting::new(PostingKey::new(attempt.as_str(), Purpose::Settle), actor, vec![transfer])
}

/// The steps of a refund in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStep {
    /// Set the captured money aside; no expiry.
    Hold,
    /// The provider returned it.
    Post,
    /// It will not go back this way.
    Void,
    /// It had gone back and returned to us.
    Bounce,
}

/// One step of returning `amount` of captured money.
pub fn refund(
    refund: &RefundId,
    provider: &'static str,
    market: &str,
    amount: Money,
    step: RefundStep,
) -> Posting {
    let held_in = money(AccountKind::Undelivered, market, amount);
    let clearing = money(AccountKind::Clearing, provider, amount);
    let hold = PostingKey::new(refund.as_str(), Purpose::RefundHold);
    let (purpose, phase, resolves) = match step {
        RefundStep::Hold => (Purpose::RefundHold, Phase::Pending, None),
        RefundStep::Post => (Purpose::RefundPost, Phase::PostPending, Some(hold)),
        RefundStep::Void => (Purpose::RefundVoid, Phase::VoidPending, Some(hold)),
        RefundStep::Bounce => (Purpose::RefundBounce, Phase::Posted, None),
    };
    let (debit, credit) = match step {
        RefundStep::Hold | RefundStep::Post | RefundStep::Void => (held_in, clearing),
        RefundStep::Bounce => (clearing, held_in),
    };
    let transfer = Transfer { debit, credit, amount: amount.minor, reason: Reason::Refund, phase };
    Posting {
        key: PostingKey::new(refund.as_str(), purpose),
        actor: Actor::Provider(provider),
        transfers: vec![transfer],
        resolves,
    }
}

/// A partner paid `amount` into its float; `reference` is the bank's word for it and unique per partner.
pub fn float_deposit(partner: &PartnerId, reference: &str, amount: Money) -> Posting {
    let bank = money(AccountKind::Bank, OPERATOR, amount);
    let transfer = Transfer::posted(bank, float(partner, amount), amount.minor, Reason::Deposit);
    let key = PostingKey::new(format!("{partner}/{reference}"), Purpose::FloatDeposit);
    Posting::new(key, Actor::Operator, vec![transfer])
}

/// A line used this much. `record` is the word of who measured it, unique per measurer; each part is an account of
/// the line and what it gave.
pub fn usage(record: &str, unit: Unit, parts: &[(AccountId, i64)], actor: Actor) -> Posting {
    let consumed = AccountId::new(AccountKind::Consumed, OPERATOR, unit);
    let of = |(account, amount): &(AccountId, i64)| {
        Transfer::posted(account.clone(), consumed.clone(), *amount, Reason::Usage)
    };
    Posting::new(PostingKey::new(record, Purpose::Usage), actor, parts.iter().map(of).collect())
}

/// A line's credit whose tax falls due when it is used.
pub fn taxable_credit(line: &LineId, unit: Unit) -> AccountId {
    AccountId::new(AccountKind::TaxableCredit, line.as_str(), unit)
}

/// A line's credit whose tax fell due when it was used.
pub fn taxed_credit(line: &LineId, unit: Unit) -> AccountId {
    AccountId::new(AccountKind::TaxedCredit, line.as_str(), unit)
}

/// Adds to the posting of credit that is taxed when it is used (Directive 2006/112/EC, Article 30b) how much of it is:
/// what was paid for it, not what came on top.
pub fn with_tax_later(credit: Posting, market: &str, line: &LineId, value: Money) -> Posting {
    let mut posting = credit;
    let unit = Unit::Money(value.currency);
    let sold = money(AccountKind::TaxedLater, market, value);
    posting.transfers.push(Transfer::posted(sold, taxable_credit(line, unit), value.minor, Reason::Tax));
    posting
}

/// Adds the tax that falls due with a use.
pub fn with_tax_at_use(usage: Posting, market: &str, line: &LineId, unit: Unit, due: TaxAtUse) -> Posting {
    let mut posting = usage;
    let mut push = |debit: AccountId, credit: AccountId, amount: i64| {
        if amount > 0 {
            posting.transfers.push(Transfer::posted(debit, credit, amount, Reason::Tax));
        }
    };
    push(taxable_credit(line, unit), taxed_credit(line, unit), due.taxable);
    let account = |kind| AccountId::new(kind, market, unit);
    push(account(AccountKind::TaxOnCredit), account(AccountKind::TaxDue), due.tax);
    posting
}

/// A bucket ended with `left` unused.
pub fn expire(id: &BucketId, unit: Unit, left: i64) -> Posting {
    let breakage = AccountId::new(AccountKind::Breakage, OPERATOR, unit);
    let transfer = Transfer::posted(bucket(id, unit), breakage, left, Reason::Expiry);
    Posting::new(PostingKey::new(id.as_str(), Purpose::Expire), Actor::System, vec![transfer])
}
