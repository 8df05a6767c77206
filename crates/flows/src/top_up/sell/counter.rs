//! What a sale at a counter asks and writes besides: may the outlet sell this now, is its till open, what is handed over,
//! and what it earns. Read once for all such sales of a batch; without one nothing is read.

use super::{Command, Draft, Lines};
use crate::agents::commission::{self, Booked, Earned, Earnings};
use crate::agents::selling::{self, Today};
use crate::counter::At;
use crate::counter::journal::{self, Note};
use crate::fiscal::{self, SoldIn};
use crate::id_check::{self, Look, Need};
use crate::till::{self, TillRefusal};
use crate::top_up::quote::Quote;
use domain::agent::OverLimit;
use domain::commission::ProductClass;
use domain::counter::CounterRefusal;
use domain::counter_journal::JournalEvent;
use domain::id::{DeviceId, IdCheckId, PlaceId, TopUpId};
use domain::ledger::{Posting, agents};
use domain::money::Money;
use domain::outlet::CannotSell;
use domain::refusal::Refusal;
use domain::risk::{Limit, RiskKind};
use domain::tender::{self, Tender, TenderKind};
use domain::till::Shift;
use domain::top_up::TopUp;
use std::collections::{BTreeSet, HashMap};
use store::id_check::Check;
use store::outbox::Topic;
use store::outlet::Standing;
use store::risk::RiskEvent;
use store::tender::Taken;
use store::{Tx, report, sold};

/// Who sells at which counter, and what the customer hands over.
#[derive(Debug, Clone)]
pub struct AtCounter {
    pub at: At,
    pub tenders: Vec<Tender>,
    /// Under which the looks at a document for this sale are found.
    pub look: Look,
}

/// What the counters of a batch are allowed and earn.
#[derive(Default)]
pub(super) struct Counters {
    standings: HashMap<PlaceId, Result<Standing, CannotSell>>,
    zones: HashMap<PlaceId, Today>,
    shifts: HashMap<DeviceId, Result<Shift, TillRefusal>>,
    earnings: Earnings,
    /// Sold today, by clerk, by outlet and to each number, this batch's sales included.
    today: HashMap<String, Sum>,
    /// Looks at documents, by what they were for; each serves one sale.
    looks: HashMap<String, Vec<Check>>,
    /// How many sales were counted into the sums.
    admitted: usize,
}

/// What was sold under one key.
#[derive(Clone, Copy)]
struct Sum {
    sales: i64,
    value: Money,
}

/// A sale that its counter may make.
pub(super) struct Admitted {
    shift: Shift,
    earned: Option<Earned>,
    /// The look at a document that it needed.
    look: Option<IdCheckId>,
    /// By which pattern it looks like a part of a sum that was split: then people look at it before it is delivered.
    split: Option<&'static str>,
}

impl Admitted {
    pub fn is_split(&self) -> bool {
        self.split.is_some()
    }

    /// What is held is earned when it is delivered, if it is.
    fn earns_now(&self) -> Option<&Earned> {
        self.earned.as_ref().filter(|_| !self.is_split())
    }

