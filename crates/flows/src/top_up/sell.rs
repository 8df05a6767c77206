//! Sell from a float: key, ledger, top-up and answer in one transaction, many sales per commit.

mod bonus;
mod card;
mod counter;
mod facts;
mod held;
mod network;

pub use card::sell_by_card;
pub use counter::AtCounter;
pub(crate) use facts::Facts;

use self::counter::{Admitted, Counters};
use super::credit;
use super::quote::{self, Quote};
use super::step::announcement;
use crate::catalogue::Loaded;
use crate::error::Result;
use crate::lines;
use crate::promotion::uses::Uses;
use crate::request::{Answering, Reply, RequestKey, replay};
use crate::world::{StepContext, World};
use domain::bucket::{Bucket, Move, Purchase};
use domain::id::{Ids, LineId, QuoteId, TopUpId};
use domain::ledger::book::{self, Payer, Sale};
use domain::ledger::{Outcome, Posting};
use domain::line::{Keeper, Line};
use domain::locale::Locale;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::offer::Offer;
use domain::partner::Seller;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Settlement, TopUp, TopUpState};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::keyring::Purpose;
use store::network_credit::NetworkCredit;
use store::promotion::Use;
use store::response::{self, Answer, Response};
use store::{Tx, ledger, outbox};

/// One sale on its way through the hot queue.
pub struct Command {
    request: SaleRequest,
    /// Hashes of the number, one per key of the keyring; none when it is no number.
    hashes: Vec<String>,
    catalogue: Arc<Loaded>,
    context: StepContext,
}

/// What a seller asks for.
pub struct SaleRequest {
    pub key: RequestKey,
    pub seller: Seller,
    /// Where it is sold over a counter.
    pub counter: Option<AtCounter>,
    /// A request that is refused for what it says is refused under its key like any other.
    pub wanted: std::result::Result<Wanted, Refusal>,
    pub answering: Answering,
}

/// A sale that can be priced.
pub struct Wanted {
    pub msisdn: Msisdn,
    pub offer: String,
    pub amount: Option<Money>,
    /// A promised price that is to be kept.
    pub quote: Option<QuoteId>,
    /// The total that the buyer was shown.
    pub expected_total: Option<Money>,
    /// The promotion's bonus that the buyer was shown.
    pub expected_bonus: Option<Money>,
    pub reference: Option<String>,
    pub locale: Option<Locale>,
}

/// Sells and credits at once: key, line, price, ledger, top-up and answer in one transaction. The answer is
/// durable when it is returned. Where the host network keeps the line's balance, the money is set aside and the network
/// is asked afterwards ([`super::network`]).
pub async fn sell(world: &World, request: SaleRequest) -> Result<Reply> {
    let hash = |wanted: &Wanted| world.keyring.hashes(Purpose::Msisdn, wanted.msisdn.digits());
    let hashes = request.wanted.as_ref().map(hash).unwrap_or_default();
    let catalogue = world.fresh_catalogue().await?;
    let sold = world.sales.submit(Command { request, hashes, catalogue, context: world.step() }).await?;
    world.wake();
    Ok(sold)
}

/// The step behind the hot queue.
pub(crate) fn step(writer: String, ids: Arc<dyn Ids>) -> Arc<store::hot::Step<Command, Reply>> {
    Arc::new(move |tx, commands| sell_all(tx, &writer, ids.as_ref(), commands))
}

/// A priced sale with everything that is written when the ledger agrees.
struct Draft<'c> {
    command: &'c Command,
    top_up: TopUp,
    buckets: Vec<Bucket>,
    /// The rests that move, where the offer is one that moves them.
    moves: Option<Vec<Move>>,
    /// The use of a promotion whose bonus goes with it.
    used: Option<Use>,
    /// Was that bonus shown to the buyer?
    shown: bool,
    /// What the host network is asked for, where it keeps the line's balance.
    network: Option<NetworkCredit>,
    /// What its counter agreed to, where it is sold over one.
    admitted: Option<Admitted>,
    last4: String,
}

/// What a batch of sales has come to.
#[derive(Default)]
struct Batch<'c> {
    applied: Vec<Draft<'c>>,
    answers: HashMap<&'c str, Answer>,
    /// The top-up that was made under each key.
    subjects: HashMap<&'c str, TopUpId>,
    /// The lines whose rests move in this batch, each with the key of its sale.
    moving: HashMap<LineId, &'c str>,
    /// What the counters of these sales may sell.
    counters: Counters,
}

