//! Campaigns, and what became of each for every reader: one message per campaign and reader, by a unique index.
//! Start reading at [`Campaign`]; [`readers_after`] are those who agreed, [`take`] is the moment in which one message
//! is about to be handed over, and it happens once.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use domain::campaign::{CampaignState, MessageState, Plan};
use domain::id::{CampaignId, ContactId, MessageId, StaffId, SubscriberId};
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::time::UnixMs;

/// A campaign as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub plan: Plan,
    pub state: CampaignState,
    pub written_by: StaffId,
    pub written_at: UnixMs,
    /// What a second person decided, or the writer took back.
    pub decision: Option<Said>,
    /// Who stopped it while it was sent.
    pub stop: Option<Said>,
    /// The last reader whose message was written down; readers come in the order of their ids.
    pub fed_to: String,
    /// How many messages were written down.
    pub fed: i64,
    pub state_at: UnixMs,
}

/// Who said something about a campaign, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub by: StaffId,
    pub at: UnixMs,
    pub note: String,
}

const COLUMNS: &str = "id, plan, state, written_by, written_at, decided_by, decided_at, decision_note, stopped_by, \
                       stopped_at, stop_note, fed_to, fed, state_at";

fn said(row: &Row<'_>, from: usize) -> Result<Option<Said>> {
    Ok(match (row.opt_text(from)?, row.opt_int(from + 1)?) {
        (Some(by), Some(at)) => Some(Said {
            by: StaffId::stored(by),
            at: UnixMs(at),
            note: row.opt_text(from + 2)?.unwrap_or_default(),
        }),
        _ => None,
    })
}

