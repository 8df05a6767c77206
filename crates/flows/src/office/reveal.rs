//! Showing a number or an address in full, once: with a reason, so many times in a while, and written down.

use super::audit::record;
use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::account::ContactKind;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::{LineId, StaffId, SubscriberId, TopUpId};
use domain::msisdn::Msisdn;
use domain::time::UnixMs;
use store::keyring::Purpose;

/// A reason is at least a few words.
pub const REASON_MIN: usize = 10;
pub const REASON_MAX: usize = 300;
/// In a quarter of an hour.
const PER_STAFF: i64 = 10;

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The number of a line.
    Number(LineId),
    /// The number of an order's line.
    OrderNumber(TopUpId),
    /// The address that an order's buyer gave.
    OrderEmail(TopUpId),
    /// How a subscriber is reached.
    Contact(SubscriberId, ContactKind),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revealed {
    Shown(String),
    /// The reason is too short or too long.
    ReasonUnfit,
    /// Too many in a while: not before this time.
    Locked(UnixMs),
    /// There is none.
    Absent,
}

/// What was typed as free text, without what looks like a number or an address: the audit keeps it for ever.
pub fn scrubbed(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 7 || word.contains('@') { "•••" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Shows it.
pub async fn reveal(world: &World, staff: &StaffId, wanted: &Wanted, reason: &str) -> Result<Revealed> {
    let reason = scrubbed(reason);
    if !(REASON_MIN..=REASON_MAX).contains(&reason.chars().count()) {
        return Ok(Revealed::ReasonUnfit);
    }
    if let Some(until) = tries::count(world, vec![(format!("reveal/{staff}"), PER_STAFF)]).await? {
        return Ok(Revealed::Locked(until));
    }
    let (context, staff, sought) = (world.step(), staff.clone(), wanted.clone());
    let found = world.db.write(move |tx| {
        let found = sealed(tx, &sought)?;
        if let Some(Sealed { kind, subject, line, .. }) = &found {
            let actor = Actor::Staff(staff.clone());
            let entry = Entry::of(actor, AuditAction::Revealed, *kind, subject.as_str()).because(&reason);
            let detail = format!(r#"{{"shown":"{}"}}"#, what(&sought));
            record(tx, &context, &Entry { line: line.clone(), ..entry.with(detail) })?;
        }
        Ok(found)
    });
    let Some(found) = found.await? else { return Ok(Revealed::Absent) };
    let plain = world.keyring.open_sealed(found.purpose, &found.value)?;
    let is_number = found.purpose == Purpose::Msisdn;
    Ok(Revealed::Shown(if is_number { Msisdn::stored(plain).international() } else { plain }))
}

fn what(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Number(_) | Wanted::OrderNumber(_) | Wanted::Contact(_, ContactKind::Phone) => "number",
        Wanted::OrderEmail(_) | Wanted::Contact(_, ContactKind::Email) => "email",
    }
}

/// A sealed value, and of whom it tells.
struct Sealed {
    value: String,
    purpose: Purpose,
    kind: SubjectKind,
    subject: String,
    line: Option<LineId>,
}

fn sealed(tx: &mut store::Tx<'_>, wanted: &Wanted) -> anyhow::Result<Option<Sealed>> {
    Ok(match wanted {
        Wanted::Number(line) => {
            let line = store::line::load(tx, line)?;
            let (subject, id) = (line.id.to_string(), line.id);
            let (purpose, kind) = (Purpose::Msisdn, SubjectKind::Line);
            Some(Sealed { value: line.msisdn_sealed, purpose, kind, subject, line: Some(id) })
        }
        Wanted::OrderNumber(top_up) => {
            let order = store::top_up::load(tx, top_up)?;
            let line = store::line::load(tx, &order.line)?;
            let (purpose, kind, subject) = (Purpose::Msisdn, SubjectKind::TopUp, order.id.to_string());
            Some(Sealed { value: line.msisdn_sealed, purpose, kind, subject, line: Some(line.id) })
        }
        Wanted::OrderEmail(top_up) => {
            let order = store::top_up::load(tx, top_up)?;
            let (purpose, kind, subject) = (Purpose::Email, SubjectKind::TopUp, order.id.to_string());
            let line = Some(order.line);
            order.email_sealed.map(|value| Sealed { value, purpose, kind, subject, line })
        }
        Wanted::Contact(subscriber, kind_of) => {
            let contacts = store::account::contact::list(tx, subscriber)?;
            let purpose = match kind_of {
                ContactKind::Phone => Purpose::Msisdn,
                ContactKind::Email => Purpose::Email,
            };
            let (kind, subject) = (SubjectKind::Subscriber, subscriber.to_string());
            let contact = contacts.into_iter().find(|contact| contact.kind == *kind_of);
            contact.map(|c| Sealed { value: c.value_sealed, purpose, kind, subject, line: None })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_keeps_no_number_and_no_address() {
        assert_eq!(scrubbed("called  +447400123456 about ana@example.org"), "called ••• about •••");
        assert_eq!(scrubbed("order 7K2M9-QX4TB, 2 tries"), "order 7K2M9-QX4TB, 2 tries");
    }
}
