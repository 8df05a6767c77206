//! Consents: what a subscriber agreed to, per topic and channel, and when and where that was said last.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::account::{ConsentSource, ConsentState, ConsentTopic};
use domain::id::SubscriberId;
use domain::notice::NoticeChannel;
use domain::time::UnixMs;

/// What was said last about one topic and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    pub topic: ConsentTopic,
    pub channel: NoticeChannel,
    pub state: ConsentState,
    pub changed_at: UnixMs,
    pub source: ConsentSource,
}

/// Writes down what was said. The same said again changes nothing.
pub fn set(tx: &mut Tx<'_>, subscriber: &SubscriberId, c: &Consent) -> Result<()> {
    tx.execute(
        "insert into consent (subscriber_id, topic, channel, state, changed_at, source) \
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (subscriber_id, topic, channel) do update set \
         state = excluded.state, changed_at = excluded.changed_at, source = excluded.source \
         where consent.state <> excluded.state",
        &values![
            subscriber.as_str(),
            c.topic.as_str(),
            c.channel.as_str(),
            c.state.as_str(),
            c.changed_at,
            c.source.as_str()
        ],
    )
    .map(|_| ())
}

/// Withdraws what was given; says whether it was given.
pub fn withdraw(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    channel: NoticeChannel,
    source: ConsentSource,
    now: UnixMs,
) -> Result<bool> {
    let changed = tx.execute(
        "update consent set state = 'withdrawn', changed_at = ?4, source = ?5 where subscriber_id = ?1 \
         and topic = ?2 and channel = ?3 and state = 'given'",
        &values![
            subscriber.as_str(),
            ConsentTopic::Marketing.as_str(),
            channel.as_str(),
            now,
            source.as_str()
        ],
    )?;
    Ok(changed == 1)
}

/// Does the subscriber agree to marketing on this channel now?
pub fn is_given(tx: &mut Tx<'_>, subscriber: &SubscriberId, channel: NoticeChannel) -> Result<bool> {
    let sql =
        "select 1 from consent where subscriber_id = ?1 and topic = ?2 and channel = ?3 and state = 'given'";
    let wanted = values![subscriber.as_str(), ConsentTopic::Marketing.as_str(), channel.as_str()];
    Ok(tx.query_first(sql, &wanted, |_| Ok(()))?.is_some())
}

pub fn list(tx: &mut Tx<'_>, subscriber: &SubscriberId) -> Result<Vec<Consent>> {
    tx.query(
        "select topic, channel, state, changed_at, source from consent where subscriber_id = ?1 \
         order by topic, channel limit 20",
        &values![subscriber.as_str()],
        |row| {
            Ok(Consent {
                topic: row.word(0, ConsentTopic::parse)?,
                channel: row.word(1, NoticeChannel::parse)?,
                state: row.word(2, ConsentState::parse)?,
                changed_at: UnixMs(row.int(3)?),
                source: row.word(4, ConsentSource::parse)?,
            })
        },
    )
}