fn read(row: &Row<'_>) -> Result<Campaign> {
    Ok(Campaign {
        id: CampaignId::stored(row.text(0)?),
        plan: serde_json::from_str(&row.text(1)?).context("reading a campaign's plan")?,
        state: row.word(2, CampaignState::parse)?,
        written_by: StaffId::stored(row.text(3)?),
        written_at: UnixMs(row.int(4)?),
        decision: said(row, 5)?,
        stop: said(row, 8)?,
        fed_to: row.text(11)?,
        fed: row.int(12)?,
        state_at: UnixMs(row.int(13)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, c: &Campaign) -> Result<()> {
    tx.execute_one(
        "insert into campaign (id, plan, state, written_by, written_at, fed_to, fed, state_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            c.id.as_str(),
            serde_json::to_string(&c.plan)?,
            c.state.as_str(),
            c.written_by.as_str(),
            c.written_at,
            &c.fed_to,
            c.fed,
            c.state_at
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &CampaignId) -> Result<Option<Campaign>> {
    tx.query_first(&format!("select {COLUMNS} from campaign where id = ?1"), &values![id.as_str()], read)
}

/// Loads a campaign and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &CampaignId) -> Result<Option<Campaign>> {
    tx.execute("update campaign set state = state where id = ?1", &values![id.as_str()])?;
    find(tx, id)
}

/// Campaigns in a state, newest first.
pub fn list(tx: &mut Tx<'_>, state: CampaignState, limit: i64) -> Result<Vec<Campaign>> {
    let sql = format!("select {COLUMNS} from campaign where state = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![state.as_str(), limit], read)
}

/// Writes what a campaign has become; refused when it is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: CampaignState, c: &Campaign) -> Result<()> {
    let part = |said: &Option<Said>| {
        let by = said.as_ref().map(|said| said.by.as_str().to_owned());
        (by, said.as_ref().map(|said| said.at), said.as_ref().map(|said| said.note.clone()))
    };
    let (decided_by, decided_at, decision) = part(&c.decision);
    let (stopped_by, stopped_at, stop) = part(&c.stop);
    tx.execute_one(
        "update campaign set plan = ?3, state = ?4, decided_by = ?5, decided_at = ?6, decision_note = ?7, \
         stopped_by = ?8, stopped_at = ?9, stop_note = ?10, state_at = ?11 where id = ?1 and state = ?2",
        &values![
            c.id.as_str(),
            from.as_str(),
            serde_json::to_string(&c.plan)?,
            c.state.as_str(),
            decided_by,
            decided_at,
            decision,
            stopped_by,
            stopped_at,
            stop,
            c.state_at
        ],
    )
}

/// The messages of the readers after `from` are written down, up to `to`. Says whether nobody did so meanwhile.
pub fn feed(tx: &mut Tx<'_>, id: &CampaignId, from: &str, to: &str, count: i64) -> Result<bool> {
    let sql = "update campaign set fed_to = ?3, fed = fed + ?4 where id = ?1 and fed_to = ?2 and state = 'approved'";
    Ok(tx.execute(sql, &values![id.as_str(), from, to, count])? == 1)
}

/// Somebody who agreed to marketing on some channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    pub subscriber: SubscriberId,
    pub locale: Locale,
    pub channels: Vec<NoticeChannel>,
    pub phone_sealed: Option<String>,
    /// The market of an own line, one of the wanted markets if there is such a line.
    pub market: Option<String>,
    /// Is one of the own lines in a wanted market?
    pub wanted: bool,
}

/// The next who agreed, after a reader's id, in the order of their ids.
pub fn readers_after(tx: &mut Tx<'_>, markets: &[String], after: &str, limit: i64) -> Result<Vec<Agreed>> {
    let own = "from subscriber_line s join line l on l.id = s.line_id where s.subscriber_id = p.id \
               and s.removed_at is null";
    let sql = format!(
        "select p.id, p.locale, \
         (select count(*) from consent c where c.topic = 'marketing' and c.subscriber_id = p.id \
          and c.channel = 'sms' and c.state = 'given'), \
         (select count(*) from consent c where c.topic = 'marketing' and c.subscriber_id = p.id \
          and c.channel = 'email' and c.state = 'given'), \
         (select k.value_sealed from contact k where k.subscriber_id = p.id and k.kind = 'phone' \
          and k.removed_at is null), \
         (select min(l.market) {own} and ?1 like '% ' || l.market || ' %'), (select min(l.market) {own}) \
         from (select distinct subscriber_id from consent where topic = 'marketing' and state = 'given' \
          and subscriber_id > ?2 order by subscriber_id limit ?3) r join subscriber p on p.id = r.subscriber_id \
         order by p.id"
    );
    let listed = format!(" {} ", markets.join(" "));
    tx.query(&sql, &values![listed, after, limit], |row| {
        let agreed = [(2, NoticeChannel::Sms), (3, NoticeChannel::Email)];
        let mut channels = Vec::new();
        for (column, channel) in agreed {
            if row.int(column)? > 0 {
                channels.push(channel);
            }
        }
        let (wanted, any) = (row.opt_text(5)?, row.opt_text(6)?);
        Ok(Agreed {
            subscriber: SubscriberId::stored(row.text(0)?),
            locale: row.word(1, Locale::parse)?,
            channels,
            phone_sealed: row.opt_text(4)?,
            wanted: wanted.is_some(),
            market: wanted.or(any),
        })
    })
}

/// A campaign for one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub campaign: CampaignId,
    pub subscriber: SubscriberId,
    pub channel: NoticeChannel,
    /// The language of the words, which is the reader's or the fallback.
    pub locale: Locale,
    pub state: MessageState,
    pub created_at: UnixMs,
}

/// Writes down messages; a reader who has one already gets no other. Gives the new ones.
pub fn insert_messages<'m>(tx: &mut Tx<'_>, messages: &'m [Message]) -> Result<Vec<&'m Message>> {
    let mut new = Vec::new();
    for m in messages {
        let inserted = tx.execute(
            "insert into campaign_message (id, campaign_id, subscriber_id, channel, locale, state, attempts, \
             created_at) values (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7) on conflict do nothing",
            &values![
                m.id.as_str(),
                m.campaign.as_str(),
                m.subscriber.as_str(),
                m.channel.as_str(),
                m.locale.as_str(),
                m.state.as_str(),
                m.created_at
            ],
        )?;
        if inserted == 1 {
            new.push(m);
        }
    }
    Ok(new)
}

pub fn find_message(tx: &mut Tx<'_>, id: &MessageId) -> Result<Option<Message>> {
    tx.query_first(
        "select id, campaign_id, subscriber_id, channel, locale, state, created_at from campaign_message where id = ?1",
        &values![id.as_str()],
        |row| {
            Ok(Message {
                id: MessageId::stored(row.text(0)?),
                campaign: CampaignId::stored(row.text(1)?),
                subscriber: SubscriberId::stored(row.text(2)?),
                channel: row.word(3, NoticeChannel::parse)?,
                locale: row.word(4, Locale::parse)?,
                state: row.word(5, MessageState::parse)?,
                created_at: UnixMs(row.int(6)?),
            })
        },
    )
}

/// Keeps other messages to the same reader from being counted until the step ends.
pub fn lock_reader(tx: &mut Tx<'_>, subscriber: &SubscriberId) -> Result<()> {
    let sql = "update subscriber set state = state where id = ?1";
    tx.execute(sql, &values![subscriber.as_str()]).map(|_| ())
}

/// When the newest messages were handed over to a reader since `since`, the newest first.
pub fn handed_since(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    since: UnixMs,
    limit: i64,
) -> Result<Vec<UnixMs>> {
    tx.query(
        "select handed_at from campaign_message where subscriber_id = ?1 and handed_at > ?2 \
         order by handed_at desc limit ?3",
        &values![subscriber.as_str(), since, limit],
        |row| row.int(0).map(UnixMs),
    )
}

/// The message is about to be handed over. Says whether it waited for that: nobody else takes it then.
pub fn take(tx: &mut Tx<'_>, id: &MessageId, now: UnixMs) -> Result<bool> {
    let sql = "update campaign_message set state = 'sending', handed_at = ?2, attempts = attempts + 1 \
               where id = ?1 and state = 'queued'";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}

/// What became of a message that was waiting or being handed over.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What the other side calls it.
    pub reference: Option<String>,
    pub error: Option<String>,
    /// It was certainly not handed over, and counts for nothing.
    pub untold: bool,
}

