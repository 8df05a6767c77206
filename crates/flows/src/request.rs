//! A request that is done once: the key that its sender gave it, and the answer that stays under it for ever.
//!
//! What is answered is a status and a body, as the channel counts and writes them. [`outcome`] writes the neutral body
//! for a channel whose pages are made anew each time they are shown.

use crate::error::Result;
use crate::world::World;
use aws_lc_rs::digest;
use domain::id::TopUpId;
use domain::line::Line;
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use std::sync::Arc;
use store::Tx;
use store::keyring::Purpose;
use store::response::{self, Answer, Response};

/// The key under which a request is done once, and what must be equal when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Scope and key.
    pub id: String,
    pub request_hash: String,
}

impl RequestKey {
    /// The key of a request in its sender's scope; `body` is the request as it was sent, or what was agreed to.
    pub fn of(scope: &str, key: &str, body: &[u8]) -> RequestKey {
        let request_hash = hex::encode(digest::digest(&digest::SHA256, body));
        RequestKey { id: format!("{scope}/{key}"), request_hash }
    }

    /// The key in a form of the portal.
    pub fn of_portal(key: &str, agreed: &str) -> RequestKey {
        RequestKey::of("portal", key, agreed.as_bytes())
    }
}

/// What comes back for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// What is answered for the first time.
    Answered(Answer),
    /// What was answered when the key was first used.
    Replayed(Answer),
    /// The key was used with another body.
    KeyReused,
    /// The first request under this key is not answered yet.
    InFlight,
}

/// Writes down what is answered to a request, beside its key.
pub type Answering = Arc<dyn Fn(std::result::Result<&TopUp, &Refusal>) -> Answer + Send + Sync>;

/// What a key that was used before answers.
pub(crate) fn replay(key: &RequestKey, earlier: &Response) -> Reply {
    if earlier.request_hash != key.request_hash {
        return Reply::KeyReused;
    }
    earlier.answer.clone().map_or(Reply::InFlight, Reply::Replayed)
}

/// Does what is asked unless its key was used before, and writes its answer down with what it made.
pub(crate) fn once(
    tx: &mut Tx<'_>,
    key: &RequestKey,
    now: UnixMs,
    act: impl FnOnce(&mut Tx<'_>) -> anyhow::Result<(Option<String>, Answer)>,
) -> anyhow::Result<Reply> {
    if let Some(earlier) = response::find(tx, &key.id)? {
        return Ok(replay(key, &earlier));
    }
    let (subject, answer) = act(tx)?;
    let row = Response {
        id: key.id.clone(),
        request_hash: key.request_hash.clone(),
        subject,
        answer: Some(answer.clone()),
        created_at: now,
    };
    response::insert_all(tx, &[&row])?;
    Ok(Reply::Answered(answer))
}

/// Writes down that a request was refused before any money was looked at: the refusal stays under its key.
pub async fn refuse(world: &World, key: RequestKey, answer: Answer) -> Result<Reply> {
    let now = world.now();
    Ok(world.db.write(move |tx| once(tx, &key, now, |_| Ok((None, answer.clone())))).await?)
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
    pub earlier: Option<Reply>,
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

/// What a sale came to, in no channel's words.
pub type Sold = std::result::Result<Made, Refusal>;

/// The top-up that was made: its id, and the code under which people find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub id: TopUpId,
    pub code: String,
}

/// How it stands in the row.
type Kept = std::result::Result<(TopUpId, String), Refusal>;

/// Statuses of the neutral answer: for whoever reads the rows, not for any protocol.
const DONE: i64 = 1;
const REFUSED: i64 = 0;

/// Answers with the neutral outcome, which [`outcome`] reads back.
pub fn plainly(world: &Arc<World>) -> Answering {
    let world = world.clone();
    Arc::new(move |sold| {
        let outcome: Kept = sold.map(|made| (made.id.clone(), made.code.clone())).map_err(Clone::clone);
        let status = if outcome.is_ok() { DONE } else { REFUSED };
        let body = serde_json::to_string(&outcome).expect("our own outcome is JSON");
        Answer::new(&world.keyring, status, &body)
    })
}

/// Reads a neutral answer; `None` once its body is purged.
pub fn outcome(world: &World, answer: &Answer) -> Result<Option<Sold>> {
    let body = answer.body(&world.keyring)?;
    let kept = body.map(|body| serde_json::from_str::<Kept>(&body)).transpose();
    let kept = kept.map_err(anyhow::Error::from)?;
    Ok(kept.map(|sold| sold.map(|(id, code)| Made { id, code })))
}