impl<'c> Batch<'c> {
    /// A second sale that moves the rests of a line must see what the first one wrote: then the batch is undone and
    /// each of its sales gets a transaction of its own.
    fn check_moves(&mut self, draft: &Draft<'c>) -> anyhow::Result<()> {
        if draft.moves.is_none() {
            return Ok(());
        }
        let key = draft.command.key();
        let earlier = self.moving.insert(draft.top_up.line.clone(), key);
        anyhow::ensure!(
            earlier.is_none_or(|earlier| earlier == key),
            "two sales of a batch move one line's rests"
        );
        Ok(())
    }
}

type Lines = HashMap<String, Vec<Line>>;

fn sell_all(
    tx: &mut Tx<'_>,
    writer: &str,
    ids: &dyn Ids,
    commands: &[Command],
) -> anyhow::Result<Vec<Reply>> {
    let (known, lines) = look_up_all(tx, commands)?;
    let fresh = first_uses(commands, &known);
    let mut uses = Uses::lock(tx, fresh.iter().filter_map(|command| command.sale(&lines)))?;
    let now = commands.iter().map(|c| c.context.now).max().unwrap_or(UnixMs(0));
    let mut batch = Batch { counters: Counters::read(tx, &fresh, &lines)?, ..Batch::default() };
    let again = sell_some(tx, (writer, now), &fresh, &lines, Some(&mut uses), &mut batch)?;
    // A budget was used up a moment ago: what nobody was shown is sold without it. This locks no row that the first
    // record did not lock.
    sell_some(tx, (writer, now), &again, &lines, None, &mut batch)?;
    write(tx, ids, &batch.applied)?;
    write_answers(tx, &fresh, &batch)?;
    let first: HashMap<&str, &Command> = fresh.iter().map(|c| (c.key(), *c)).collect();
    Ok(commands.iter().map(|command| reply(command, &known, &first, &batch.answers)).collect())
}

/// Drafts and records sales in order. Returns those for which a promotion's budget alone was too short, and that can
/// be sold without it; without `uses` no bonus is given.
fn sell_some<'c>(
    tx: &mut Tx<'_>,
    (writer, now): (&str, UnixMs),
    commands: &[&'c Command],
    lines: &Lines,
    mut uses: Option<&mut Uses>,
    batch: &mut Batch<'c>,
) -> anyhow::Result<Vec<&'c Command>> {
    let (mut drafts, mut postings) = (Vec::with_capacity(commands.len()), Vec::with_capacity(commands.len()));
    for command in commands {
        match draft(tx, command, lines, uses.as_deref_mut(), &mut batch.counters)? {
            Ok((draft, posting)) => {
                batch.check_moves(&draft)?;
                drafts.push(draft);
                postings.push(posting);
            }
            Err(refusal) => {
                counter::alert(tx, command, &refusal)?;
                batch.answers.insert(command.key(), (command.request.answering)(Err(&refusal)));
            }
        }
    }
    let outcomes = ledger::record_new(tx, writer, now, &postings)?;
    let mut again = Vec::new();
    for (draft, outcome) in drafts.into_iter().zip(outcomes) {
        let key = draft.command.key();
        let answer = match outcome {
            Outcome::Applied => {
                let answer = (draft.command.request.answering)(Ok(&draft.top_up));
                batch.subjects.insert(key, draft.top_up.id.clone());
                batch.applied.push(draft);
                answer
            }
            Outcome::Refused(_) => {
                batch.counters.take_out(tx, &draft, lines)?;
                match bonus::refused(tx, &draft)? {
                    Some(refusal) => (draft.command.request.answering)(Err(&refusal)),
                    None => {
                        again.push(draft.command);
                        continue;
                    }
                }
            }
            Outcome::AppliedBefore | Outcome::Conflict => {
                anyhow::bail!("the new top-up {} has a posting already", draft.top_up.id)
            }
        };
        batch.answers.insert(key, answer);
    }
    Ok(again)
}

impl Command {
    fn key(&self) -> &str {
        &self.request.key.id
    }

    /// The line that is meant, as far as it is known.
    fn line<'l>(&self, lines: &'l Lines) -> Option<&'l Line> {
        store::line::current(self.hashes.iter().filter_map(|hash| lines.get(hash)).flatten())
    }

    /// What is sold to which line, where it can be sold.
    fn sale<'a>(&'a self, lines: &'a Lines) -> Option<(&'a Loaded, &'a Offer, &'a LineId)> {
        let (wanted, line) = (self.request.wanted.as_ref().ok()?, self.line(lines)?);
        let offer = self.catalogue.offer_for(&wanted.offer, line, self.request.seller.channel)?;
        Some((self.catalogue.as_ref(), offer, &line.id))
    }
}

