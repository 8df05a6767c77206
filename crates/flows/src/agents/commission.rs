//! What sales at outlets earn, by the plan of their agent and what it has sold in the month. [`Earnings`] is for a batch
//! of sales that share a transaction: one query for all, then in memory. [`book`] writes what was earned beside the
//! sales, and raises the sums that tiers and day limits are decided by.

use super::selling::Today;
use domain::commission::{ProductClass, commission};
use domain::id::{AgentId, ClerkId, LineId, PartnerId, PlaceId, TopUpId};
use domain::money::Money;
use domain::time::UnixMs;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::Tx;
use store::commission::{self as stored, Basis, Commission, CommissionKind};
use store::sold::{self, Sold};

/// What one sale earns. The amount can be zero: where no plan says anything of it, the rule is `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earned {
    pub agent: AgentId,
    pub partner: PartnerId,
    pub place: PlaceId,
    pub class: ProductClass,
    pub value: Money,
    pub amount: Money,
    /// Plan, version and tier, as statements show it.
    pub rule: String,
    /// What the agent had sold in the month before.
    pub volume: Money,
    pub today: Today,
}

/// The rule of a sale that no plan says anything of.
const NO_RULE: &str = "none";

/// The bases of a batch's sales, with what the batch itself has sold so far.
#[derive(Default)]
pub struct Earnings {
    bases: HashMap<PartnerId, Basis>,
    /// What each agent has sold in the month, this batch's sales included.
    volumes: HashMap<AgentId, Money>,
}

impl Earnings {
    /// Reads the bases of these sellers' sales, each in its month: one query a month, which is one for nearly every
    /// batch. Partners that are no outlets are found by their missing row and earn nothing.
    pub fn read(tx: &mut Tx<'_>, sellers: &BTreeSet<(String, &PartnerId)>) -> anyhow::Result<Earnings> {
        let mut earnings = Earnings::default();
        let months: BTreeSet<&str> = sellers.iter().map(|(month, _)| month.as_str()).collect();
        for month in months {
            let of_month = sellers.iter().filter(|(of, _)| of == month);
            let partners: Vec<&str> = of_month.map(|(_, partner)| partner.as_str()).collect();
            for basis in stored::bases(tx, &partners, month)? {
                earnings.volumes.entry(basis.agent.clone()).or_insert(basis.volume);
                earnings.bases.insert(basis.partner.clone(), basis);
            }
        }
        Ok(earnings)
    }

    /// What the next sale of the batch earns; `None` when the seller is no outlet. Counts it for those after it.
    pub fn earn(
        &mut self,
        partner: &PartnerId,
        class: ProductClass,
        value: Money,
        today: &Today,
    ) -> Option<Earned> {
        let basis = self.bases.get(partner)?;
        let zero = Money::zero(value.currency);
        let sold = self.volumes.entry(basis.agent.clone()).or_insert(zero);
        // An agent sells in the currency of its market; in another nothing is earned and nothing counted.
        let volume = if sold.currency == value.currency { *sold } else { zero };
        let by_plan = basis.plan.as_ref().and_then(|plan| commission(plan, class, value, volume));
        let (amount, rule) = by_plan.unwrap_or_else(|| (zero, NO_RULE.to_owned()));
        if let Ok(more) = sold.plus(value) {
            *sold = more;
        }
        Some(Earned {
            agent: basis.agent.clone(),
            partner: partner.clone(),
            place: basis.place.clone(),
            class,
            value,
            amount,
            rule,
            volume,
            today: today.clone(),
        })
    }
}

/// What was written down that a sale earned.
pub(crate) fn find(tx: &mut Tx<'_>, top_up: &TopUpId) -> anyhow::Result<Option<Commission>> {
    stored::find(tx, top_up, CommissionKind::Earned)
}

/// What one sale earns, read alone. One query of four rows, each by its key.
pub fn of_sale(
    tx: &mut Tx<'_>,
    partner: &PartnerId,
    class: ProductClass,
    value: Money,
    today: &Today,
) -> anyhow::Result<Option<Earned>> {
    let sellers = BTreeSet::from([(today.month.clone(), partner)]);
    Ok(Earnings::read(tx, &sellers)?.earn(partner, class, value, today))
}

