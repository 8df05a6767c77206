//! Promotions: which one an order gets, and how its bonus is promised, given and given back.
//!
//! An order that is paid later takes its bonus out of the budget when it begins ([`promise`]) and keeps it until it is
//! credited ([`give_promised`]) or ends otherwise ([`release`]). A sale from a float decides at once
//! ([`crate::top_up::sell`]). That a budget holds is decided by the ledger, that a line's uses hold by a row that is
//! locked before; what is in memory is only a first look.

mod budget;
pub(crate) mod uses;

pub(crate) use budget::{check as check_budgets, fund, sweep};

use crate::catalogue::Loaded;
use crate::error::Result;
use crate::top_up::credit::Credit;
use crate::top_up::quote::Quote;
use crate::world::{StepContext, World};
use domain::actor::Actor;
use domain::bucket::Bucket;
use domain::id::{BucketId, Ids, LineId};
use domain::ledger::bonus::Budget;
use domain::ledger::{AccountId, Phase, Posting, Transfer, book};
use domain::line::{Keeper, Line};
use domain::money::Money;
use domain::offer::{Offer, Pricing};
use domain::promotion::{Bonus, Promotion, Situation, WhyNot};
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use std::collections::{BTreeMap, BTreeSet};
use store::promotion::{Use, UseState, use_key};
use store::{Tx, ledger};

/// How the family of a promotion's buckets begins.
const FAMILY: &str = "promotion/";

/// The promotion that a family of buckets belongs to, where it is one's.
pub(crate) fn of_family(family: &str) -> Option<&str> {
    family.strip_prefix(FAMILY)
}

/// How often lines had promotions, by [`use_key`].
pub type Counted = BTreeMap<String, i64>;

impl Loaded {
    /// The promotions that name an offer, at whatever time.
    pub fn promotions_of<'a>(&'a self, offer: &'a Offer) -> impl Iterator<Item = &'a Promotion> {
        self.promotions.iter().filter(|p| p.market == offer.market && p.offers.contains(&offer.id))
    }

    fn left(&self, promotion: &Promotion) -> i64 {
        self.budgets.get(&promotion.id).copied().unwrap_or(0)
    }

    /// Promotions for people: those that run and those that come, each with something left to give.
    pub fn promotions_shown(&self, now: UnixMs) -> Vec<&Promotion> {
        let has_some = |p: &&Promotion| self.least(p).is_some_and(|least| least <= self.left(p));
        let mut shown: Vec<&Promotion> =
            self.promotions.iter().filter(|p| !p.has_ended(now)).filter(has_some).collect();
        shown.sort_by_key(|p| (now < p.starts_at, p.starts_at.0.max(now.0), p.position, p.id.clone()));
        shown
    }

    /// The smallest bonus that it gives on any of its offers.
    fn least(&self, promotion: &Promotion) -> Option<i64> {
        let offers = self.offers.iter().filter(|offer| promotion.offers.contains(&offer.id));
        offers.map(|offer| promotion.bonus_on(smallest(offer))).filter(|bonus| *bonus > 0).min()
    }
}

/// The price of an offer, or the least that can be paid for it.
fn smallest(offer: &Offer) -> Money {
    match &offer.pricing {
        Pricing::Fixed { value } | Pricing::Range { min: value, .. } => *value,
    }
}

/// What an order gets from one promotion, or why nothing, as far as is known in memory.
fn looked_at(
    catalogue: &Loaded,
    promotion: &Promotion,
    (offer, value): (&Offer, Money),
    uses: i64,
    now: UnixMs,
) -> std::result::Result<Bonus, WhyNot> {
    let left = catalogue.left(promotion);
    promotion.applies(&Situation { market: &offer.market, offer: &offer.id, value, uses, left, now })
}

