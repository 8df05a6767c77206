//! Telling subscribers about the safety of their account: at every contact, and at the one that was replaced.

use crate::world::StepContext;
use domain::account::{ContactKind, SecurityNoticeKind};
use domain::id::{SecurityNoticeId, SubscriberId};
use domain::locale::Locale;
use domain::notice::MessageState;
use store::Tx;
use store::account::contact::Contact;
use store::account::notice::{self, SecurityNotice};
use store::outbox::{self, Topic, Work};

/// What is told to whom.
pub(crate) struct News<'a> {
    pub subscriber: &'a SubscriberId,
    pub kind: SecurityNoticeKind,
    /// The device, or what may be shown of the new contact.
    pub detail: &'a str,
    pub locale: Locale,
}

/// Where a message goes: a kind of contact and its sealed value.
pub(crate) type Place<'a> = (ContactKind, &'a str);

/// All places of these contacts.
pub(crate) fn places(contacts: &[Contact]) -> Vec<Place<'_>> {
    contacts.iter().map(|contact| (contact.kind, contact.value_sealed.as_str())).collect()
}

/// Writes down what is told, and returns the work of telling it, which the caller starts after the commit.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    context: &StepContext,
    news: &News<'_>,
    places: &[Place<'_>],
) -> anyhow::Result<Vec<Work>> {
    let mut work = Vec::with_capacity(places.len());
    for (kind, sealed) in places {
        let id = SecurityNoticeId::new(context.ids.as_ref(), context.now);
        let written = SecurityNotice {
            id: id.clone(),
            subscriber: news.subscriber.clone(),
            kind: news.kind,
            channel: kind.channel(),
            target_sealed: Some((*sealed).to_owned()),
            detail: news.detail.to_owned(),
            locale: news.locale,
            state: MessageState::Queued,
            created_at: context.now,
        };
        notice::insert(tx, &written)?;
        work.push(outbox::push_claimed(
            tx,
            Topic::SecurityNotice,
            id.as_str(),
            context.ids.as_ref(),
            context.now,
        )?);
    }
    Ok(work)
}
