//! The payer's part: approving an order, from the page or from the control API.
//! Start reading at [`approve`]; the page is hosted_page/approval.rs.

use axum::response::Response;
use serde_json::{Value, json};
use url::Url;

use super::accounts::{self, Account, Outcome};
use super::events::{self, Name};
use super::refusal::{Issue, Refusal};
use super::{amount_of, kept, orders, stamp};
use crate::books::{Books, Kind};
use crate::faults::{self, Twist};
use crate::json::text;
use crate::listener::Wire;
use crate::misdelivery;
use crate::stripe::run_due;
use crate::world::Shared;

/// What the payer is shown.
#[derive(Debug)]
pub enum Shown {
    /// Approved: back to the merchant, if it said where.
    Return(Option<String>),
    /// A gateway error; the merchant does not see the payer again.
    Lost,
    /// Not possible, in one line; the order may have changed in the meantime.
    Refused(u16, String),
}

/// The order's page needs no more than this.
pub struct OpenOrder {
    /// The stored order.
    pub order: Value,
    /// Whether it can be approved.
    pub open: bool,
    /// The amount as a page shows it.
    pub amount: String,
}

/// The order of a page, if there is one.
pub fn look(world: &Shared, id: &str) -> Option<OpenOrder> {
    world
        .write(|books| {
            run_due(books)?;
            books.find(Kind::PaypalOrder, id)
        })
        .ok()
        .flatten()
        .map(|order| OpenOrder {
            open: can_be_approved(&order),
            amount: amount_of(&order["purchase_units"][0]).map(|amount| amount.shown()).unwrap_or_default(),
            order,
        })
}

fn can_be_approved(order: &Value) -> bool {
    match text(order, "status") {
        "CREATED" | "PAYER_ACTION_REQUIRED" => true,
        "APPROVED" => order["_sim"]["choose_again"] == true,
        _ => false,
    }
}

/// Approves under the fault set for `POST /checkoutnow/{id}`, and shows the outcome as the caller wants it.
pub async fn approve_under_fault(
    world: &Shared,
    wire: &Wire,
    id: &str,
    account: &'static Account,
    answer: impl FnOnce(Shown) -> Response + Send + 'static,
) -> Response {
    let fault = world.faults.take("POST", &format!("/checkoutnow/{id}"));
    let acting = world.clone();
    let id = id.to_owned();
    faults::inject(world, wire, fault, move |twist| {
        let approve_as = |acts_as: Option<&'static Account>| {
            let done = acting.write(|books| {
                run_due(books)?;
                kept(approve(books, &id, account, acts_as.unwrap_or(account)))
            });
            match done {
                Ok(Ok(shown)) => shown,
                Ok(Err(refusal)) => Shown::Refused(refusal.status, refusal.said()),
                Err(trouble) => Shown::Refused(trouble.status, trouble.message),
            }
        };
        let failed = |refusal: Refusal| Shown::Refused(refusal.status, refusal.said());
        answer(match twist {
            Twist::Plain => approve_as(None),
            Twist::UnknownStatus => approve_as(accounts::by_outcome(Outcome::UnknownStatus)),
            Twist::WrongAmount => approve_as(accounts::by_outcome(Outcome::OtherAmount)),
            Twist::FailBefore => failed(Refusal::scripted()),
            Twist::FailAfter => {
                approve_as(None);
                failed(Refusal::scripted())
            }
            Twist::TooMany => failed(Refusal::too_many()),
        })
    })
    .await
}

/// Approves an order: the payer is known from now on, and the merchant can capture.
fn approve(
    books: &mut Books<'_>,
    id: &str,
    account: &'static Account,
    acts_as: &'static Account,
) -> Result<Shown, Refusal> {
    let mut order = orders::find(books, id)?;
    if !can_be_approved(&order) {
        // A second click, or another tab: approved is approved.
        return match text(&order, "status") {
            "APPROVED" => Ok(Shown::Return(returning(&order))),
            _ => Err(Refusal::because(Issue::ORDER_ALREADY_CAPTURED)),
        };
    }
    let payer = payer(account);
    order["status"] = json!("APPROVED");
    order["update_time"] = json!(stamp(books.now_ms));
    order["payer"] = payer.clone();
    order["payment_source"] = json!({ "paypal": {
        "email_address": payer["email_address"], "account_id": payer["payer_id"], "account_status": "VERIFIED",
        "name": payer["name"], "address": payer["address"] } });
    order["_sim"]["account"] = json!(account.email());
    order["_sim"]["acts_as"] = json!(acts_as.name);
    order["_sim"]["approved_at"] = json!(books.now_ms);
    order["_sim"]["choose_again"] = json!(false);
    books.update(&order)?;
    let body = orders::shown(books, &order)?;
    events::emit(books, Name::OrderApproved, &body)?;
    if acts_as.outcome == Outcome::WebhooksReversed
        && let Some((delivery, _)) = books.deliveries.first().copied()
    {
        // It goes out behind the capture's event; if there is no capture, in ten minutes.
        misdelivery::postpone(books, 600_000)?;
        order["_sim"]["held_delivery"] = json!(delivery);
        books.update(&order)?;
    }
    if acts_as.outcome == Outcome::NeverReturns {
        Ok(Shown::Lost)
    } else {
        Ok(Shown::Return(returning(&order)))
    }
}

fn payer(account: &Account) -> Value {
    json!({
        "name": { "given_name": "Sim", "surname": "Payer" }, "email_address": account.email(),
        "payer_id": account.payer_id(), "address": { "country_code": "GB" },
    })
}

/// The merchant's return address with `token` and `PayerID`, as PayPal adds them.
pub fn returning(order: &Value) -> Option<String> {
    let payer = text(&order["payer"], "payer_id");
    with_query(text(&order["_sim"], "return_url"), &[("token", text(order, "id")), ("PayerID", payer)])
}

/// The merchant's cancel address with `token`.
pub fn cancelled(order: &Value) -> Option<String> {
    with_query(text(&order["_sim"], "cancel_url"), &[("token", text(order, "id"))])
}

fn with_query(url: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().extend_pairs(pairs);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_address_keeps_its_own_query() {
        let order = json!({
            "id": "5O19", "payer": { "payer_id": "ABC" }, "_sim": { "return_url": "http://shop.example/back?o=1" } });
        assert_eq!(returning(&order).unwrap(), "http://shop.example/back?o=1&token=5O19&PayerID=ABC");
        assert!(cancelled(&order).is_none());
    }
}
