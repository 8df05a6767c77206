//! A customer asks: opens a case, writes in it, closes and rates it. Who may see a case is decided by [`may_see`] and,
//! for somebody without account and pass, by [`prove`].

use super::{cleaned, files};
use crate::error::Result;
use crate::tries;
use crate::world::{StepContext, World};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use domain::id::{CaseId, StaffId, SubscriberId, TopUpId};
use domain::locale::Locale;
use domain::support_case::{CaseAuthor, CaseCause, CaseEvent, CaseNotice, CaseState, TEXT_MAX, case_code};
use domain::time::UnixMs;
use domain::top_up::TopUp;
use store::Tx;
use store::keyring::Purpose;
use store::support_case::{self as stored, CaseMessage, SupportCase};

/// From one place in a quarter of an hour.
const OPENED_PER_PLACE: i64 = 10;
const WRITTEN_PER_PLACE: i64 = 20;
/// About one order in a quarter of an hour, wherever it is written.
const OPENED_PER_ORDER: i64 = 3;
/// A conversation that is longer is had in another way.
const MESSAGES_MAX: i64 = 200;
const FILES_SHOWN: i64 = 3 * MESSAGES_MAX;

/// What a customer asks.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of the form: sent twice, it opens one case.
    pub key: String,
    pub top_up: Option<TopUpId>,
    pub subscriber: Option<SubscriberId>,
    pub cause: CaseCause,
    pub locale: Locale,
    pub text: String,
    /// An e-mail address to be told of the answer at.
    pub contact: String,
    pub files: Vec<files::Sent>,
    /// Where the request comes from.
    pub address: String,
}

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    TextMissing,
    TextTooLong,
    /// Without order and account an answer finds nobody.
    ContactMissing,
    ContactInvalid,
    /// The case was closed meanwhile, or is too long.
    Closed,
    /// A file is neither a picture nor a PDF, or is damaged.
    FileKind,
    FileTooLarge,
    FilesTooMany,
    /// The case has as many files as it can hold.
    CaseFull,
}

/// What became of a question or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Yes(Box<SupportCase>),
    No(Unfit),
    /// Too many: not before this time.
    Locked(UnixMs),
}

fn fits(text: &str) -> std::result::Result<(), Unfit> {
    match text.chars().count() {
        0 => Err(Unfit::TextMissing),
        1..=TEXT_MAX => Ok(()),
        _ => Err(Unfit::TextTooLong),
    }
}

/// Opens a case, or finds the one that this form opened.
pub async fn open(world: &World, question: Question) -> Result<Taken> {
    let key = question.key.clone();
    if let Some(earlier) = world.db.read(move |tx| stored::find_by_key(tx, &key)).await? {
        return Ok(Taken::Yes(Box::new(earlier)));
    }
    let text = cleaned(&question.text);
    if let Err(unfit) = fits(&text) {
        return Ok(Taken::No(unfit));
    }
    let contact = match crate::proof::email(&question.contact) {
        Ok(contact) => contact,
        Err(_) => return Ok(Taken::No(Unfit::ContactInvalid)),
    };
    if contact.is_none() && question.top_up.is_none() && question.subscriber.is_none() {
        return Ok(Taken::No(Unfit::ContactMissing));
    }
    let files = match files::taken(world, &question.files)? {
        Ok(files) => files,
        Err(unfit) => return Ok(Taken::No(unfit)),
    };
    let place = tries::place(&question.address);
    let mut counted = vec![(format!("case-from/{place}"), OPENED_PER_PLACE)];
    counted.extend(question.top_up.iter().map(|order| (format!("case-of/{order}"), OPENED_PER_ORDER)));
    if let Some(until) = tries::count(world, counted).await? {
        return Ok(Taken::Locked(until));
    }
    let context = world.step();
    let case = SupportCase {
        id: CaseId::new(context.ids.as_ref(), context.now),
        code: case_code(context.now, context.ids.random()),
        top_up: question.top_up,
        subscriber: question.subscriber,
        cause: question.cause,
        state: CaseState::Open,
        locale: question.locale,
        contact_sealed: contact.map(|c| world.keyring.seal(Purpose::SupportText, &c)).transpose()?,
        assigned_to: None,
        answer_by_at: Some(owed(world, context.now)),
        created_at: context.now,
        state_at: context.now,
        rating: None,
    };
    let body_sealed = world.keyring.seal(Purpose::SupportText, &text)?;
    let key = question.key;
    let stored = world.db.write(move |tx| {
        if stored::insert(tx, &case, &key)? {
            let said = Said { author: CaseAuthor::Asker, staff: None, body_sealed: body_sealed.clone() };
            stored::insert_message(tx, &said.message(&context, &case.id, 1), &key)?;
            files::store(tx, &case.id, 1, &files, context.now)?;
        }
        Ok(stored::find_by_key(tx, &key)?.unwrap_or_else(|| case.clone()))
    });
    Ok(Taken::Yes(Box::new(stored.await?)))
}

