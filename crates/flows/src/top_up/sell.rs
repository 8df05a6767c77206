//! Sell from a partner's float: key, ledger, top-up and answer in one transaction, many sales per commit.

use super::credit;
use super::quote::{self, Quote};
use super::step::announcement;
use crate::catalogue::Loaded;
use crate::error::Result;
use crate::lines;
use crate::world::{StepContext, World};
use aws_lc_rs::digest;
use domain::actor::Actor;
use domain::bucket::Bucket;
use domain::id::{Ids, PartnerId, QuoteId, TopUpId};
use domain::ledger::book::{self, Payer, Sale};
use domain::ledger::{Outcome, Posting};
use domain::line::Line;
use domain::locale::Locale;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::partner::Caller;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Channel, Tender, TopUp, TopUpState};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::keyring::Purpose;
use store::response::{self, Answer, Response};
use store::{Tx, ledger, outbox};

/// Writes down what is answered to a request, beside its key.
pub type Answering = Arc<dyn Fn(std::result::Result<&TopUp, &Refusal>) -> Answer + Send + Sync>;

/// The key under which a request is done once, and what must be equal when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Scope and key.
    pub id: String,
    pub request_hash: String,
}

impl RequestKey {
    /// A partner's key; `body` is the request as it was sent.
    pub fn of_partner(partner: &PartnerId, key: &str, body: &[u8]) -> RequestKey {
        RequestKey { id: format!("{partner}/{key}"), request_hash: sha256(body) }
    }

    /// The key in a portal form; `body` is what the buyer agreed to.
    pub fn of_guest(key: &str, body: &str) -> RequestKey {
        RequestKey { id: format!("guest/{key}"), request_hash: sha256(body.as_bytes()) }
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// One sale on its way through the hot queue.
pub struct Command {
    request: SaleRequest,
    /// Hashes of the number, one per key of the keyring; none when it is no number.
    hashes: Vec<String>,
    catalogue: Arc<Loaded>,
    context: StepContext,
}

/// What became of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sold {
    /// What is answered for the first time.
    Answered(Answer),
    /// What was answered when the key was first used.
    Replayed(Answer),
    /// The key was used with another body.
    KeyReused,
    /// The first request under this key is not answered yet.
    InFlight,
}

/// What a partner asks for.
pub struct SaleRequest {
    pub key: RequestKey,
    pub caller: Caller,
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
    pub reference: Option<String>,
    pub locale: Option<Locale>,
}

/// Sells and credits at once: key, line, price, ledger, top-up and answer in one transaction. The answer is
/// durable when it is returned.
pub async fn sell(world: &World, request: SaleRequest) -> Result<Sold> {
    let hash = |wanted: &Wanted| world.keyring.hashes(Purpose::Msisdn, wanted.msisdn.digits());
    let hashes = request.wanted.as_ref().map(hash).unwrap_or_default();
    let catalogue = world.fresh_catalogue().await?;
    let sold = world.sales.submit(Command { request, hashes, catalogue, context: world.step() }).await?;
    world.work_waiting.notify_one();
    Ok(sold)
}

/// What is known about a new top-up, whatever its channel.
pub(crate) struct Facts {
    pub id: TopUpId,
    pub quote: Quote,
    pub channel: Channel,
    pub tender: Tender,
    pub locale: Locale,
    pub reference: Option<String>,
}

impl Facts {
    pub fn into_top_up(
        self,
        ids: &dyn Ids,
        now: UnixMs,
        state: TopUpState,
        partner: Option<PartnerId>,
        actor: &Actor,
    ) -> TopUp {
        TopUp {
            id: self.id,
            code: domain::code::code(now, ids.random()),
            market: self.quote.line.market,
            line: self.quote.line.id,
            offer: self.quote.offer.id,
            offer_version: self.quote.offer.version_id,
            channel: self.channel,
            tender: self.tender,
            state,
            version: 1,
            prices: self.quote.prices,
            partner,
            reference: self.reference,
            locale: self.locale,
            email_sealed: None,
            created_at: now,
            state_at: now,
            credited_at: (state == TopUpState::Credited).then_some(now),
            answer_by_at: None,
            actor: actor.to_string(),
        }
    }
}

/// The step behind the hot queue.
pub(crate) fn step(writer: String, ids: Arc<dyn Ids>) -> Arc<store::hot::Step<Command, Sold>> {
    Arc::new(move |tx, commands| sell_all(tx, &writer, ids.as_ref(), commands))
}

/// A priced sale with everything that is written when the ledger agrees.
struct Draft<'c> {
    command: &'c Command,
    top_up: TopUp,
    buckets: Vec<Bucket>,
}

