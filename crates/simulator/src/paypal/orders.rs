//! Orders: create and show (document `checkout_orders_v2`), and how one that nobody captures ends.
//! Start reading at [`create`]; the payer's part is in approval.rs, the merchant's in captures.rs.

use serde_json::{Value, json};
use url::Url;

use super::amounts::Money;
use super::refusal::{Issue, Refusal};
use super::{Done, captures, events, link, refunds, stamp};
use crate::books::{Books, Kind, Later};
use crate::ids;
use crate::json::{number, public, text};

/// An order that was not approved is forgotten after three hours.
const UNAPPROVED_MS: i64 = 3 * 3600 * 1000;
/// An approved order can be captured for three days.
const APPROVED_MS: i64 = 3 * 24 * 3600 * 1000;

const ORDER: &[&str] = &["intent", "purchase_units", "payment_source", "application_context"];
const UNIT: &[&str] = &[
    "reference_id",
    "amount",
    "description",
    "custom_id",
    "invoice_id",
    "soft_descriptor",
    "items",
    "payee",
];
const WALLET: &[&str] = &["experience_context", "email_address", "name"];
const CONTEXT: &[&str] = &[
    "brand_name",
    "locale",
    "shipping_preference",
    "return_url",
    "cancel_url",
    "landing_page",
    "user_action",
    "payment_method_preference",
    "contact_preference",
];
const ITEM: &[&str] =
    &["name", "unit_amount", "quantity", "description", "sku", "category", "url", "image_url"];

/// `POST /v2/checkout/orders`
pub fn create(books: &Books<'_>, body: &Value, has_key: bool) -> Result<Done, Refusal> {
    only(body, "", ORDER)?;
    choice(body, "intent", "", &["CAPTURE"], true)?;
    let source = &body["payment_source"];
    let named_wallet = !source.is_null();
    if named_wallet && !has_key {
        return Err(Refusal::because(Issue::PAYPAL_REQUEST_ID_REQUIRED));
    }
    let (context, at) = if named_wallet {
        only(source, "/payment_source", &["paypal"])?;
        only(&source["paypal"], "/payment_source/paypal", WALLET)?;
        (&source["paypal"]["experience_context"], "/payment_source/paypal/experience_context")
    } else {
        (&body["application_context"], "/application_context")
    };
    let page = page_settings(context, at)?;
    let mut unit = unit_of(body)?;
    unit["payee"] = json!({ "email_address": "shop@merchant.example", "merchant_id": "SMMERCHANT234" });
    let id = ids::capitals(17);
    let now = stamp(books.now_ms);
    let mut order = json!({
        "id": id, "intent": "CAPTURE", "purchase_units": [unit], "create_time": now, "update_time": now,
        "status": if named_wallet { "PAYER_ACTION_REQUIRED" } else { "CREATED" }, "_sim": page,
    });
    if named_wallet {
        order["payment_source"] = json!({ "paypal": {} });
    }
    books.insert(Kind::PaypalOrder, &order, None)?;
    books.schedule(books.now_ms + UNAPPROVED_MS, Later::PaypalOrderEnds, &id)?;
    Ok(Done { status: 201, body: shown(books, &order)? })
}

/// What the approval page needs to know.
fn page_settings(context: &Value, at: &str) -> Result<Value, Refusal> {
    if context.is_null() {
        return Ok(json!({}));
    }
    only(context, at, CONTEXT)?;
    for field in ["return_url", "cancel_url"] {
        let url = text(context, field);
        let fine =
            Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !context[field].is_null() && !fine {
            return Err(Refusal::about(Issue::INVALID_PARAMETER_SYNTAX, &format!("{at}/{field}"), url));
        }
    }
    let locale = text(context, "locale");
    if !context["locale"].is_null() && !is_locale(locale) {
        return Err(Refusal::about(Issue::INVALID_PARAMETER_SYNTAX, &format!("{at}/locale"), locale));
    }
    length(context, "brand_name", at, 127)?;
    choice(context, "user_action", at, &["CONTINUE", "PAY_NOW"], false)?;
    choice(
        context,
        "shipping_preference",
        at,
        &["GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"],
        false,
    )?;
    choice(context, "landing_page", at, &["LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE", "BILLING"], false)?;
    Ok(json!({
        "return_url": context["return_url"], "cancel_url": context["cancel_url"], "locale": context["locale"],
        "brand": context["brand_name"], "pay_now": text(context, "user_action") == "PAY_NOW",
    }))
}