/// Writes down what became of a message; one that was over before stays as it is.
pub fn settle(tx: &mut Tx<'_>, id: &MessageId, state: MessageState, outcome: &Outcome) -> Result<()> {
    tx.execute(
        "update campaign_message set state = ?2, provider_ref = coalesce(?3, provider_ref), last_error = ?4, \
         handed_at = case when cast(?5 as bigint) = 1 then null else handed_at end \
         where id = ?1 and state in ('queued', 'sending', 'unclear')",
        &values![
            id.as_str(),
            state.as_str(),
            outcome.reference.as_deref(),
            outcome.error.as_deref(),
            i64::from(outcome.untold)
        ],
    )
    .map(|_| ())
}

/// A delivery receipt of the SMS centre arrived for its id; says whether it is one of a campaign.
pub fn receipt(tx: &mut Tx<'_>, provider_ref: &str, delivered: bool, now: UnixMs) -> Result<bool> {
    let (state, delivered_at) =
        if delivered { (MessageState::Delivered, Some(now)) } else { (MessageState::Failed, None) };
    let changed = tx.execute(
        "update campaign_message set state = ?2, delivered_at = ?3 where provider_ref = ?1 and channel = 'sms' \
         and state <> 'delivered'",
        &values![provider_ref, state.as_str(), delivered_at],
    )?;
    Ok(changed > 0)
}

/// A message that was given up may be handed over again.
pub fn requeue(tx: &mut Tx<'_>, id: &MessageId) -> Result<()> {
    let sql = "update campaign_message set state = 'queued' where id = ?1 and state = 'dead'";
    tx.execute(sql, &values![id.as_str()]).map(|_| ())
}