/// Until when an answer to what is written now is owed.
pub(super) fn owed(world: &World, now: UnixMs) -> UnixMs {
    now.plus_ms(world.settings.support_answer_within_ms)
}

/// One message as it is about to be stored.
pub(super) struct Said {
    pub author: CaseAuthor,
    pub staff: Option<StaffId>,
    pub body_sealed: String,
}

impl Said {
    pub fn message(&self, context: &StepContext, case: &CaseId, n: i64) -> CaseMessage {
        CaseMessage {
            case: case.clone(),
            n,
            author: self.author,
            staff: self.staff.clone(),
            body_sealed: self.body_sealed.clone(),
            at: context.now,
            notice: CaseNotice::None,
            notice_id: None,
        }
    }
}

/// What a customer writes in a case.
#[derive(Debug, Clone)]
pub struct Reply {
    pub key: String,
    pub text: String,
    pub files: Vec<files::Sent>,
    pub address: String,
}

/// The customer writes once more; in a closed case that opens it again.
pub async fn write(world: &World, case: &CaseId, reply: Reply) -> Result<Taken> {
    let text = cleaned(&reply.text);
    if let Err(unfit) = fits(&text) {
        return Ok(Taken::No(unfit));
    }
    let files = match files::taken(world, &reply.files)? {
        Ok(files) => files,
        Err(unfit) => return Ok(Taken::No(unfit)),
    };
    let place = tries::place(&reply.address);
    let counted = vec![(format!("case-written-from/{place}"), WRITTEN_PER_PLACE)];
    if let Some(until) = tries::count(world, counted).await? {
        return Ok(Taken::Locked(until));
    }
    let body_sealed = world.keyring.seal(Purpose::SupportText, &text)?;
    let (context, id, key) = (world.step(), case.clone(), reply.key);
    let answer_by = owed(world, context.now);
    let taken = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        if stored::has_message(tx, &id, &key)? {
            return Ok(Taken::Yes(Box::new(case)));
        }
        let n = stored::count_messages(tx, &id)? + 1;
        if n > MESSAGES_MAX {
            return Ok(Taken::No(Unfit::Closed));
        }
        if !files::store(tx, &id, n, &files, context.now)? {
            return Ok(Taken::No(Unfit::CaseFull));
        }
        let said = Said { author: CaseAuthor::Asker, staff: None, body_sealed: body_sealed.clone() };
        stored::insert_message(tx, &said.message(&context, &id, n), &key)?;
        let event = if case.state == CaseState::Closed { CaseEvent::Reopened } else { CaseEvent::AskerWrote };
        let Some(state) = case.state.on(event) else { return Ok(Taken::No(Unfit::Closed)) };
        // What is owed already stays owed by the time that was told.
        let by = case.answer_by_at.filter(|_| case.state == CaseState::Open).unwrap_or(answer_by);
        let next = moved(&case, state, Some(by), context.now);
        stored::update(tx, case.state, &next)?;
        Ok(Taken::Yes(Box::new(next)))
    });
    Ok(taken.await?)
}

pub(super) fn moved(
    case: &SupportCase,
    state: CaseState,
    answer_by_at: Option<UnixMs>,
    now: UnixMs,
) -> SupportCase {
    SupportCase { state, answer_by_at, state_at: now, ..case.clone() }
}

/// The customer needs no more answer.
pub async fn close(world: &World, case: &CaseId) -> Result<()> {
    let (context, id) = (world.step(), case.clone());
    let closed = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        let Some(state) = case.state.on(CaseEvent::Closed) else { return Ok(()) };
        stored::update(tx, case.state, &moved(&case, state, None, context.now))
    });
    Ok(closed.await?)
}

/// The customer says how it went, from 1 to 5; the last word counts.
pub async fn rate(world: &World, case: &CaseId, rating: i64) -> Result<()> {
    if !(1..=5).contains(&rating) {
        return Ok(());
    }
    let id = case.clone();
    let rated = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        if !matches!(case.state, CaseState::Answered | CaseState::Closed) {
            return Ok(());
        }
        stored::update(tx, case.state, &SupportCase { rating: Some(rating), ..case.clone() })
    });
    Ok(rated.await?)
}

/// One message as people read it.
#[derive(Debug, Clone)]
pub struct Line {
    pub n: i64,
    pub author: CaseAuthor,
    pub staff: Option<StaffId>,
    pub text: String,
    pub at: UnixMs,
    pub notice: CaseNotice,
    pub files: Vec<files::Named>,
}

/// A case with all that was written.
#[derive(Debug, Clone)]
pub struct Thread {
    pub case: SupportCase,
    pub lines: Vec<Line>,
    pub order: Option<TopUp>,
}