/// The one bonus that an order of this value gets. A line whose balance its network keeps gets none: what we set aside
/// could not be given there in one step with the credit.
pub(crate) fn best(
    catalogue: &Loaded,
    (offer, value): (&Offer, Money),
    line: &Line,
    counted: &Counted,
    now: UnixMs,
) -> Option<Bonus> {
    if line.keeper != Keeper::Ours {
        return None;
    }
    let bonuses = catalogue.promotions_of(offer).filter_map(|promotion| {
        let uses = counted.get(&use_key(&promotion.id, &line.id)).copied().unwrap_or(0);
        looked_at(catalogue, promotion, (offer, value), uses, now).ok()
    });
    domain::promotion::best(bonuses)
}

/// Under which keys the uses of a line are counted for an offer.
pub(crate) fn keys(catalogue: &Loaded, offer: &Offer, line: &LineId) -> BTreeSet<String> {
    catalogue.promotions_of(offer).map(|promotion| use_key(&promotion.id, line)).collect()
}

/// The quote with what a promotion gives on top.
pub(crate) async fn with_bonus(world: &World, catalogue: &Loaded, quote: Quote) -> Result<Quote> {
    let counted = count(world, keys(catalogue, &quote.offer, &quote.line.id)).await?;
    let wanted = (&quote.offer, quote.prices.value);
    let promotion = best(catalogue, wanted, &quote.line, &counted, world.now());
    Ok(Quote { promotion, ..quote })
}

async fn count(world: &World, keys: BTreeSet<String>) -> Result<Counted> {
    if keys.is_empty() {
        return Ok(Counted::new());
    }
    Ok(world.db.read(move |tx| store::promotion::count_uses(tx, &keys)).await?)
}

/// The bonus that a line gets on each offer that has one price, by the offer's id.
pub async fn on_offers(world: &World, line: &Line, offers: &[&Offer]) -> Result<BTreeMap<String, Bonus>> {
    let catalogue = world.fresh_catalogue().await?;
    let wanted = offers.iter().flat_map(|offer| keys(&catalogue, offer, &line.id)).collect();
    let (counted, now) = (count(world, wanted).await?, world.now());
    let fixed = offers.iter().filter(|offer| matches!(offer.pricing, Pricing::Fixed { .. }));
    let bonus = |offer: &&Offer| {
        let found = best(&catalogue, (offer, smallest(offer)), line, &counted, now);
        found.map(|bonus| (offer.id.clone(), bonus))
    };
    Ok(fixed.filter_map(bonus).collect())
}

/// A promotion that runs for an offer, as one line can have it.
#[derive(Debug, Clone)]
pub struct Running<'a> {
    pub promotion: &'a Promotion,
    /// How often the line can still have it, or why it gets nothing from it.
    pub left: std::result::Result<i64, WhyNot>,
}

/// The promotions that run for an offer and still have something to give, as a line can have them, the one that an order
/// would get first.
pub async fn running_for<'a>(
    world: &World,
    catalogue: &'a Loaded,
    line: &Line,
    offers: &[&Offer],
) -> Result<BTreeMap<String, Vec<Running<'a>>>> {
    let now = world.now();
    let wanted = offers.iter().flat_map(|offer| keys(catalogue, offer, &line.id)).collect();
    let counted = count(world, wanted).await?;
    let shown = catalogue.promotions_shown(now);
    let of = |offer: &Offer| {
        let named = shown.iter().filter(|p| p.starts_at <= now && p.market == offer.market);
        let looked = named.filter(|p| p.offers.contains(&offer.id)).map(|promotion| {
            let left = has_left(catalogue, promotion, (line, offer), &counted, now);
            let amount = promotion.bonus_on(smallest(offer));
            (
                left.is_err(),
                !matches!(promotion.unit(), domain::unit::Unit::Money(_)),
                -amount,
                Running { promotion, left },
            )
        });
        let mut looked: Vec<_> = looked.collect();
        looked.sort_by(|one, other| {
            let by = |r: &(bool, bool, i64, Running<'_>)| (r.0, r.1, r.2, r.3.promotion.id.clone());
            by(one).cmp(&by(other))
        });
        looked.into_iter().map(|(.., running)| running).collect::<Vec<_>>()
    };
    Ok(offers.iter().map(|offer| (offer.id.clone(), of(offer))).collect())
}