/// What stands under the commands' keys, and the lines that have or had their numbers, by the number's hash.
type LookedUp = (HashMap<String, Response>, Lines);

fn look_up_all(tx: &mut Tx<'_>, commands: &[Command]) -> anyhow::Result<LookedUp> {
    let keys: Vec<&str> = commands.iter().map(Command::key).collect();
    let hashes: BTreeSet<&str> = commands.iter().flat_map(|c| &c.hashes).map(String::as_str).collect();
    let hashes: Vec<&str> = hashes.into_iter().collect();
    let (known, found) = tx.query_both(response::each(&keys), store::line::each(&hashes))?;
    let mut lines = Lines::with_capacity(found.len());
    for (hash, line) in found {
        lines.entry(hash).or_default().push(line);
    }
    Ok((known.into_iter().map(|r| (r.id.clone(), r)).collect(), lines))
}

/// The commands whose keys were never used: of equal keys in one batch the first.
fn first_uses<'c>(commands: &'c [Command], known: &HashMap<String, Response>) -> Vec<&'c Command> {
    let mut seen = HashSet::with_capacity(commands.len());
    commands.iter().filter(|c| !known.contains_key(c.key()) && seen.insert(c.key())).collect()
}

/// Prices a sale and drafts what it writes, or says why it is refused.
fn draft<'c>(
    tx: &mut Tx<'_>,
    command: &'c Command,
    lines: &Lines,
    uses: Option<&mut Uses>,
    counters: &mut Counters,
) -> anyhow::Result<std::result::Result<(Draft<'c>, Posting), Refusal>> {
    let Command { request, context, .. } = command;
    let wanted = match &request.wanted {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal.clone())),
    };
    let priced = price(tx, command, wanted, command.line(lines))?;
    let quote = match priced.and_then(|quote| bonus::with_bonus(command, wanted, quote, uses.as_deref())) {
        Ok(quote) => quote,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let admitted = match &request.counter {
        Some(counter) => match counters.admit(command, counter, &quote) {
            Ok(admitted) => Some(admitted),
            Err(refusal) => return Ok(Err(refusal)),
        },
        None => None,
    };
    if admitted.as_ref().is_some_and(Admitted::is_split) {
        return held::draft(tx, command, wanted, quote, (admitted, uses));
    }
    if quote.line.keeper == Keeper::Network {
        return network::draft(command, wanted, quote, admitted).map(Ok);
    }
    let (ids, partner) = (context.ids.as_ref(), request.seller.float.clone());
    let id = TopUpId::new(ids, context.now);
    let purchase = Purchase { line: &quote.line.id, source: &id, now: context.now };
    let granting = credit::grant(tx, &quote.offer, purchase, ids)?;
    let moves_rests = credit::moves_rests(&quote.offer);
    let actor = request.seller.actor.clone();
    let sale = Sale {
        top_up: &id,
        market: &quote.line.market,
        line: &quote.line.id,
        prices: &quote.prices,
        benefit: &quote.offer.benefit,
        grants: &credit::grants(&granting),
        payer: Payer::Float(partner.clone()),
        network: None,
    };
    let posting = book::with_moves(book::credit(&sale, actor.clone())?, &granting.moves);
    let of_line = (quote.line.market.as_str(), &quote.line.id);
    let posting = credit::taxed_later(posting, &quote.offer, quote.prices.value, of_line);
    let posting = counter::with_commission(posting, &quote.line.market, admitted.as_ref());
    let last4 = quote.line.last4.clone();
    let locale = wanted.locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let reference = wanted.reference.clone();
    let facts = Facts {
        id,
        quote,
        channel: request.seller.channel,
        settlement: Settlement::Float,
        locale,
        reference,
    };
    let top_up = facts.into_top_up(ids, context.now, TopUpState::Credited, Some(partner), &actor);
    let buckets = granting.buckets.into_iter().map(|(bucket, _)| bucket).collect();
    let moves = moves_rests.then_some(granting.moves);
    let shown = wanted.shows_bonus();
    let draft = Draft { command, top_up, buckets, moves, used: None, shown, network: None, admitted, last4 };
    Ok(Ok(bonus::give(draft, posting, uses)))
}