impl Thread {
    /// The same without what staff wrote for staff.
    pub fn for_asker(mut self) -> Thread {
        self.lines.retain(|line| line.author != CaseAuthor::Note);
        self
    }
}

/// What was written; nothing of somebody whose account was erased.
fn opened(world: &World, sealed: &str) -> anyhow::Result<String> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    world.keyring.open_sealed(Purpose::SupportText, sealed)
}

/// Loads a case with all that was written; `None` when there is no such case.
pub async fn thread(world: &World, code: &str) -> Result<Option<Thread>> {
    let code = code.to_owned();
    let read = world.db.read(move |tx| {
        let Some(case) = stored::find_by_code(tx, &code)? else { return Ok(None) };
        let messages = stored::list_messages(tx, &case.id, MESSAGES_MAX)?;
        let order = match &case.top_up {
            Some(id) => store::top_up::find(tx, id)?,
            None => None,
        };
        let files = store::support_file::list(tx, &case.id, FILES_SHOWN)?;
        Ok(Some((case, messages, order, files)))
    });
    let Some((case, messages, order, files)) = read.await? else { return Ok(None) };
    let files = files.iter().map(|file| files::named(world, file)).collect::<anyhow::Result<Vec<_>>>()?;
    let line = |message: CaseMessage| {
        Ok(Line {
            files: files.iter().filter(|file| file.message == message.n).cloned().collect(),
            n: message.n,
            author: message.author,
            staff: message.staff,
            text: opened(world, &message.body_sealed)?,
            at: message.at,
            notice: message.notice,
        })
    };
    let lines = messages.into_iter().map(line).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Some(Thread { case, lines, order }))
}

/// Who asks to see a case.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    pub subscriber: Option<SubscriberId>,
    /// Has the browser a pass for the case?
    pub pass: bool,
    /// Has the browser a pass for the order that the case is about?
    pub order_pass: bool,
}

/// May this one see the case? What somebody with an account asked is theirs alone.
pub fn may_see(case: &SupportCase, viewer: &Viewer) -> bool {
    match &case.subscriber {
        Some(owner) => viewer.subscriber.as_ref() == Some(owner),
        None => viewer.pass || (viewer.order_pass && case.top_up.is_some()),
    }
}

/// What became of a try to open a case without account and pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    Yes,
    No,
    Locked(UnixMs),
}

const TRIES_PER_CASE: i64 = 5;
const TRIES_PER_PLACE: i64 = 30;
const TRIES_PER_CASE_EVERYWHERE: i64 = 50;

/// Checks a proof for a case: the address that was given with it, or what proves its order. A case that does not
/// exist, and one of somebody with an account, answer like a wrong proof.
pub async fn prove(world: &World, code: &str, proof: &str, address: &str) -> Result<Proved> {
    let place = tries::place(address);
    let here = vec![
        (format!("case-proof/{code}/{place}"), TRIES_PER_CASE),
        (format!("case-proof-from/{place}"), TRIES_PER_PLACE),
    ];
    if let Some(until) = tries::count(world, here).await? {
        return Ok(Proved::Locked(until));
    }
    let everywhere = vec![(format!("case-proof/{code}"), TRIES_PER_CASE_EVERYWHERE)];
    if let Some(until) = tries::count(world, everywhere).await? {
        return Ok(Proved::Locked(until));
    }
    let wanted = code.to_owned();
    let Some((case, order)) = world.db.read(move |tx| find_with_order(tx, &wanted)).await? else {
        return Ok(Proved::No);
    };
    let mut keys = Vec::new();
    if let Some(contact) = &case.contact_sealed {
        keys.push(world.keyring.open_sealed(Purpose::SupportText, contact)?);
    }
    if let Some((order, last4)) = order {
        keys.push(last4);
        if let Some(email) = &order.email_sealed {
            keys.push(world.keyring.open_sealed(Purpose::Email, email)?);
        }
    }
    let given = proof.trim().to_lowercase();
    let fits =
        |key: &String| verify_slices_are_equal(key.to_lowercase().as_bytes(), given.as_bytes()).is_ok();
    Ok(if keys.iter().any(fits) { Proved::Yes } else { Proved::No })
}

type WithOrder = (SupportCase, Option<(TopUp, String)>);

fn find_with_order(tx: &mut Tx<'_>, code: &str) -> anyhow::Result<Option<WithOrder>> {
    let Some(case) = stored::find_by_code(tx, code)?.filter(|case| case.subscriber.is_none()) else {
        return Ok(None);
    };
    let Some(id) = &case.top_up else { return Ok(Some((case, None))) };
    let order = store::top_up::load(tx, id)?;
    let last4 = store::line::load(tx, &order.line)?.last4;
    Ok(Some((case, Some((order, last4)))))
}