/// Why a line gets nothing on an offer for which a promotion runs; `None` where none runs, or where it does get one.
pub async fn why_nothing(world: &World, quote: &Quote) -> Result<Option<WhyNot>> {
    if quote.promotion.is_some() {
        return Ok(None);
    }
    let catalogue = world.fresh_catalogue().await?;
    let mut running = running_for(world, &catalogue, &quote.line, &[&quote.offer]).await?;
    let first = running.remove(&quote.offer.id).and_then(|found| found.into_iter().next());
    Ok(first.and_then(|running| running.left.err()))
}

/// How often a line can still have a promotion on an offer, or why it cannot.
fn has_left(
    catalogue: &Loaded,
    promotion: &Promotion,
    (line, offer): (&Line, &Offer),
    counted: &Counted,
    now: UnixMs,
) -> std::result::Result<i64, WhyNot> {
    if promotion.market != line.market {
        return Err(WhyNot::OtherMarket);
    }
    if line.keeper != Keeper::Ours {
        return Err(WhyNot::KeptByNetwork);
    }
    let uses = counted.get(&use_key(&promotion.id, &line.id)).copied().unwrap_or(0);
    looked_at(catalogue, promotion, (offer, smallest(offer)), uses, now)
        .map(|bonus| i64::from(bonus.uses_per_line) - uses)
}

/// How often a line can still have each shown promotion, or why it cannot. The first of its offers that gives something
/// decides.
pub async fn for_line(
    world: &World,
    line: &Line,
) -> Result<BTreeMap<String, std::result::Result<i64, WhyNot>>> {
    let catalogue = world.fresh_catalogue().await?;
    let now = world.now();
    let shown = catalogue.promotions_shown(now);
    let counted = count(world, shown.iter().map(|p| use_key(&p.id, &line.id)).collect()).await?;
    let mut found = BTreeMap::new();
    for promotion in shown {
        let offers = catalogue.offers.iter().filter(|offer| promotion.offers.contains(&offer.id));
        let looked = offers.map(|offer| has_left(&catalogue, promotion, (line, offer), &counted, now));
        let best = looked.reduce(|first, next| if first.is_ok() { first } else { next });
        found.insert(promotion.id.clone(), best.unwrap_or(Err(WhyNot::OtherOffer)));
    }
    Ok(found)
}

fn budget<'a>(bonus: &'a Bonus, market: &'a str) -> Budget<'a> {
    Budget { promotion: &bonus.promotion, market, unit: bonus.unit }
}

/// Where a bonus goes: its own bucket, where it has an end, else the line's credit.
fn target(bonus: &Bonus, top_up: &TopUp, ids: &dyn Ids, now: UnixMs) -> (AccountId, Option<Bucket>) {
    let Some(expires_at) = bonus.ends(now) else {
        return (AccountId::new(domain::ledger::AccountKind::Credit, top_up.line.as_str(), bonus.unit), None);
    };
    let bucket = Bucket {
        id: BucketId::new(ids, now),
        line: top_up.line.clone(),
        unit: bonus.unit,
        granted: bonus.amount,
        valid_from_at: now,
        expires_at,
        // Before what was paid for, among buckets that end together.
        priority: -1,
        source: top_up.id.clone(),
        zone: None,
        // No offer's family: nothing ever moves from or into a bonus.
        family: format!("{FAMILY}{}", bonus.promotion),
        valid_for_days: bonus.valid_for_days.unwrap_or(0),
        started_at: Some(now),
    };
    (book::bucket(&bucket.id, bucket.unit), Some(bucket))
}

fn a_use(bonus: &Bonus, top_up: &TopUp, state: UseState, bucket: Option<&Bucket>, at: UnixMs) -> Use {
    Use {
        top_up: top_up.id.clone(),
        promotion: bonus.promotion.clone(),
        line: top_up.line.clone(),
        unit: bonus.unit,
        amount: bonus.amount,
        state,
        bucket: bucket.map(|bucket| bucket.id.clone()),
        at,
    }
}

