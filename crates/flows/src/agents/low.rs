//! Warns owners whose outlets run out of float: once when it falls below what they said, and again only after it was
//! filled. The sweep walks along the watched outlets, a few at a time; the mail is work of its own.

use super::apply;
use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::id::{MessageId, PlaceId};
use domain::ledger::book;
use domain::links;
use domain::time::{HOUR_MS, MINUTE_MS};
use gateways::messaging::{Email, EmailOutcome};
use render::view::{EmailFrame, FloatLowEmail};
use store::outbox::{self, NewWork, Topic, Work};
use store::{ledger, outlet};

/// Outlets that are looked at in one step.
const STEP: i64 = 500;
/// How long to wait after each try that brought no answer; then people look at it.
const PAUSES_MS: [i64; 5] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS];

/// Looks at every watched outlet, and writes down the warnings that are due.
pub async fn sweep(world: &World) -> Result<()> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (crossed, last) = world.db.read(move |tx| outlet::crossed(tx, &from, STEP)).await?;
        let Some(last) = last else { return Ok(()) };
        after = last;
        if crossed.is_empty() {
            continue;
        }
        let context = world.step();
        let written = world.db.write(move |tx| {
            for crossed in &crossed {
                let news = outlet::mark_low(tx, &crossed.place, crossed.low.then_some(context.now))?;
                if news && crossed.low {
                    let mail = MessageId::new(context.ids.as_ref(), context.now);
                    let work = NewWork {
                        detail: Some(mail.to_string()),
                        ..NewWork::due(Topic::FloatLow, crossed.place.as_str(), context.now)
                    };
                    outbox::push(tx, work, context.ids.as_ref(), context.now)?;
                }
            }
            Ok(())
        });
        written.await?;
    }
}

/// The work behind a warning: a mail to the agent, with what is left by now.
pub async fn warn(world: &World, work: &Work) -> Result<Done> {
    let place = PlaceId::stored(work.subject.as_str());
    let id = MessageId::stored(work.detail.clone().context("a warning without its mail's id")?);
    let read = world.db.read(move |tx| {
        let Some(outlet) = outlet::find(tx, &place)? else { return Ok(None) };
        let Some(low) = outlet.low_float else { return Ok(None) };
        let float = ledger::account(tx, &book::float(&outlet.partner, low))?;
        let left = float.map_or(0, |float| float.available() - float.floor.unwrap_or(0));
        Ok(Some((outlet, low, left)))
    });
    let Some((outlet, low, left)) = read.await? else { return Ok(Done::Finished) };
    // Filled meanwhile: there is nothing to warn of.
    if left >= low.minor {
        return Ok(Done::Finished);
    }
    let (Some((contact, locale)), Some(gateway)) =
        (apply::contact_of(world, &outlet.agent).await?, world.email.as_ref())
    else {
        return Ok(Done::GivenUp("there is no way to mail the agent".into()));
    };
    let settings = &world.settings;
    let frame = EmailFrame {
        brand: settings.brand.clone(),
        home_url: links::home(&settings.public_url),
        support: settings.support.clone(),
        demo: settings.demo,
    };
    let view = FloatLowEmail {
        outlet: outlet.facts.name.clone(),
        number: outlet.facts.number.clone(),
        left: domain::money::Money::new(left, low.currency),
        low,
        url: links::owner_float(&settings.public_url),
    };
    let written = world.renderer.email(locale, &frame, &view);
    let email = Email {
        id,
        to: contact.email,
        subject: written.subject,
        text: written.text,
        html: written.html,
        at: world.now(),
        unsubscribe: None,
    };
    Ok(match gateway.send(&email).await {
        EmailOutcome::Accepted { .. } => Done::Finished,
        EmailOutcome::Refused { .. } => Done::GivenUp("the agent's mail server refused the warning".into()),
        EmailOutcome::TryLater { why } | EmailOutcome::Unknown { why } => {
            let pause = usize::try_from(work.attempts - 1).ok().and_then(|tries| PAUSES_MS.get(tries));
            match pause {
                Some(pause) => Done::At(world.now().plus_ms(*pause)),
                None => Done::GivenUp(why),
            }
        }
    })
}
