//! The orders of this browser: where whoever lost a page finds it again.

use super::pass;
use crate::failure::Failure;
use crate::site::Site;
use axum_extra::extract::CookieJar;
use domain::top_up::TopUp;
use render::view::OwnOrder;

/// How many orders that this browser has passes for belong to no account.
pub async fn of_no_account(site: &Site, jar: &CookieJar) -> Result<usize, Failure> {
    Ok(found(site, jar).await?.iter().filter(|order| order.subscriber.is_none()).count())
}

async fn found(site: &Site, jar: &CookieJar) -> Result<Vec<TopUp>, Failure> {
    let codes = pass::codes(site, jar);
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = site.world.db.read(move |tx| {
        let mut found = Vec::with_capacity(codes.len());
        for code in &codes {
            // The pass of an order that was never made finds none.
            found.extend(store::top_up::find_by_code(tx, code)?);
        }
        Ok(found)
    });
    Ok(found.await.map_err(flows::Error::from)?)
}

/// The orders that this browser has passes for, newest first.
pub async fn orders(site: &Site, jar: &CookieJar) -> Result<Vec<OwnOrder>, Failure> {
    let mut found = found(site, jar).await?;
    found.sort_by_key(|order| std::cmp::Reverse(order.created_at));
    let catalogue = site.world.fresh_catalogue().await?;
    let zone =
        |market: &str| catalogue.market(market).map_or("UTC", |m| m.seller.time_zone.as_str()).to_owned();
    let orders = found.into_iter().map(|order| OwnOrder {
        state: order.state,
        amount: order.prices.total,
        at: order.created_at,
        zone: zone(&order.market),
        code: order.code,
    });
    Ok(orders.collect())
}