/// A sale with what it earned, to be written beside it.
#[derive(Debug, Clone, Copy)]
pub struct Booked<'a> {
    pub top_up: &'a TopUpId,
    pub earned: &'a Earned,
    pub clerk: Option<&'a ClerkId>,
    /// To whom it was sold, and what of it was paid in cash: for the caps of a day.
    pub line: &'a LineId,
    pub cash: Money,
    pub at: UnixMs,
}

/// Whose sum it is that a number was sold at counters, and what of it was paid in cash.
pub(crate) fn number_key(line: &LineId) -> String {
    line.to_string()
}

pub(crate) fn cash_key(line: &LineId) -> String {
    format!("cash/{line}")
}

/// Writes what sales earned and raises the sums, in the step of the sales and after the ledger's `record`: two
/// statements, however many sales.
pub fn book(tx: &mut Tx<'_>, sales: &[Booked<'_>]) -> anyhow::Result<()> {
    let row = |sale: &Booked<'_>| {
        let Earned { agent, partner, class, value, amount, rule, volume, today, .. } = sale.earned.clone();
        let (top_up, kind) = (sale.top_up.clone(), CommissionKind::Earned);
        let month = today.month;
        Commission { top_up, kind, agent, partner, month, class, value, amount, rule, volume, at: sale.at }
    };
    stored::insert_all(tx, &sales.iter().map(row).collect::<Vec<_>>())?;
    let mut sums = Sums::default();
    for sale in sales {
        let Earned { agent, place, value, amount, today, .. } = sale.earned;
        sums.add(sold::key(agent.as_str(), &today.month), 1, *value, *amount);
        sums.add(sold::key(place.as_str(), &today.day), 1, *value, *amount);
        if let Some(clerk) = sale.clerk {
            sums.add(sold::key(clerk.as_str(), &today.day), 1, *value, *amount);
        }
        let none = Money::zero(value.currency);
        sums.add(sold::key(&number_key(sale.line), &today.day), 1, *value, none);
        if !sale.cash.is_zero() {
            sums.add(sold::key(&cash_key(sale.line), &today.day), 1, sale.cash, none);
        }
    }
    sums.write(tx)
}

/// A sale is taken back: its commission goes with it, in the month and on the day of now. The ledger's reversal takes
/// the money; this writes the row for the statement. Says what was taken back; a second time, and where the sale
/// earned nothing of its own, nothing happens.
pub fn take_back(
    tx: &mut Tx<'_>,
    top_up: &TopUpId,
    clerk: Option<&ClerkId>,
    today: &Today,
    at: UnixMs,
) -> anyhow::Result<Option<Commission>> {
    let Some(earned) = stored::find(tx, top_up, CommissionKind::Earned)? else { return Ok(None) };
    if stored::find(tx, top_up, CommissionKind::TakenBack)?.is_some() {
        return Ok(None);
    }
    let less = |money: Money| Money::new(-money.minor, money.currency);
    let back = Commission {
        kind: CommissionKind::TakenBack,
        month: today.month.clone(),
        value: less(earned.value),
        amount: less(earned.amount),
        at,
        ..earned
    };
    stored::insert_all(tx, std::slice::from_ref(&back))?;
    let mut sums = Sums::default();
    sums.add(sold::key(back.agent.as_str(), &today.month), -1, back.value, back.amount);
    if let Some(outlet) = store::outlet::find_by_partner(tx, &back.partner)? {
        sums.add(sold::key(outlet.place.as_str(), &today.day), -1, back.value, back.amount);
    }
    if let Some(clerk) = clerk {
        sums.add(sold::key(clerk.as_str(), &today.day), -1, back.value, back.amount);
    }
    sums.write(tx)?;
    Ok(Some(back))
}

/// Sums to be raised, each key once and in order.
#[derive(Default)]
struct Sums(BTreeMap<String, Sold>);

impl Sums {
    fn add(&mut self, key: String, sales: i64, value: Money, commission: Money) {
        let zero = Money::zero(value.currency);
        let empty = Sold { key: key.clone(), sales: 0, value: zero, commission: zero };
        let sum = self.0.entry(key).or_insert(empty);
        sum.sales += sales;
        sum.value.minor += value.minor;
        sum.commission.minor += commission.minor;
    }

    fn write(self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        sold::add_all(tx, &self.0.into_values().collect::<Vec<_>>())
    }
}