/// `^[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?$` (component `language`).
fn is_locale(locale: &str) -> bool {
    let mut parts = locale.split('-');
    let all =
        |part: &str, length: usize, fits: fn(u8) -> bool| part.len() == length && part.bytes().all(fits);
    let lower = |byte: u8| byte.is_ascii_lowercase();
    let upper = |byte: u8| byte.is_ascii_uppercase();
    let digit = |byte: u8| byte.is_ascii_digit();
    if !parts.next().is_some_and(|language| all(language, 2, lower)) {
        return false;
    }
    let mut rest: Vec<&str> = parts.collect();
    let script = |part: &str| part.len() == 4 && all(&part[..1], 1, upper) && all(&part[1..], 3, lower);
    if rest.first().is_some_and(|part| part.is_ascii() && script(part)) {
        rest.remove(0);
    }
    match rest.as_slice() {
        [] => true,
        [region] => all(region, 2, upper) || all(region, 3, digit),
        _ => false,
    }
}

/// The one purchase unit; several are not part of this slice.
fn unit_of(body: &Value) -> Result<Value, Refusal> {
    let at = "/purchase_units";
    let units = body["purchase_units"].as_array().ok_or_else(|| Refusal::missing(at))?;
    let unit = match units.as_slice() {
        [] => return Err(Refusal::about(Issue::INVALID_ARRAY_MIN_ITEMS, at, "0")),
        [unit] => unit,
        _ => return Err(Refusal::about(Issue::INVALID_ARRAY_MAX_ITEMS, at, &units.len().to_string())),
    };
    let at = "/purchase_units/@reference_id=='default'";
    only(unit, at, UNIT)?;
    for (field, most) in [
        ("reference_id", 256),
        ("description", 127),
        ("custom_id", 127),
        ("invoice_id", 127),
        ("soft_descriptor", 22),
    ] {
        length(unit, field, at, most)?;
    }
    let given = &unit["amount"];
    if given.is_null() {
        return Err(Refusal::missing(&format!("{at}/amount")));
    }
    let amount = Money::above_zero(given, &format!("{at}/amount"))?;
    check_items(unit, &amount, at)?;
    let mut kept = unit.clone();
    if kept["reference_id"].is_null() {
        kept["reference_id"] = json!("default");
    }
    kept["amount"]["value"] = json!(amount.value());
    Ok(kept)
}

/// Items need their total, and the totals have to agree (issues `ITEM_TOTAL_*`, `AMOUNT_MISMATCH`).
fn check_items(unit: &Value, amount: &Money, at: &str) -> Result<(), Refusal> {
    let breakdown = &unit["amount"]["breakdown"];
    let field = format!("{at}/amount/breakdown/item_total");
    let total = match &breakdown["item_total"] {
        Value::Null => None,
        total => Some(Money::of(total, &field)?),
    };
    if !breakdown.is_null() {
        only(breakdown, &format!("{at}/amount/breakdown"), &["item_total"])?;
        if total.as_ref() != Some(amount) {
            return Err(Refusal::about(
                Issue::AMOUNT_MISMATCH,
                &format!("{at}/amount/value"),
                &amount.value(),
            ));
        }
    }
    let Some(items) = unit["items"].as_array() else { return Ok(()) };
    let Some(total) = total else { return Err(Refusal::about(Issue::ITEM_TOTAL_REQUIRED, &field, "")) };
    let mut sum: i64 = 0;
    for (index, item) in items.iter().enumerate() {
        let at = format!("{at}/items/{index}");
        only(item, &at, ITEM)?;
        length(item, "name", &at, 127)?;
        if item["name"].is_null() {
            return Err(Refusal::missing(&format!("{at}/name")));
        }
        let unit = Money::of(&item["unit_amount"], &format!("{at}/unit_amount"))?;
        let quantity: i64 = text(item, "quantity").parse().map_err(|_| {
            Refusal::about(Issue::INVALID_PARAMETER_SYNTAX, &format!("{at}/quantity"), text(item, "quantity"))
        })?;
        sum = sum.saturating_add(unit.minor.saturating_mul(quantity));
    }
    if sum == total.minor {
        Ok(())
    } else {
        Err(Refusal::about(Issue::ITEM_TOTAL_MISMATCH, &field, &total.value()))
    }
}

/// Refuses a field that this slice does not have: it would be ignored in silence.
fn only(object: &Value, at: &str, known: &[&str]) -> Result<(), Refusal> {
    let Some(fields) = object.as_object() else {
        return Err(Refusal::about(Issue::INVALID_PARAMETER_SYNTAX, at, ""));
    };
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Refusal::about(Issue::NOT_SUPPORTED, &format!("{at}/{key}"), "")),
        None => Ok(()),
    }
}