/// So many of each state are counted, and no more.
pub const COUNT_MAX: i64 = 100_000;

/// How many messages of a campaign stand in each state, up to [`COUNT_MAX`] each.
pub fn counts(tx: &mut Tx<'_>, id: &CampaignId) -> Result<Vec<(MessageState, i64)>> {
    let sql = "select count(*) from (select 1 from campaign_message where campaign_id = ?1 and state = ?2 limit ?3) \
               as counted";
    let mut all = Vec::with_capacity(MessageState::ALL.len());
    for state in MessageState::ALL {
        let wanted: [Value<'_>; 3] = values![id.as_str(), state.as_str(), COUNT_MAX];
        all.push((*state, tx.query_first(sql, &wanted, |row| row.int(0))?.unwrap_or(0)));
    }
    Ok(all)
}

/// Does a message of the campaign wait, or is one being handed over?
pub fn has_open(tx: &mut Tx<'_>, id: &CampaignId) -> Result<bool> {
    let sql = "select 1 from campaign_message where campaign_id = ?1 and state = ?2 limit 1";
    for state in [MessageState::Queued, MessageState::Sending] {
        if tx.query_first(sql, &values![id.as_str(), state.as_str()], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// At most `limit` messages that wait are over, for this reason. Says how many.
pub fn end_queued(tx: &mut Tx<'_>, id: &CampaignId, state: MessageState, limit: i64) -> Result<u64> {
    tx.execute(
        "update campaign_message set state = ?2 where id in (select id from campaign_message where campaign_id = ?1 \
         and state = 'queued' limit ?3) and state = 'queued'",
        &values![id.as_str(), state.as_str(), limit],
    )
}

/// Somebody ended marketing by a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReply {
    pub subscriber: SubscriberId,
    /// Where the answer stands.
    pub confirmation: MessageState,
}

/// Notes that a contact wrote a word such as STOP. Says whether it is to be answered: it is not again before
/// `unanswered_since`.
pub fn stop_reply(
    tx: &mut Tx<'_>,
    contact: &ContactId,
    subscriber: &SubscriberId,
    now: UnixMs,
    unanswered_since: UnixMs,
) -> Result<bool> {
    let changed = tx.execute(
        "insert into stop_reply (contact_id, subscriber_id, at, confirmed_at, confirmation) \
         values (?1, ?2, ?3, ?3, 'queued') on conflict (contact_id) do update set at = excluded.at, \
         confirmed_at = excluded.confirmed_at, confirmation = excluded.confirmation \
         where stop_reply.confirmed_at <= ?4",
        &values![contact.as_str(), subscriber.as_str(), now, unanswered_since],
    )?;
    Ok(changed == 1)
}

pub fn find_stop_reply(tx: &mut Tx<'_>, contact: &ContactId) -> Result<Option<StopReply>> {
    tx.query_first(
        "select subscriber_id, confirmation from stop_reply where contact_id = ?1",
        &values![contact.as_str()],
        |row| {
            Ok(StopReply {
                subscriber: SubscriberId::stored(row.text(0)?),
                confirmation: row.word(1, MessageState::parse)?,
            })
        },
    )
}

/// The answer goes from one state to another; says whether it stood in the first one.
pub fn confirm(tx: &mut Tx<'_>, contact: &ContactId, from: MessageState, to: MessageState) -> Result<bool> {
    let sql = "update stop_reply set confirmation = ?3 where contact_id = ?1 and confirmation = ?2";
    Ok(tx.execute(sql, &values![contact.as_str(), from.as_str(), to.as_str()])? == 1)
}

/// Forgets who wrote before `before`: the consent itself says what they ended.
pub fn purge_replies(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from stop_reply where contact_id in (select contact_id from stop_reply where at < ?1 limit ?2)",
        &values![before, limit],
    )
}