    /// Writes down why people look at the sale.
    pub fn notice(&self, tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<()> {
        let Some(pattern) = self.split else { return Ok(()) };
        let (kind, detail, at) = (RiskKind::Structuring, pattern.to_owned(), top_up.created_at);
        store::risk::insert_event(tx, &top_up.id, &RiskEvent { kind, subject: String::new(), detail, at })?;
        metrics::counter!("recarga_risk_total", "what" => "held", "by" => pattern).increment(1);
        tracing::warn!(top_up = %top_up.id, what = pattern, "a paid order waits for people");
        Ok(())
    }

    pub fn into_shift(self) -> Shift {
        self.shift
    }

    /// Says that its look at a document was for this sale, and serves no other one.
    pub fn link(&self, tx: &mut Tx<'_>, top_up: &TopUpId) -> anyhow::Result<()> {
        self.look.as_ref().map_or(Ok(()), |look| store::id_check::link(tx, look, top_up))
    }
}

impl Counters {
    pub fn read(tx: &mut Tx<'_>, commands: &[&Command], lines: &Lines) -> anyhow::Result<Counters> {
        let here: Vec<(&Command, &AtCounter)> =
            commands.iter().filter_map(|c| Some((*c, c.request.counter.as_ref()?))).collect();
        let mut counters = Counters::default();
        if here.is_empty() {
            return Ok(counters);
        }
        let places: BTreeSet<&str> = here.iter().map(|(_, counter)| counter.at.place().as_str()).collect();
        counters.standings = selling::may_sell_all(tx, &places.into_iter().collect::<Vec<_>>())?;
        let (mut keys, mut sellers) = (BTreeSet::new(), BTreeSet::new());
        for (command, counter) in &here {
            let place = counter.at.place();
            let zone = counters.zone(place);
            let today =
                counters.zones.entry(place.clone()).or_insert_with(|| Today::of(&command.context, &zone));
            keys.insert(sold::key(counter.at.clerk.id.as_str(), &today.day));
            keys.insert(sold::key(place.as_str(), &today.day));
            if let Some(line) = command.line(lines) {
                keys.insert(sold::key(&commission::number_key(&line.id), &today.day));
                keys.insert(sold::key(&commission::cash_key(&line.id), &today.day));
            }
            sellers.insert((today.month.clone(), &command.request.seller.float));
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let sums = sold::sums(tx, &keys)?.into_iter();
        counters.today = sums.map(|sum| (sum.key, Sum { sales: sum.sales, value: sum.value })).collect();
        counters.earnings = Earnings::read(tx, &sellers)?;
        let devices: BTreeSet<&DeviceId> = here.iter().map(|(_, counter)| &counter.at.device.id).collect();
        counters.shifts = till::taking_all(tx, &devices.into_iter().collect::<Vec<_>>())?;
        for (command, counter) in
            here.iter().filter(|(command, counter)| asks_for_a_look(command, counter, lines))
        {
            let (hash, since) = (&counter.look.sale_hash, id_check::since(command.context.now));
            counters.looks.insert(hash.clone(), id_check::of_sale(tx, counter.at.place(), hash, since)?);
        }
        Ok(counters)
    }

    /// The ledger refused a sale that the sums have counted already. What comes after it must not be held to that: alone
    /// it is counted anew, and a batch is undone, so that each of its sales gets a transaction of its own.
    pub fn take_out(&mut self, tx: &mut Tx<'_>, draft: &Draft<'_>, lines: &Lines) -> anyhow::Result<()> {
        if draft.admitted.is_some() {
            anyhow::ensure!(self.admitted == 1, "a sale at a counter was refused in a batch of several");
            *self = Counters::read(tx, &[draft.command], lines)?;
        }
        Ok(())
    }

    /// The outlet's own time decides which day it is.
    fn zone(&self, place: &PlaceId) -> String {
        let standing = self.standings.get(place).and_then(|standing| standing.as_ref().ok());
        standing.map_or_else(|| "UTC".to_owned(), |standing| standing.outlet.facts.time_zone.clone())
    }

    /// May this counter make this sale? What it would earn and add to the day's sums is counted for those after it.
    pub fn admit(
        &mut self,
        command: &Command,
        counter: &AtCounter,
        quote: &Quote,
    ) -> Result<Admitted, Refusal> {
        let (place, value) = (counter.at.place(), quote.prices.value);
        let standing = self.standings.get(place).cloned().unwrap_or(Err(CannotSell::Unknown));
        let standing = standing.map_err(CounterRefusal::Outlet)?;
        if standing.outlet.partner != command.request.seller.float {
            return Err(CounterRefusal::Outlet(CannotSell::Unknown).into());
        }
        if !standing.terms.offers.allows(&quote.offer.id) {
            return Err(CounterRefusal::OfferNotAllowed.into());
        }
        if counter.at.training() {
            return Err(CounterRefusal::Training.into());
        }
        let shift = self.shifts.get(&counter.at.device.id).cloned().unwrap_or(Err(TillRefusal::NoShift));
        let shift = shift.map_err(|refused| match refused {
            TillRefusal::Counted => CounterRefusal::ShiftCounted,
            _ => CounterRefusal::ShiftNotOpen,
        })?;
        tender::check(quote.prices.total, &counter.tenders).map_err(CounterRefusal::Tenders)?;
        let zero = Money::zero(value.currency);
        let today = self.zones.get(place).cloned().ok_or(CounterRefusal::Outlet(CannotSell::Unknown))?;
        let keys = [counter.at.clerk.id.as_str(), place.as_str()].map(|whose| sold::key(whose, &today.day));
        let of = |key: &String| self.today.get(key).map_or(zero, |sum| sum.value);
        selling::limits(&standing)
            .check(value, of(&keys[0]), of(&keys[1]))
            .map_err(CounterRefusal::OverLimit)?;
        let numbers =
            self.within_caps(command, counter, (quote, &today)).map_err(CounterRefusal::OverLimit)?;
        let look = self.look(counter, quote)?;
        let split = self.split(command, counter, (quote, &today)).filter(|_| look.is_none());
        for (key, more) in keys.into_iter().map(|key| (key, value)).chain(numbers) {
            let sum = self.today.entry(key).or_insert(Sum { sales: 0, value: zero });
            sum.sales += i64::from(!more.is_zero());
            sum.value = sum.value.plus(more).unwrap_or(sum.value);
        }
        let class = ProductClass::of(&quote.offer.benefit);
        self.admitted += 1;
        let earned = self.earnings.earn(&command.request.seller.float, class, value, &today);
        Ok(Admitted { shift, earned, look, split })
    }

    /// Is what the number gets in a day, and what of it is paid in cash, within the caps that hold across counters? Says
    /// what this sale adds to either sum. What was taken back still counts: that is how caps are felt for.
    fn within_caps(
        &self,
        command: &Command,
        counter: &AtCounter,
        (quote, today): (&Quote, &Today),
    ) -> Result<[(String, Money); 2], OverLimit> {
        let (value, line) = (quote.prices.value, &quote.line.id);
        let unit = 10_i64.pow(value.currency.exponent());
        let cash = Money::new(cash_of(counter), value.currency);
        let limits = &command.context.limits;
        let sums = [
            (commission::number_key(line), value, Limit::CounterPerNumber, OverLimit::NumberDay),
            (commission::cash_key(line), cash, Limit::CounterCashPerNumber, OverLimit::NumberCash),
        ];
        for (whose, more, limit, over) in &sums {
            let before = self.today.get(&sold::key(whose, &today.day)).map_or(0, |sum| sum.value.minor);
            if more.minor > 0 && before.saturating_add(more.minor) > limits.of(*limit).saturating_mul(unit) {
                return Err(*over);
            }
        }
        Ok(sums.map(|(whose, more, _, _)| (sold::key(&whose, &today.day), more)))
    }

    /// Does the sale look like a part of a larger sum in cash that was split to stay unseen: one of many to a number in
    /// a day, or under what a look at a document is asked for while the day's sum is not? Operations that appear to be
    /// linked count as one: Directive (EU) 2015/849, Article 11(b).
    fn split(
        &self,
        command: &Command,
        counter: &AtCounter,
        (quote, today): (&Quote, &Today),
    ) -> Option<&'static str> {
        let cash = cash_of(counter);
        let before = self.today.get(&sold::key(&commission::cash_key(&quote.line.id), &today.day));
        let before = before.filter(|before| cash > 0 && before.sales > 0)?;
        if before.sales >= command.context.limits.of(Limit::CounterCashSales) {
            return Some("cash_sales");
        }
        let asks = quote.market.id_check.as_ref().and_then(|rule| rule.cash_from_minor)?;
        let unseen = cash < asks && before.value.minor < asks;
        (unseen && before.value.minor.saturating_add(cash) >= asks).then_some("cash_split")
    }