/// Sets the bonus of a new order aside, or says that it is not to be had any more: then nothing may be written of the
/// order. Called before anything else of the order is.
pub(crate) fn promise(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    actor: Actor,
) -> anyhow::Result<std::result::Result<(), Refusal>> {
    let Some(bonus) = &top_up.promotion else { return Ok(Ok(())) };
    let gone = Err(Refusal::BonusChanged { total: top_up.prices.total });
    let key = use_key(&bonus.promotion, &top_up.line);
    let counted = store::promotion::lock_uses(tx, &BTreeSet::from([key.clone()]))?;
    if counted.get(&key).copied().unwrap_or(0) >= i64::from(bonus.uses_per_line) {
        return Ok(gone);
    }
    let hold = budget(bonus, &top_up.market).hold(&top_up.id, bonus.amount, actor);
    let outcomes = ledger::record_new(tx, &context.writer, context.now, &[hold])?;
    if !outcomes.iter().all(domain::ledger::Outcome::stands) {
        return Ok(gone);
    }
    store::promotion::insert_uses(tx, &[a_use(bonus, top_up, UseState::Held, None, context.now)])?;
    Ok(Ok(()))
}

/// Adds the bonus that an order was promised to its credit.
pub(crate) fn give_promised(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    credit: Credit,
) -> anyhow::Result<Credit> {
    let Some(bonus) = &top_up.promotion else { return Ok(credit) };
    let held = store::promotion::find_use(tx, &top_up.id)?.filter(|used| used.state == UseState::Held);
    let Some(held) = held else {
        // Money that was captured is delivered whatever became of its bonus; the verifier names the order.
        tracing::error!(top_up = %top_up.id, "the promised bonus is not set aside");
        return Ok(credit);
    };
    let (to, bucket) = target(bonus, top_up, context.ids.as_ref(), context.now);
    store::promotion::update_use(tx, &held, UseState::Given, bucket.as_ref().map(|b| &b.id))?;
    let posting = budget(bonus, &top_up.market).give(credit.posting, to, bonus.amount, Some(&top_up.id));
    let buckets = credit.buckets.into_iter().chain(bucket).collect();
    Ok(Credit { posting, buckets, ..credit })
}

/// A bonus that is given at once: the credit's posting with it, its bucket, and its use.
pub(crate) struct Given {
    pub posting: Posting,
    pub bucket: Option<Bucket>,
    pub used: Use,
}

/// Adds a bonus that nothing was set aside for to a sale's credit: the ledger decides whether the budget covers it.
pub(crate) fn give_now(bonus: &Bonus, top_up: &TopUp, credit: Posting, ids: &dyn Ids, now: UnixMs) -> Given {
    let (to, bucket) = target(bonus, top_up, ids, now);
    let used = a_use(bonus, top_up, UseState::Given, bucket.as_ref(), now);
    let posting = budget(bonus, &top_up.market).give(credit, to, bonus.amount, None);
    Given { posting, bucket, used }
}

/// Was it the budget that did not cover a refused sale?
pub(crate) fn is_short(tx: &mut Tx<'_>, bonus: &Bonus, market: &str) -> anyhow::Result<bool> {
    let left = ledger::balance(tx, &budget(bonus, market).account())?.available;
    Ok(left < bonus.amount)
}

/// An order ends without credit: its bonus can be given to somebody else, and its line can have it again. Returns what
/// the caller posts with whatever else ends the order; nothing where nothing is set aside.
pub(crate) fn release(tx: &mut Tx<'_>, top_up: &TopUp, actor: Actor) -> anyhow::Result<Option<Posting>> {
    let Some(bonus) = &top_up.promotion else { return Ok(None) };
    let used = store::promotion::find_use(tx, &top_up.id)?;
    let Some(held) = used.filter(|used| used.state == UseState::Held) else { return Ok(None) };
    store::promotion::update_use(tx, &held, UseState::Released, None)?;
    Ok(Some(budget(bonus, &top_up.market).release(&top_up.id, bonus.amount, actor)))
}