fn price(
    tx: &mut Tx<'_>,
    command: &Command,
    wanted: &Wanted,
    line: Option<&Line>,
) -> anyhow::Result<std::result::Result<Quote, Refusal>> {
    let Command { request, catalogue, context, .. } = command;
    let line = match lines::payable_in(catalogue, &wanted.msisdn, line) {
        Ok(line) => line.clone(),
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = lines::reachable(&line, context.has_network) {
        return Ok(Err(refusal));
    }
    let offer = (wanted.offer.as_str(), wanted.amount);
    let quote = match &wanted.quote {
        Some(id) => {
            let found = quote::find_promise(tx, id, &request.seller.float, context.now)?;
            quote::keep_promise(catalogue, found, line, offer, context.now)
        }
        None => quote::price_from(catalogue, line, offer, request.seller.channel, context.now),
    };
    Ok(match wanted.expected_total {
        Some(expected) => quote.and_then(|quote| quote::keep_total(quote, expected)),
        None => quote,
    })
}

/// Which refusal it is: a float that is not there in this currency, or one that does not cover the total.
fn float_refusal(tx: &mut Tx<'_>, draft: &Draft<'_>) -> anyhow::Result<Refusal> {
    let float = book::float(&draft.command.request.seller.float, draft.top_up.prices.total);
    let account = ledger::account(tx, &float)?;
    let touched =
        account.is_some_and(|a| a.totals != domain::ledger::Totals::default() || a.floor != Some(0));
    let currency = draft.top_up.prices.total.currency;
    Ok(if touched { Refusal::FloatInsufficient } else { Refusal::NoFloatIn(currency) })
}

fn write(tx: &mut Tx<'_>, ids: &dyn Ids, applied: &[Draft<'_>]) -> anyhow::Result<()> {
    store::top_up::insert_all(tx, &applied.iter().map(|d| &d.top_up).collect::<Vec<_>>())?;
    store::bucket::insert_all(tx, &applied.iter().flat_map(|d| &d.buckets).collect::<Vec<_>>())?;
    for draft in applied.iter() {
        let moved: Vec<_> = draft.moves.iter().flatten().map(|m| &m.from).collect();
        store::bucket::close_moved(tx, &moved, draft.command.context.now)?;
    }
    let used: Vec<Use> = applied.iter().filter_map(|d| d.used.clone()).collect();
    store::promotion::insert_uses(tx, &used)?;
    let asked: Vec<&NetworkCredit> = applied.iter().filter_map(|d| d.network.as_ref()).collect();
    store::network_credit::insert_all(tx, &asked)?;
    counter::write(tx, applied)?;
    let announced = |d: &Draft<'_>| announcement(&d.top_up, &d.command.context);
    let asking = asked.iter().map(|credit| super::network::asking(credit));
    let work: Vec<outbox::NewWork> = applied.iter().map(announced).chain(asking).collect();
    let now = applied.iter().map(|d| d.command.context.now).max().unwrap_or(UnixMs(0));
    outbox::push_all(tx, &work, ids, now)
}

/// Writes every answer under its key, with the top-up that was made.
fn write_answers(tx: &mut Tx<'_>, fresh: &[&Command], batch: &Batch<'_>) -> anyhow::Result<()> {
    let responses: Vec<Response> = fresh
        .iter()
        .map(|command| Response {
            id: command.key().to_owned(),
            request_hash: command.request.key.request_hash.clone(),
            subject: batch.subjects.get(command.key()).map(ToString::to_string),
            answer: batch.answers.get(command.key()).cloned(),
            created_at: command.context.now,
        })
        .collect();
    response::insert_all(tx, &responses.iter().collect::<Vec<_>>())
}

fn reply(
    command: &Command,
    known: &HashMap<String, Response>,
    first: &HashMap<&str, &Command>,
    answers: &HashMap<&str, Answer>,
) -> Reply {
    if let Some(earlier) = known.get(command.key()) {
        return replay(&command.request.key, earlier);
    }
    match (first.get(command.key()), answers.get(command.key())) {
        (Some(first), Some(answer)) if std::ptr::eq(*first, command) => Reply::Answered(answer.clone()),
        (Some(first), Some(answer)) if first.request.key == command.request.key => {
            Reply::Replayed(answer.clone())
        }
        (Some(_) | None, _) => Reply::KeyReused,
    }
}