fn choice(object: &Value, field: &str, at: &str, choices: &[&str], required: bool) -> Result<(), Refusal> {
    let at = format!("{at}/{field}");
    match object[field].as_str() {
        None if required => Err(Refusal::missing(&at)),
        None => Ok(()),
        Some(value) if choices.contains(&value) => Ok(()),
        Some(value) => Err(Refusal::about(Issue::INVALID_PARAMETER_VALUE, &at, value)),
    }
}

/// A text of one to `most` characters, where it is given.
pub fn length(object: &Value, field: &str, at: &str, most: usize) -> Result<(), Refusal> {
    if object[field].is_null() {
        return Ok(());
    }
    let value = text(object, field);
    if (1..=most).contains(&value.chars().count()) {
        return Ok(());
    }
    Err(Refusal::about(Issue::INVALID_STRING_LENGTH, &format!("{at}/{field}"), value))
}

/// The stored order, or PayPal's 404.
pub fn find(books: &Books<'_>, id: &str) -> Result<Value, Refusal> {
    books.find(Kind::PaypalOrder, id)?.ok_or_else(Refusal::not_found)
}

/// The order as it is answered now: with its captures, refunds and links.
pub fn shown(books: &Books<'_>, order: &Value) -> Result<Value, Refusal> {
    let id = text(order, "id");
    let mut body = public(order);
    let mut captured = Vec::new();
    let mut refunded = Vec::new();
    for capture in books.children(Kind::PaypalCapture, id)? {
        refunded.extend(books.children(Kind::PaypalRefund, text(&capture, "id"))?);
        captured.push(captures::within_order(&capture));
    }
    if !captured.is_empty() {
        body["purchase_units"][0]["payments"] = json!({ "captures": captured });
    }
    if !refunded.is_empty() {
        let refunded: Vec<Value> = refunded.iter().map(refunds::shown).collect();
        body["purchase_units"][0]["payments"]["refunds"] = json!(refunded);
    }
    body["links"] = json!(links(books.base_url, order));
    Ok(body)
}

/// Where the payer is sent.
pub fn page(base_url: &str, order: &Value) -> Value {
    let rel = if order["payment_source"].is_null() { "approve" } else { "payer-action" };
    link(&format!("{base_url}/checkoutnow/{}", text(order, "id")), rel, "GET")
}

fn links(base_url: &str, order: &Value) -> Vec<Value> {
    let own = format!("{base_url}/v2/checkout/orders/{}", text(order, "id"));
    let mut links = vec![link(&own, "self", "GET")];
    match text(order, "status") {
        "CREATED" | "PAYER_ACTION_REQUIRED" => links.push(page(base_url, order)),
        "APPROVED" => links.push(link(&format!("{own}/capture"), "capture", "POST")),
        _ => {}
    }
    links
}

/// Forgets an order whose time has come; one that was approved lives longer, a captured one for ever.
pub fn end_when_due(books: &mut Books<'_>, id: &str) -> Result<(), Refusal> {
    let Some(order) = books.find(Kind::PaypalOrder, id)? else { return Ok(()) };
    let ends_at = number(&order["_sim"], "approved_at") + APPROVED_MS;
    if text(&order, "status") == "APPROVED" && books.now_ms < ends_at {
        books.schedule(ends_at, Later::PaypalOrderEnds, id)?;
        return Ok(());
    }
    if text(&order, "status") == "COMPLETED" { Ok(()) } else { end(books, id) }
}

/// Forgets an order that was not captured: from now on it is not found.
pub fn end(books: &mut Books<'_>, id: &str) -> Result<(), Refusal> {
    let mut order = find(books, id)?;
    match text(&order, "status") {
        "COMPLETED" => return Err(Refusal::because(Issue::ORDER_ALREADY_CAPTURED)),
        "APPROVED" => {
            order["status"] = json!("VOIDED");
            let body = shown(books, &order)?;
            events::emit(books, events::Name::ApprovalReversed, &body)?;
        }
        _ => {}
    }
    books.remove(id)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_written_as_the_document_says() {
        for good in ["zh-CN", "en", "en-GB", "zh-Hans-CN", "es-419"] {
            assert!(is_locale(good), "{good}");
        }
        for bad in ["", "zh_CN", "ZH-CN", "zh-cn", "english", "en-GB-x"] {
            assert!(!is_locale(bad), "{bad}");
        }
    }
}