/// What of a credited order's bonus goes back to where it came from when the order is taken back: a transfer for the
/// postings that do so (the same in each phase), and `None` where it had no bonus or nothing of it is left. A bucket
/// gives what it still holds.
pub fn part_taken_back(tx: &mut Tx<'_>, top_up: &TopUp, phase: Phase) -> anyhow::Result<Option<Transfer>> {
    let Some(bonus) = &top_up.promotion else { return Ok(None) };
    let used = store::promotion::find_use(tx, &top_up.id)?;
    let Some(used) = used.filter(is_with_line) else { return Ok(None) };
    let (from, amount) = match &used.bucket {
        Some(bucket) => {
            let account = book::bucket(bucket, used.unit);
            let balance = ledger::balance(tx, &account)?;
            // While the phase before it holds the bonus, what is held is what is taken.
            let held = balance.posted - balance.available;
            let free = balance.available.min(used.amount);
            (account, if phase == Phase::Posted || phase == Phase::Pending { free } else { held })
        }
        None => {
            let kind = domain::ledger::AccountKind::Credit;
            (AccountId::new(kind, top_up.line.as_str(), used.unit), used.amount)
        }
    };
    if amount <= 0 {
        return Ok(None);
    }
    let back = budget(bonus, &top_up.market).take_back(from, amount, phase);
    // What came from beside the budget goes back there.
    let beside = (used.state == UseState::Restored).then(|| budget(bonus, &top_up.market).source());
    Ok(Some(Transfer { credit: beside.unwrap_or_else(|| back.credit.clone()), ..back }))
}

/// Has the line the bonus now?
fn is_with_line(used: &Use) -> bool {
    match used.state {
        UseState::Given | UseState::Restored => true,
        UseState::Held | UseState::Released | UseState::Returned => false,
    }
}

/// An order was taken back, and its refund bounced: the line has its bonus again, in the bucket that stands for the one
/// that was taken. It counts among its uses even where the line had the promotion again meanwhile.
pub(crate) fn restore_use(
    tx: &mut Tx<'_>,
    top_up: &TopUp,
    renewed: &BTreeMap<AccountId, Bucket>,
) -> anyhow::Result<()> {
    let used = store::promotion::find_use(tx, &top_up.id)?;
    let Some(used) = used else { return Ok(()) };
    let state = match used.state {
        UseState::Returned => UseState::Restored,
        // Some of it had been used: it was counted all the time.
        UseState::Given | UseState::Restored => used.state,
        UseState::Held | UseState::Released => return Ok(()),
    };
    store::promotion::lock_uses(tx, &BTreeSet::from([use_key(&used.promotion, &used.line)]))?;
    let stands_for = |old: &BucketId| renewed.get(&book::bucket(old, used.unit)).map(|bucket| &bucket.id);
    let bucket = used.bucket.as_ref().map(|old| stands_for(old).unwrap_or(old));
    store::promotion::update_use(tx, &used, state, bucket)
}

/// A credited order was taken back: its line can have the promotion again. Who used some of the bonus has had it: that
/// use stays counted. `taken` says how much of an account was taken back.
pub fn give_use_back(
    tx: &mut Tx<'_>,
    top_up: &TopUp,
    taken: &dyn Fn(&AccountId) -> i64,
) -> anyhow::Result<()> {
    let used = store::promotion::find_use(tx, &top_up.id)?;
    let whole = |given: &Use| {
        let bucket = given.bucket.as_ref().map(|bucket| book::bucket(bucket, given.unit));
        bucket.is_none_or(|bucket| taken(&bucket) == given.amount)
    };
    match used.filter(is_with_line).filter(whole) {
        Some(given) => {
            let bucket = given.bucket.clone();
            store::promotion::update_use(tx, &given, UseState::Returned, bucket.as_ref())
        }
        None => Ok(()),
    }
}