fn sell_all(tx: &mut Tx<'_>, writer: &str, ids: &dyn Ids, commands: &[Command]) -> anyhow::Result<Vec<Sold>> {
    let (known, lines) = look_up_all(tx, commands)?;
    let fresh = first_uses(commands, &known);
    let mut answers: HashMap<&str, Answer> = HashMap::new();
    let (mut drafts, mut postings) = (Vec::with_capacity(fresh.len()), Vec::with_capacity(fresh.len()));
    for command in &fresh {
        match draft(tx, command, &lines)? {
            Ok((draft, posting)) => {
                drafts.push(draft);
                postings.push(posting);
            }
            Err(refusal) => drop(answers.insert(command.key(), (command.request.answering)(Err(&refusal)))),
        }
    }
    let now = commands.iter().map(|c| c.context.now).max().unwrap_or(UnixMs(0));
    let outcomes = ledger::record_new(tx, writer, now, &postings)?;
    let mut applied = Vec::with_capacity(drafts.len());
    for (draft, outcome) in drafts.iter().zip(outcomes) {
        let answer = match outcome {
            Outcome::Applied => {
                applied.push(draft);
                (draft.command.request.answering)(Ok(&draft.top_up))
            }
            Outcome::Refused(_) => (draft.command.request.answering)(Err(&float_refusal(tx, draft)?)),
            Outcome::AppliedBefore | Outcome::Conflict => {
                anyhow::bail!("the new top-up {} has a posting already", draft.top_up.id)
            }
        };
        answers.insert(draft.command.key(), answer);
    }
    write(tx, ids, &applied)?;
    write_answers(tx, &fresh, &drafts, &answers)?;
    let first: HashMap<&str, &Command> = fresh.iter().map(|c| (c.key(), *c)).collect();
    Ok(commands.iter().map(|command| sold(command, &known, &first, &answers)).collect())
}

impl Command {
    fn key(&self) -> &str {
        &self.request.key.id
    }
}

/// What stands under the commands' keys, and the lines that have or had their numbers, by the number's hash.
type LookedUp = (HashMap<String, Response>, HashMap<String, Vec<Line>>);

fn look_up_all(tx: &mut Tx<'_>, commands: &[Command]) -> anyhow::Result<LookedUp> {
    let keys: Vec<&str> = commands.iter().map(Command::key).collect();
    let hashes: BTreeSet<&str> = commands.iter().flat_map(|c| &c.hashes).map(String::as_str).collect();
    let hashes: Vec<&str> = hashes.into_iter().collect();
    let (known, found) = tx.query_both(response::each(&keys), store::line::each(&hashes))?;
    let mut lines: HashMap<String, Vec<Line>> = HashMap::with_capacity(found.len());
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
    lines: &HashMap<String, Vec<Line>>,
) -> anyhow::Result<std::result::Result<(Draft<'c>, Posting), Refusal>> {
    let Command { request, hashes, context, .. } = command;
    let wanted = match &request.wanted {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal.clone())),
    };
    let line = store::line::current(hashes.iter().filter_map(|hash| lines.get(hash)).flatten());
    let quote = match price(tx, command, wanted, line)? {
        Ok(quote) => quote,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (ids, partner) = (context.ids.as_ref(), request.caller.partner.clone());
    let id = TopUpId::new(ids, context.now);
    let buckets = credit::buckets(&quote.offer.benefit, &quote.line.id, &id, ids, context.now);
    let actor = Actor::Partner { partner: partner.clone(), key: request.caller.key.clone() };
    let sale = Sale {
        top_up: &id,
        market: &quote.line.market,
        line: &quote.line.id,
        prices: &quote.prices,
        benefit: &quote.offer.benefit,
        grants: &credit::grants(&buckets),
        payer: Payer::Float(partner.clone()),
    };
    let posting = book::credit(&sale, actor.clone())?;
    let locale = wanted.locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let reference = wanted.reference.clone();
    let facts = Facts { id, quote, channel: Channel::Partner, tender: Tender::Float, locale, reference };
    let top_up = facts.into_top_up(ids, context.now, TopUpState::Credited, Some(partner), &actor);
    Ok(Ok((Draft { command, top_up, buckets }, posting)))
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
    let offer = (wanted.offer.as_str(), wanted.amount);
    let quote = match &wanted.quote {
        Some(id) => {
            let found = quote::find_promise(tx, id, &request.caller.partner, context.now)?;
            quote::keep_promise(catalogue, found, line, offer, context.now)
        }
        None => quote::price_from(catalogue, line, offer, Channel::Partner, context.now),
    };
    Ok(match wanted.expected_total {
        Some(expected) => quote.and_then(|quote| quote::keep_total(quote, expected)),
        None => quote,
    })
}

/// Which refusal it is: a float that is not there in this currency, or one that does not cover the total.
fn float_refusal(tx: &mut Tx<'_>, draft: &Draft<'_>) -> anyhow::Result<Refusal> {
    let float = book::float(&draft.command.request.caller.partner, draft.top_up.prices.total);
    let account = ledger::account(tx, &float)?;
    let touched =
        account.is_some_and(|a| a.totals != domain::ledger::Totals::default() || a.floor != Some(0));
    Ok(if touched { Refusal::FloatInsufficient } else { Refusal::CurrencyMismatch })
}

