//! The public page of promotions. A reader who is signed in is told which of their numbers can have one, and why not.

use super::html;
use super::session::MaybeSignedIn;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use domain::line::Line;
use domain::money::Money;
use domain::offer::{Offer, Pricing};
use domain::promotion::{Promotion, WhyNot};
use domain::top_up::Channel;
use flows::catalogue::Loaded;
use render::view::{PromotedOffer, PromotionShown, Promotions, YourLine};
use std::collections::BTreeMap;

/// A line of the reader's, and how often it can still have each promotion.
type Own = (Line, BTreeMap<String, Result<i64, WhyNot>>);

pub async fn page(
    State(site): State<Site>,
    MaybeSignedIn(signed_in): MaybeSignedIn,
    reader: Reader,
) -> Result<Response, Failure> {
    let mut own = Vec::new();
    if let Some(who) = &signed_in {
        let subscriber = who.subscriber.clone();
        let lines = site.world.db.read(move |tx| {
            let owned = store::account::subscriber_line::list(tx, &subscriber)?;
            owned.into_iter().map(|owned| store::line::load(tx, &owned.line)).collect::<Result<Vec<_>, _>>()
        });
        for line in lines.await.map_err(flows::Error::from)? {
            let given = flows::promotion::for_line(&site.world, &line).await?;
            own.push((line, given));
        }
    }
    let catalogue = site.world.fresh_catalogue().await?;
    let now = site.world.now();
    let shown = catalogue.promotions_shown(now).into_iter().map(|promotion| {
        let offers = offers(&catalogue, promotion, &reader);
        let lines = own.iter().filter_map(|own| your_line(own, promotion)).collect();
        let comes_to = comes_to(&catalogue, promotion);
        PromotionShown { offers, lines, comes_to, ..PromotionShown::of(promotion, reader.locale, now) }
    });
    let (running, coming) = shown.partition(|promotion| promotion.running);
    Ok(html(&site, &reader, &Promotions { running, coming, signed_in: signed_in.is_some() }))
}

/// The offers of a promotion that a guest can choose.
fn online<'a>(catalogue: &'a Loaded, promotion: &'a Promotion) -> impl Iterator<Item = &'a Offer> {
    let named = catalogue.offers.iter().filter(|offer| promotion.offers.contains(&offer.id));
    named.filter(|offer| offer.sold_in(Channel::Online))
}

/// What it gives, where that is one sum of money: all its offers have a price, and it gives the same on each.
fn comes_to(catalogue: &Loaded, promotion: &Promotion) -> Option<Money> {
    let mut sums = online(catalogue, promotion).map(|offer| match &offer.pricing {
        Pricing::Fixed { value } => Some(Money::new(promotion.bonus_on(*value), value.currency)),
        Pricing::Range { .. } => None,
    });
    let first = sums.next()??;
    sums.all(|sum| sum == Some(first)).then_some(first)
}

/// The same as buttons.
fn offers(catalogue: &Loaded, promotion: &Promotion, reader: &Reader) -> Vec<PromotedOffer> {
    let shown =
        |offer: &Offer| PromotedOffer { id: offer.id.clone(), name: offer.name_in(reader.locale).to_owned() };
    online(catalogue, promotion).map(shown).collect()
}

fn your_line((line, given): &Own, promotion: &Promotion) -> Option<YourLine> {
    let (left, why_not) = match given.get(&promotion.id)? {
        Ok(left) => (Some(*left), None),
        Err(why) => (None, Some(*why)),
    };
    Some(YourLine { last4: line.last4.clone(), left, why_not })
}
