//! The export: everything that is stored about a subscriber, as JSON that people and programs can read.

use super::own::{Own, own};
use super::{Answer, Who, sealed_for};
use crate::error::Result;
use crate::world::World;
use domain::account::AccountRefusal;
use domain::id::LineId;
use domain::line::Line;
use domain::msisdn::Msisdn;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use serde_json::{Value, json};
use store::personal::{Range, list_of_subscriber};

fn time(at: UnixMs) -> Value {
    json!(at.rfc3339())
}

/// The export of whoever proved a short while ago who they are.
pub async fn export(world: &World, who: &Who) -> Answer<Value> {
    if !who.is_fresh(world.now()) {
        return Ok(Err(AccountRefusal::ProofNeeded));
    }
    let own = own(world, who).await?;
    Ok(Ok(json!({
        "made_at": time(world.now()),
        "account": {
            "id": own.subscriber.id.as_str(),
            "name": own.name.as_deref(),
            "language": own.subscriber.locale.as_str(),
            "created_at": time(own.subscriber.created_at),
        },
        "contacts": contacts(world, &own)?,
        "lines": lines(world, &own).await?,
        "orders": orders(world, &own).await?,
        "devices": own.sessions.iter().map(|session| json!({
            "device": session.device,
            "signed_in_at": time(session.created_at),
            "last_used_at": time(session.seen_at),
        })).collect::<Vec<_>>(),
        "looks_by_staff": own.looks.iter().map(|look| json!({
            "at": time(look.at),
            "shown_in_full": look.revealed,
            "number_ending": look.last4.as_deref(),
        })).collect::<Vec<_>>(),
        "consents": own.consents.iter().map(|consent| json!({
            "topic": consent.topic.as_str(),
            "channel": consent.channel.as_str(),
            "state": consent.state.as_str(),
            "changed_at": time(consent.changed_at),
            "source": consent.source.as_str(),
        })).collect::<Vec<_>>(),
    })))
}

fn contacts(world: &World, own: &Own) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for contact in &own.contacts {
        let value = world.keyring.open_sealed(sealed_for(contact.kind), &contact.value_sealed)?;
        all.push(json!({
            "kind": contact.kind.as_str(),
            "value": value,
            "verified_at": time(contact.verified_at),
        }));
    }
    Ok(all)
}

async fn lines(world: &World, own: &Own) -> Result<Vec<Value>> {
    let ids: Vec<_> = own.lines.iter().map(|line| line.line.clone()).collect();
    let read = world.db.read(move |tx| {
        ids.iter().map(|id| store::line::load(tx, id)).collect::<anyhow::Result<Vec<Line>>>()
    });
    let mut all = Vec::new();
    for (stored, line) in read.await?.iter().zip(&own.lines) {
        let number: Msisdn = crate::lines::msisdn(world, stored)?;
        all.push(json!({
            "number": number.digits(),
            "label": line.label,
            "country": line.market,
            "status": line.status.as_str(),
            "added_at": time(line.added_at),
        }));
    }
    Ok(all)
}

/// As many orders as one file holds: the newest ones.
const ORDERS_MAX: i64 = 5_000;

async fn orders(world: &World, own: &Own) -> Result<Vec<Value>> {
    let subscriber = own.subscriber.id.clone();
    let read = world.db.read(move |tx| {
        // Every id lies between these keys.
        let range = Range { from: String::new(), before: "~".into(), group: None };
        list_of_subscriber(tx, &subscriber, None, &range, ORDERS_MAX)
    });
    let ending = |line: &LineId| own.lines.iter().find(|own| own.line == *line).map(|own| own.last4.clone());
    let order = |order: &TopUp| {
        json!({
            "code": order.code,
            "state": order.state.as_str(),
            "ordered_at": time(order.created_at),
            "total_minor": order.prices.total.minor,
            "currency": order.prices.total.currency.code(),
            "number_ending": ending(&order.line),
        })
    };
    Ok(read.await?.iter().map(order).collect())
}
