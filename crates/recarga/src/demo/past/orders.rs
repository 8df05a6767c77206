//! How the orders of the past were made: through the same flows that the portal and the API call.

use super::Past;
use super::plan::{Planned, Way};
use crate::clock::past::{at, pass};
use anyhow::{Context, Result, anyhow, bail};
use domain::actor::Actor;
use domain::id::TopUpId;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::order::Order;
use domain::time::SECOND_MS;
use domain::top_up::Channel;
use flows::request::{self, Reply, RequestKey};
use flows::top_up::checkout::{self, Begun, Checkout};
use flows::top_up::quote;
use flows::top_up::sell::{self, SaleRequest, Wanted};
use std::sync::Arc;

/// Plays one order from its beginning to where its buyer leaves it.
pub async fn play(past: Arc<Past>, planned: Planned) -> Result<()> {
    let start = planned.at;
    at(start, async move {
        let what = format!("{:?} {} for {}", planned.way, planned.offer, planned.number);
        let played = match planned.way {
            Way::Float => float(&past, &planned).await.map(drop),
            Way::Card | Way::PayPal | Way::Cancelled | Way::Left | Way::Barred => {
                online(&past, &planned).await
            }
        };
        played.with_context(|| what)
    })
    .await
}

/// Sells from the float, and says which top-up it is.
pub(super) async fn float(past: &Past, planned: &Planned) -> Result<TopUpId> {
    let wanted = Wanted {
        msisdn: Msisdn::parse_e164(&planned.number)?,
        offer: planned.offer.clone(),
        amount: None::<Money>,
        quote: None,
        expected_total: None,
        expected_bonus: None,
        reference: None,
        locale: Some(planned.locale),
    };
    let key = past.world.ids.next(planned.at);
    let key = RequestKey::of(past.caller.partner.as_str(), &key, key.as_bytes());
    let answering = request::plainly(&past.world);
    let sale =
        SaleRequest { key, seller: past.caller.seller(), counter: None, wanted: Ok(wanted), answering };
    let _alone = past.selling.lock().await;
    let reply = sell::sell(&past.world, sale).await?;
    let Reply::Answered(answer) = reply else { bail!("the sale was not made: {reply:?}") };
    match request::outcome(&past.world, &answer)? {
        Some(Ok(made)) => Ok(made.id),
        other => bail!("the sale was not made: {other:?}"),
    }
}

async fn online(past: &Past, planned: &Planned) -> Result<()> {
    let begun = begin(past, planned).await?;
    let id = begun.top_up.id.clone();
    pass(planned.took_ms);
    match planned.way {
        Way::Card | Way::PayPal => pay(past, planned, &id).await,
        // The page ends by itself.
        Way::Left | Way::Float => Ok(()),
        Way::Cancelled => {
            checkout::cancel(&past.world, &id).await?;
            Ok(())
        }
        Way::Barred => {
            register(past, planned, "barred").await?;
            pay(past, planned, &id).await?;
            register(past, planned, "active").await
        }
    }
}

async fn begin(past: &Past, planned: &Planned) -> Result<Begun> {
    let order = Order {
        msisdn: Msisdn::parse_e164(&planned.number)?,
        offer: planned.offer.clone(),
        amount: None,
        channel: Channel::Online,
        locale: planned.locale,
    };
    let quote = quote::quote(&past.world, &order).await?;
    let subscriber = past.lin.get().filter(|_| planned.lin).cloned();
    let key = past.world.ids.next(planned.at);
    let provider = if planned.way == Way::PayPal { "paypal" } else { "stripe" };
    let checkout = Checkout {
        key: RequestKey::of_portal(&key, &key),
        actor: subscriber.clone().map_or(Actor::Guest, Actor::Subscriber),
        partner: None,
        subscriber,
        channel: Channel::Online,
        quote,
        bonus_shown: false,
        locale: planned.locale,
        email: planned.email.clone(),
        reference: None,
        provider: Some(provider.to_owned()),
        return_url: None,
        origin: flows::risk::Origin::default(),
    };
    Ok(checkout::begin(&past.world, checkout).await?)
}

/// The buyer pays on the page, comes back, and looks.
async fn pay(past: &Past, planned: &Planned, id: &TopUpId) -> Result<()> {
    let page = page_of(past, id).await?;
    match planned.way {
        Way::PayPal => past.outside.approve(&page).await?,
        Way::Card | Way::Float | Way::Cancelled | Way::Left | Way::Barred => {
            past.outside.pay(&page, planned.card).await?;
        }
    }
    pass(2 * SECOND_MS);
    flows::payment::poll::refresh(&past.world, id).await?;
    Ok(())
}

/// The register says something else of this line.
async fn register(past: &Past, planned: &Planned, status: &str) -> Result<()> {
    let said = format!("msisdn,status,locale\n{},{status},\n", planned.number);
    let imported = flows::lines::import(&past.world, &said).await?;
    imported.map(|_| ()).map_err(|faults| anyhow!("{}: {faults:?}", planned.number))
}

async fn page_of(past: &Past, id: &TopUpId) -> Result<String> {
    let id = id.clone();
    let page = past.world.db.read(move |tx| {
        let payment = store::payment::find_by_top_up(tx, &id)?.context("no payment")?;
        let attempt = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
        attempt.page_ref.context("no page")
    });
    Ok(page.await?)
}