    /// The look at a document that the rule of the market asks for in this sale; it serves no other one.
    fn look(&mut self, counter: &AtCounter, quote: &Quote) -> Result<Option<IdCheckId>, CounterRefusal> {
        let Need::Check(needed) = id_check::needed(&quote.market, quote, cash_of(counter), &counter.look)
        else {
            return Ok(None);
        };
        let looks = self.looks.entry(counter.look.sale_hash.clone()).or_default();
        let found = looks.iter().position(|look| look.serves(&needed));
        found.map(|found| Some(looks.remove(found).id)).ok_or(CounterRefusal::IdCheckNeeded)
    }
}

/// Could the rule of its market ask for a document in this sale? Only then its looks are read.
fn asks_for_a_look(command: &Command, counter: &AtCounter, lines: &Lines) -> bool {
    let (Ok(wanted), Some((_, offer, _))) = (&command.request.wanted, command.sale(lines)) else {
        return false;
    };
    let market = command.catalogue.market_of(&wanted.msisdn);
    // A sale at another total than the one that was agreed to is refused.
    let total_minor = wanted.expected_total.map_or(i64::MAX, |total| total.minor);
    let need = id_check::needed_for(market, &offer.benefit, (total_minor, cash_of(counter)), &counter.look);
    need != Need::None
}

/// What of a sale is paid in cash.
fn cash_of(counter: &AtCounter) -> i64 {
    let cash = counter.tenders.iter().filter(|tender| tender.kind == TenderKind::Cash);
    cash.map(|tender| tender.amount.minor).sum()
}

/// Whoever comes to a cap that is the operator's own brings it to people: once a day for each outlet and cap.
pub(super) fn alert(tx: &mut Tx<'_>, command: &Command, refusal: &Refusal) -> anyhow::Result<()> {
    let (Some(counter), Refusal::Counter(why)) = (&command.request.counter, refusal) else { return Ok(()) };
    let CounterRefusal::OverLimit(
        OverLimit::NumberDay | OverLimit::NumberCash | OverLimit::ClerkDay | OverLimit::OutletDay,
    ) = why
    else {
        return Ok(());
    };
    let (context, place) = (&command.context, counter.at.place());
    let day = context.now.rfc3339().chars().take(10).collect::<String>();
    let what = format!("{} on {day}, by {}", why.code(), counter.at.clerk.id);
    report::once(tx, Topic::CapReached, place.as_str(), &what, context.ids.as_ref(), context.now)?;
    metrics::counter!("recarga_caps_reached_total", "cap" => why.code()).increment(1);
    Ok(())
}

/// Adds to the posting of a sale what its outlet earns by it.
pub(super) fn with_commission(sale: Posting, market: &str, admitted: Option<&Admitted>) -> Posting {
    match admitted.and_then(Admitted::earns_now) {
        Some(earned) => agents::with_commission(sale, market, &earned.partner, earned.amount),
        None => sale,
    }
}

/// Writes what was handed over, what was earned, and the journal, beside the sales that were applied.
pub(super) fn write(tx: &mut Tx<'_>, applied: &[Draft<'_>]) -> anyhow::Result<()> {
    let here: Vec<(&Draft<'_>, &AtCounter, &Admitted)> = applied
        .iter()
        .filter_map(|d| Some((d, d.command.request.counter.as_ref()?, d.admitted.as_ref()?)))
        .collect();
    if here.is_empty() {
        return Ok(());
    }
    let mut taken = Vec::new();
    for (draft, counter, admitted) in &here {
        for (n, tender) in counter.tenders.iter().enumerate() {
            taken.push(Taken {
                top_up: draft.top_up.id.clone(),
                n: i64::try_from(n)?,
                tender: *tender,
                shift: admitted.shift.id.clone(),
                place: counter.at.place().clone(),
                clerk: counter.at.clerk.id.clone(),
                at: draft.top_up.created_at,
                taken: true,
            });
        }
    }
    for (draft, _, admitted) in &here {
        admitted.link(tx, &draft.top_up.id)?;
        admitted.notice(tx, &draft.top_up)?;
    }
    store::tender::insert_all(tx, &taken.iter().collect::<Vec<_>>())?;
    let booked = |(draft, counter, admitted): &(&'_ Draft<'_>, &'_ AtCounter, &'_ Admitted)| {
        let earned = admitted.earns_now()?.clone();
        let cash = Money::new(cash_of(counter), earned.value.currency);
        Some((draft.top_up.clone(), earned, counter.at.clerk.id.clone(), cash))
    };
    let booked: Vec<_> = here.iter().filter_map(booked).collect();
    let rows: Vec<Booked<'_>> = booked
        .iter()
        .map(|(top_up, earned, clerk, cash)| Booked {
            top_up: &top_up.id,
            earned,
            clerk: Some(clerk),
            line: &top_up.line,
            cash: *cash,
            at: top_up.created_at,
        })
        .collect();
    commission::book(tx, &rows)?;
    let sold = here.iter().map(|(draft, counter, admitted)| SoldIn {
        top_up: &draft.top_up,
        place: counter.at.place(),
        shift: &admitted.shift.id,
    });
    if let Some((draft, ..)) = here.first() {
        fiscal::sold_all(tx, &draft.command.context, &sold.collect::<Vec<_>>())?;
    }
    let notes: Vec<_> = here
        .iter()
        .map(|(draft, counter, _)| {
            let note = Note::of(&counter.at, JournalEvent::Sold).about(draft.top_up.code.as_str());
            (&draft.command.context, note.sold(&draft.last4, draft.top_up.prices.total))
        })
        .collect();
    journal::write_all(tx, &notes)
}
