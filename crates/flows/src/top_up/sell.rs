//! Sell from a partner's float: key, ledger, top-up and answer in one transaction, many sales per commit.

use super::credit;
use super::quote::Quote;
use super::step::announcement;
use crate::error::{Error, Result};
use crate::world::{StepContext, World};
use aws_lc_rs::digest;
use domain::actor::Actor;
use domain::bucket::Bucket;
use domain::id::{Ids, PartnerId, TopUpId};
use domain::ledger::book::{self, Payer, Sale};
use domain::ledger::{Outcome, Posting};
use domain::line::Line;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::partner::Caller;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Channel, Tender, TopUp, TopUpState};
use std::collections::HashMap;
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
    key: RequestKey,
    top_up: TopUp,
    posting: Posting,
    buckets: Vec<Bucket>,
    float: domain::ledger::AccountId,
    context: StepContext,
    answering: Answering,
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

/// What a partner adds to a quote.
pub struct SaleRequest {
    pub key: RequestKey,
    pub caller: Caller,
    pub quote: Quote,
    pub reference: Option<String>,
    pub locale: Locale,
    pub answering: Answering,
}

/// Sells and credits at once. The answer is durable when it is returned.
pub async fn sell(world: &World, request: SaleRequest) -> Result<Sold> {
    let context = world.step();
    let SaleRequest { key, caller, quote, reference, locale, answering } = request;
    let id = TopUpId::new(world.ids.as_ref(), context.now);
    let buckets = credit::buckets(&quote.offer.benefit, &quote.line.id, &id, world.ids.as_ref(), context.now);
    let actor = Actor::Partner { partner: caller.partner.clone(), key: caller.key };
    let sale = Sale {
        top_up: &id,
        market: &quote.line.market,
        line: &quote.line.id,
        prices: &quote.prices,
        benefit: &quote.offer.benefit,
        grants: &credit::grants(&buckets),
        payer: Payer::Float(caller.partner.clone()),
    };
    let posting = book::credit(&sale, actor.clone()).map_err(|e| Error::Internal(e.into()))?;
    let float = book::float(&caller.partner, quote.prices.total);
    let facts = Facts { id, quote, channel: Channel::Partner, tender: Tender::Float, locale, reference };
    let partner = Some(caller.partner);
    let top_up = facts.into_top_up(world.ids.as_ref(), context.now, TopUpState::Credited, partner, &actor);
    let command = Command { key, top_up, posting, buckets, float, context, answering };
    let sold = world.sales.submit(command).await?;
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
            code: domain::code::code(ids.random()),
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

fn sell_all(tx: &mut Tx<'_>, writer: &str, ids: &dyn Ids, commands: &[Command]) -> anyhow::Result<Vec<Sold>> {
    let keys: Vec<&str> = commands.iter().map(|c| c.key.id.as_str()).collect();
    let known: HashMap<String, Response> =
        response::find_each(tx, &keys)?.into_iter().map(|r| (r.id.clone(), r)).collect();
    let mut first_in_batch: HashMap<&str, usize> = HashMap::new();
    let mut fresh = Vec::new();
    for (n, command) in commands.iter().enumerate() {
        if !known.contains_key(&command.key.id) && !first_in_batch.contains_key(command.key.id.as_str()) {
            first_in_batch.insert(&command.key.id, n);
            fresh.push(command);
        }
    }
    let now = commands.iter().map(|c| c.context.now).max().unwrap_or(UnixMs(0));
    let postings: Vec<Posting> = fresh.iter().map(|c| c.posting.clone()).collect();
    let outcomes = ledger::record(tx, writer, now, &postings)?;
    let mut answers = HashMap::new();
    let mut applied = Vec::new();
    for (command, outcome) in fresh.iter().zip(outcomes) {
        let answer = match outcome {
            Outcome::Applied => {
                applied.push(*command);
                (command.answering)(Ok(&command.top_up))
            }
            Outcome::Refused(_) => (command.answering)(Err(&refusal(tx, command)?)),
            Outcome::AppliedBefore | Outcome::Conflict => {
                anyhow::bail!("the new top-up {} has a posting already", command.top_up.id)
            }
        };
        answers.insert(command.key.id.as_str(), answer);
    }
    write(tx, ids, &fresh, &applied, &answers)?;
    Ok(commands.iter().map(|command| sold(command, &known, &first_in_batch, &answers, commands)).collect())
}

/// Which refusal it is: a float that is not there in this currency, or one that does not cover the total.
fn refusal(tx: &mut Tx<'_>, command: &Command) -> anyhow::Result<Refusal> {
    let account = ledger::account(tx, &command.float)?;
    let touched =
        account.is_some_and(|a| a.totals != domain::ledger::Totals::default() || a.floor != Some(0));
    Ok(if touched { Refusal::FloatInsufficient } else { Refusal::CurrencyMismatch })
}

fn write(
    tx: &mut Tx<'_>,
    ids: &dyn Ids,
    fresh: &[&Command],
    applied: &[&Command],
    answers: &HashMap<&str, Answer>,
) -> anyhow::Result<()> {
    let responses: Vec<Response> = fresh
        .iter()
        .map(|command| Response {
            id: command.key.id.clone(),
            request_hash: command.key.request_hash.clone(),
            subject: Some(command.top_up.id.to_string()),
            answer: answers.get(command.key.id.as_str()).cloned(),
            created_at: command.context.now,
        })
        .collect();
    response::insert_all(tx, &responses.iter().collect::<Vec<_>>())?;
    store::top_up::insert_all(tx, &applied.iter().map(|c| &c.top_up).collect::<Vec<_>>())?;
    store::bucket::insert_all(tx, &applied.iter().flat_map(|c| &c.buckets).collect::<Vec<_>>())?;
    let work: Vec<outbox::NewWork> = applied.iter().map(|c| announcement(&c.top_up, &c.context)).collect();
    let now = applied.iter().map(|c| c.context.now).max().unwrap_or(UnixMs(0));
    outbox::push_all(tx, &work, ids, now)
}

fn sold(
    command: &Command,
    known: &HashMap<String, Response>,
    first_in_batch: &HashMap<&str, usize>,
    answers: &HashMap<&str, Answer>,
    commands: &[Command],
) -> Sold {
    if let Some(earlier) = known.get(&command.key.id) {
        return replay(&command.key, earlier);
    }
    let same = first_in_batch
        .get(command.key.id.as_str())
        .is_some_and(|n| commands[*n].key.request_hash == command.key.request_hash);
    let first =
        first_in_batch.get(command.key.id.as_str()).is_some_and(|n| std::ptr::eq(&commands[*n], command));
    match answers.get(command.key.id.as_str()) {
        Some(answer) if first => Sold::Answered(answer.clone()),
        Some(answer) if same => Sold::Replayed(answer.clone()),
        Some(_) | None => Sold::KeyReused,
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
