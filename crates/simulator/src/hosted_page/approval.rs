//! The wallet's approval page: plain HTML that works without JavaScript, marked as a simulator.
//! Start reading at [`show`]; approving itself is paypal/approval.rs.

use axum::extract::{ConnectInfo, Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use minijinja::{Value as View, context};
use serde::Deserialize;
use serde_json::Value;

use super::words::Language;
use super::{language, notice, origin, render, unknown};
use crate::json::text;
use crate::listener::Wire;
use crate::paypal::accounts::{self, ACCOUNTS};
use crate::paypal::approval::{self, OpenOrder, Shown};
use crate::world::Shared;

/// The language that the merchant asked for, or the browser's.
fn language_of(order: &Value, headers: &HeaderMap) -> Language {
    language(&order["_sim"], headers)
}

/// `GET /checkoutnow/{order}`
pub async fn show(State(world): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match approval::look(&world, &id) {
        Some(found) => page(&found, language_of(&found.order, &headers), StatusCode::OK, ""),
        None => unknown(&headers),
    }
}

fn page(found: &OpenOrder, language: Language, status: StatusCode, problem: &str) -> Response {
    let order = &found.order;
    if !found.open {
        let back = approval::returning(order).unwrap_or_default();
        return notice(language, status, "approved_title", "", &back);
    }
    let accounts: Vec<View> = ACCOUNTS
        .iter()
        .map(|account| {
            let does = language.pick(account.english, account.chinese);
            context! { name => account.name, address => account.email(), does }
        })
        .collect();
    let unit = &order["purchase_units"][0];
    let items = unit["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let items: Vec<View> = items
        .iter()
        .map(|item| context! { name => text(item, "name"), quantity => text(item, "quantity") })
        .collect();
    let page = &order["_sim"];
    let again = page["choose_again"] == true;
    let view = context! {
        lang => language.tag(), w => language.words(), problem, accounts, items, again,
        amount => found.amount.as_str(), merchant => text(page, "brand"), about => text(unit, "description"),
        invoice => text(unit, "invoice_id"), pay_now => page["pay_now"] == true,
        cancel_url => approval::cancelled(order), action => format!("/checkoutnow/{}", text(order, "id")),
    };
    render("approve.html", status, origin(text(page, "return_url")).as_deref(), view)
}

#[derive(Deserialize)]
pub struct Approving {
    #[serde(default)]
    pick: String,
    #[serde(default)]
    address: String,
}

/// `POST /checkoutnow/{order}`
pub async fn submit(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(approving): Form<Approving>,
) -> Response {
    let Some(found) = approval::look(&world, &id) else { return unknown(&headers) };
    let language = language_of(&found.order, &headers);
    let chosen = if approving.pick.is_empty() { &approving.address } else { &approving.pick };
    let Some(account) = accounts::by_address(chosen) else {
        let problem = language.word("bad_account");
        return page(&found, language, StatusCode::UNPROCESSABLE_ENTITY, &problem);
    };
    let answering = world.clone();
    let order = id.clone();
    approval::approve_under_fault(&world, &wire, &id, account, move |shown| {
        answer(&answering, language, &order, shown)
    })
    .await
}

fn answer(world: &Shared, language: Language, id: &str, shown: Shown) -> Response {
    match shown {
        Shown::Return(Some(back)) => Redirect::to(&back).into_response(),
        Shown::Return(None) => notice(language, StatusCode::OK, "approved_title", "", ""),
        Shown::Lost => notice(language, StatusCode::GATEWAY_TIMEOUT, "lost_title", "lost_more", ""),
        Shown::Refused(422, said) => match approval::look(world, id) {
            Some(found) => page(&found, language, StatusCode::CONFLICT, &said),
            None => notice(language, StatusCode::NOT_FOUND, "unknown_title", "", ""),
        },
        Shown::Refused(status, _) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            notice(language, status, "error_title", "lost_more", "")
        }
    }
}
