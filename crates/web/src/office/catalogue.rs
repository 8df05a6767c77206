//! The catalogue and the promotions, to read: what is sold, what each version changed, what budgets still hold.

use super::overview::zone;
use super::session::StaffMember;
use super::{frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::{Allowance, Offer, Pricing};
use domain::promotion::Promotion;
use domain::time::UnixMs;
use domain::unit::Unit;
use render::view::{
    ErrorKind, InUnit, MarketOffers, OfferRow, OfficeCatalogue, OfficeOffer, OfficePromotions, OfficeSection,
    PromotionRow, VersionRow,
};
use serde_json::Value;
use std::collections::BTreeMap;
use store::promotion::Spent;
use store::search::OfferVersion;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let markets = catalogue.markets.iter().map(|market| MarketOffers {
        country: market.country.clone(),
        zone: market.seller.time_zone.clone(),
        offers: catalogue
            .offers
            .iter()
            .filter(|offer| offer.market == market.country)
            .map(|offer| row(offer, reader.locale))
            .collect(),
    });
    let view =
        OfficeCatalogue { office: frame(&member, OfficeSection::Catalogue), markets: markets.collect() };
    Ok(show(&site, &reader, &view))
}

fn row(offer: &Offer, locale: Locale) -> OfferRow {
    let currency = match &offer.pricing {
        Pricing::Fixed { value } => value.currency,
        Pricing::Range { min, .. } => min.currency,
    };
    OfferRow {
        id: offer.id.clone(),
        name: offer.name_in(locale).to_owned(),
        version: offer.version,
        pricing: offer.pricing.clone(),
        bonus: Money::new(offer.bonus_minor, currency),
        fee: Money::new(offer.fee_minor, currency),
        taxes: offer.taxes.iter().map(|tax| (tax.name_in(locale).to_owned(), tax.rate.0)).collect(),
        voucher_type: offer.voucher_type,
        expiry: offer.expiry,
        channels: offer.channels.clone(),
        from: offer.on_sale_from,
        until: offer.on_sale_until,
    }
}

pub async fn offer(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let wanted = id.clone();
    let read = site.world.db.read(move |tx| store::search::offer_versions(tx, &wanted)).await;
    let versions = read.map_err(flows::Error::from)?;
    let newest = versions.first().ok_or(Failure::of(ErrorKind::NotFound))?;
    let name = serde_json::from_str::<Offer>(&newest.body).ok();
    let name = name.map_or_else(|| id.clone(), |offer| offer.name_in(reader.locale).to_owned());
    let view = OfficeOffer {
        office: frame(&member, OfficeSection::Catalogue),
        id,
        name,
        zone: zone(&site).await?,
        versions: diffs(&versions),
    };
    Ok(show(&site, &reader, &view))
}

/// What each version changed against the one before; `versions` are newest first.
fn diffs(versions: &[OfferVersion]) -> Vec<VersionRow> {
    let older = versions.iter().skip(1).map(Some).chain(std::iter::once(None));
    let row = |(version, before): (&OfferVersion, Option<&OfferVersion>)| VersionRow {
        version: version.version,
        id: version.id.clone(),
        at: version.created_at,
        current: version.current,
        changes: before.map(|before| changes(&flat(&before.body), &flat(&version.body))).unwrap_or_default(),
    };
    versions.iter().zip(older).map(row).collect()
}

/// A JSON text as paths and values.
fn flat(body: &str) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| walk(&below(name), value, into)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, value)| walk(&below(&n.to_string()), value, into));
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                into.insert(path.to_owned(), value.to_string());
            }
        }
    }
    let mut all = BTreeMap::new();
    walk("", &serde_json::from_str(body).unwrap_or(Value::Null), &mut all);
    all
}

/// Every path whose value is another one, but for those that differ in every version.
fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .filter(|path| !matches!(path.as_str(), "version" | "version_id"))
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| (path.clone(), before.get(path).cloned(), after.get(path).cloned()))
        .collect()
}

pub async fn promotions(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let read = site.world.db.read(|tx| {
        let mut all = Vec::new();
        for promotion in store::promotion::list(tx)? {
            let spent = store::promotion::spent(tx, &promotion.id)?;
            all.push((promotion, spent));
        }
        Ok(all)
    });
    let (now, all) = (site.world.now(), read.await.map_err(flows::Error::from)?);
    let rows = all.into_iter().map(|(promotion, spent)| promotion_row(&promotion, spent, now, reader.locale));
    let view = OfficePromotions { office: frame(&member, OfficeSection::Promotions), rows: rows.collect() };
    Ok(show(&site, &reader, &view))
}

fn promotion_row(promotion: &Promotion, spent: Spent, now: UnixMs, locale: Locale) -> PromotionRow {
    let unit = promotion.unit();
    let amount = |amount: i64| match unit {
        Unit::Money(currency) => InUnit { money: Some(Money::new(amount, currency)), allowance: None },
        unit => InUnit { money: None, allowance: Some(Allowance { unit, amount }) },
    };
    let standing = match () {
        () if promotion.has_ended(now) => "over",
        () if now < promotion.starts_at => "coming",
        () => "running",
    };
    let gone = i128::from(spent.given) + i128::from(spent.held);
    let used = gone * 100 / i128::from(spent.funded.max(1));
    PromotionRow {
        id: promotion.id.clone(),
        name: promotion.name_in(locale).to_owned(),
        market: promotion.market.clone(),
        version: promotion.version,
        zone: promotion.time_zone.clone(),
        starts_at: promotion.starts_at,
        ends_at: promotion.ends_at,
        standing,
        offers: promotion.offers.clone(),
        uses_per_line: promotion.uses_per_line,
        budget: amount(spent.funded),
        given: amount(spent.given),
        held: amount(spent.held),
        left: amount(spent.left),
        used: i64::try_from(used).unwrap_or(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_what_it_changed_and_nothing_else() {
        let before =
            flat(r#"{"version":1,"version_id":"ov_1","fee_minor":30,"name":{"en":"A"},"zone":null}"#);
        let after =
            flat(r#"{"version":2,"version_id":"ov_2","fee_minor":50,"name":{"en":"A"},"zone":{"id":"eu"}}"#);
        let told = changes(&before, &after);
        assert_eq!(
            told,
            [
                ("fee_minor".to_owned(), Some("30".to_owned()), Some("50".to_owned())),
                ("zone.id".to_owned(), None, Some("\"eu\"".to_owned())),
            ]
        );
    }
}