fn write(tx: &mut Tx<'_>, ids: &dyn Ids, applied: &[&Draft<'_>]) -> anyhow::Result<()> {
    store::top_up::insert_all(tx, &applied.iter().map(|d| &d.top_up).collect::<Vec<_>>())?;
    store::bucket::insert_all(tx, &applied.iter().flat_map(|d| &d.buckets).collect::<Vec<_>>())?;
    let announced = |d: &&Draft<'_>| announcement(&d.top_up, &d.command.context);
    let work: Vec<outbox::NewWork> = applied.iter().map(announced).collect();
    let now = applied.iter().map(|d| d.command.context.now).max().unwrap_or(UnixMs(0));
    outbox::push_all(tx, &work, ids, now)
}

/// Writes every answer under its key. The subject is the top-up, or that of the refused posting.
fn write_answers(
    tx: &mut Tx<'_>,
    fresh: &[&Command],
    drafts: &[Draft<'_>],
    answers: &HashMap<&str, Answer>,
) -> anyhow::Result<()> {
    let subjects: HashMap<&str, &TopUpId> = drafts.iter().map(|d| (d.command.key(), &d.top_up.id)).collect();
    let responses: Vec<Response> = fresh
        .iter()
        .map(|command| Response {
            id: command.key().to_owned(),
            request_hash: command.request.key.request_hash.clone(),
            subject: subjects.get(command.key()).map(ToString::to_string),
            answer: answers.get(command.key()).cloned(),
            created_at: command.context.now,
        })
        .collect();
    response::insert_all(tx, &responses.iter().collect::<Vec<_>>())
}

fn sold(
    command: &Command,
    known: &HashMap<String, Response>,
    first: &HashMap<&str, &Command>,
    answers: &HashMap<&str, Answer>,
) -> Sold {
    if let Some(earlier) = known.get(command.key()) {
        return replay(&command.request.key, earlier);
    }
    match (first.get(command.key()), answers.get(command.key())) {
        (Some(first), Some(answer)) if std::ptr::eq(*first, command) => Sold::Answered(answer.clone()),
        (Some(first), Some(answer)) if first.request.key == command.request.key => {
            Sold::Replayed(answer.clone())
        }
        (Some(_) | None, _) => Sold::KeyReused,
    }
}

/// What a key that was used before answers.
pub(crate) fn replay(key: &RequestKey, earlier: &Response) -> Sold {
    if earlier.request_hash != key.request_hash {
        return Sold::KeyReused;
    }
    earlier.answer.clone().map_or(Sold::InFlight, Sold::Replayed)
}

/// Writes down that a request was refused before any money was looked at: the refusal stays under its key.
pub async fn refuse(world: &World, key: RequestKey, answer: Answer) -> Result<Sold> {
    let now = world.now();
    let sold = world.db.write(move |tx| {
        if let Some(earlier) = response::find(tx, &key.id)? {
            return Ok(replay(&key, &earlier));
        }
        let row = Response {
            id: key.id.clone(),
            request_hash: key.request_hash.clone(),
            subject: None,
            answer: Some(answer.clone()),
            created_at: now,
        };
        response::insert_all(tx, &[&row])?;
        Ok(Sold::Answered(answer.clone()))
    });
    Ok(sold.await?)
}

/// Writes the answer of a request that was in flight, and returns the one that stands.
pub async fn answer(world: &World, key: &RequestKey, answer: Answer) -> Result<Answer> {
    let id = key.id.clone();
    let stands = world.db.write(move |tx| {
        response::answer(tx, &id, &answer)?;
        Ok(response::find(tx, &id)?.and_then(|r| r.answer))
    });
    let stands = stands.await?;
    Ok(stands.ok_or_else(|| anyhow::anyhow!("the answer was not written"))?)
}

/// What is known before anything is priced: what stands under the key, and the line of the number. A retry
/// must get its first answer even when the offer, the line or the price is another by now.
pub struct Known {
    pub earlier: Option<Sold>,
    pub line: Option<Line>,
}

/// Looks up key and number in one read.
pub async fn look_up(world: &World, key: &RequestKey, msisdn: Option<&Msisdn>) -> Result<Known> {
    let hashes = msisdn.map(|m| world.keyring.hashes(Purpose::Msisdn, m.digits())).unwrap_or_default();
    let id = key.id.clone();
    let read = world.db.read(move |tx| Ok((response::find(tx, &id)?, store::line::find(tx, &hashes)?)));
    let (earlier, line) = read.await?;
    Ok(Known { earlier: earlier.map(|earlier| replay(key, &earlier)), line })
}
