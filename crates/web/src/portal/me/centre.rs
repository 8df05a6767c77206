//! The first page of the personal centre: every line with what is on it.

use super::shown::{self, Last};
use super::{MANIFEST, html};
use crate::failure::Failure;
use crate::portal::session::{self, MaybeSignedIn, SignedIn};
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use domain::account::ContactKind;
use domain::line::Keeper;
use flows::balance::{self, LineBalance};
use render::view::{LineChoice, Me};
use store::account::contact;
use store::account::subscriber_line::{self, OwnLine};
use store::keyring::Purpose;

/// The page.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Response, Failure> {
    let (subscriber, now) = (signed_in.subscriber.clone(), site.world.now());
    let read = site.world.db.read(move |tx| {
        let mut found: Vec<(OwnLine, LineBalance, Last)> = Vec::new();
        for own in subscriber_line::list(tx, &subscriber)? {
            let line = store::line::load(tx, &own.line)?;
            let balance = balance::read(tx, &line, now)?;
            let last = match flows::history::last_arrived(tx, &subscriber, &own, now)? {
                Some(order) => {
                    let offer = store::offer::load_version(tx, &order.offer_version)?;
                    Some((order, offer))
                }
                None => None,
            };
            found.push((own, balance, last));
        }
        Ok(found)
    });
    let mut found = read.await.map_err(flows::Error::from)?;
    ask_networks(&site, &mut found).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let card = |(own, balance, last): &(OwnLine, LineBalance, Last)| {
        shown::card(&catalogue, &reader, own, balance, last)
    };
    let lines: Vec<_> = found.iter().map(card).collect();
    let zone = match lines.first() {
        Some(line) => line.zone.clone(),
        None => super::zone(&site, &reader).await?,
    };
    Ok(html(&site, &reader, &Me { lines, as_of: now, zone, manifest_url: MANIFEST.to_owned() }))
}

/// Balances that a host network keeps are asked there, all at the same time.
async fn ask_networks(site: &Site, found: &mut [(OwnLine, LineBalance, Last)]) -> Result<(), flows::Error> {
    let ask = |(n, (_, known, _)): (usize, &(OwnLine, LineBalance, Last))| {
        let (world, line) = (site.world.clone(), known.line.clone());
        let kept_there = line.keeper == Keeper::Network;
        kept_there.then(|| (n, tokio::spawn(async move { balance::balance(&world, line).await })))
    };
    let asked: Vec<_> = found.iter().enumerate().filter_map(ask).collect();
    for (n, answer) in asked {
        found[n].1 = answer.await.map_err(anyhow::Error::from)??;
    }
    Ok(())
}

/// The lines of whoever is signed in, to top up in one tap; only those that can be.
pub async fn own_lines(site: &Site, jar: &CookieJar) -> Result<Vec<LineChoice>, Failure> {
    let Some(signed_in) = session::of_jar(site, jar).await? else { return Ok(Vec::new()) };
    let read = site.world.db.read(move |tx| subscriber_line::list(tx, &signed_in.subscriber));
    let lines = read.await.map_err(flows::Error::from)?;
    let payable = lines.into_iter().filter(|line| flows::lines::payable(line.status).is_ok());
    Ok(payable
        .map(|line| LineChoice {
            id: line.line.to_string(),
            label: line.label,
            last4: line.last4,
            chosen: false,
        })
        .collect())
}

/// The proved e-mail address of whoever is signed in, for the receipt; empty when there is none.
pub async fn own_email(site: &Site, reader: &MaybeSignedIn) -> Result<String, Failure> {
    let Some(signed_in) = &reader.0 else { return Ok(String::new()) };
    let subscriber = signed_in.subscriber.clone();
    let read = site.world.db.read(move |tx| contact::list(tx, &subscriber));
    let contacts = read.await.map_err(flows::Error::from)?;
    let Some(found) = contacts.into_iter().find(|contact| contact.kind == ContactKind::Email) else {
        return Ok(String::new());
    };
    let address = site.world.keyring.open_sealed(Purpose::Email, &found.value_sealed);
    Ok(address.map_err(flows::Error::from)?)
}
