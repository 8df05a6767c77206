//! Checkout Sessions: create, retrieve, list, expire (docs.stripe.com/api/checkout/sessions).
//! Start reading at [`create`]. A session has no PaymentIntent until somebody tries to pay.

use serde_json::{Value, json};
use url::Url;

use super::errors::ApiError;
use super::form::Form;
use super::lists;
use crate::books::{Books, Kind, Later};
use crate::ids;
use crate::json::{as_map, number, text};

const SHORTEST_LIFE: i64 = 30 * 60;
const LONGEST_LIFE: i64 = 24 * 3600;
const CREATE: &[&str] = &[
    "adaptive_pricing[enabled]",
    "mode",
    "payment_method_options[card][request_three_d_secure]",
    "success_url",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "expires_at",
    "locale",
    "submit_type",
    "ui_mode",
    "metadata[*]",
    "payment_method_types[*]",
    "line_items[*][quantity]",
    "line_items[*][price_data][currency]",
    "line_items[*][price_data][unit_amount]",
    "line_items[*][price_data][product_data][name]",
    "line_items[*][price_data][product_data][description]",
    "line_items[*][price_data][product_data][metadata][*]",
    "payment_intent_data[metadata][*]",
    "payment_intent_data[description]",
    "payment_intent_data[receipt_email]",
    "payment_intent_data[statement_descriptor]",
    "payment_intent_data[statement_descriptor_suffix]",
];
/// The locales Stripe's page knows, as far as our users need them.
const LOCALES: &[&str] = &[
    "auto", "ar", "de", "en", "en-GB", "es", "es-419", "fr", "fr-CA", "it", "ja", "ko", "nl", "pl", "pt",
    "pt-BR", "ru", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

/// `POST /v1/checkout/sessions`
pub fn create(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(CREATE)?;
    check_choice(form, "mode", &["payment"], true)?;
    check_choice(form, "ui_mode", &["hosted"], false)?;
    check_choice(form, "locale", LOCALES, false)?;
    // The page shows one amount in one currency: only that can be asked for.
    check_choice(form, "adaptive_pricing[enabled]", &["false"], false)?;
    let challenges = &["any", "automatic", "challenge"];
    check_choice(form, "payment_method_options[card][request_three_d_secure]", challenges, false)?;
    check_choice(form, "submit_type", &["auto", "book", "donate", "pay"], false)?;
    for method in form.list("payment_method_types") {
        if method != "card" {
            let message = format!("The payment method type \"{method}\" is invalid.");
            return Err(ApiError::parameter("payment_method_types", None, message));
        }
    }
    let success_url = url_of(form, "success_url")?.ok_or_else(|| ApiError::missing("success_url"))?;
    let cancel_url = url_of(form, "cancel_url")?;
    let expires_at = expiry(form, books.now())?;
    let (items, currency, total) = line_items(form)?;
    let id = ids::random("cs_test_a1", 56);
    let three_d_secure =
        form.text("payment_method_options[card][request_three_d_secure]").unwrap_or("automatic");
    let intent_data = json!({
        "metadata": as_map(form.metadata("payment_intent_data[metadata]")?),
        "description": form.text("payment_intent_data[description]"),
        "receipt_email": form.text("payment_intent_data[receipt_email]"),
        "statement_descriptor": form.text("payment_intent_data[statement_descriptor]"),
        "statement_descriptor_suffix": form.text("payment_intent_data[statement_descriptor_suffix]"),
    });
    let session = json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": null, "after_expiration": null,
        "allow_promotion_codes": null, "amount_subtotal": total, "amount_total": total,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null, "cancel_url": cancel_url,
        "client_reference_id": form.text("client_reference_id"), "client_secret": null, "consent": null,
        "consent_collection": null, "created": books.now(), "currency": currency, "custom_fields": [],
        "customer": null, "customer_creation": "if_required", "customer_details": null,
        "customer_email": email(form)?, "discounts": [], "expires_at": expires_at, "invoice": null,
        "livemode": false, "locale": form.text("locale"), "metadata": as_map(form.metadata("metadata")?),
        "mode": "payment", "payment_intent": null, "payment_link": null,
        "payment_method_collection": "if_required", "payment_method_options": { "card": { "request_three_d_secure": three_d_secure } },
        "payment_method_types": ["card"], "payment_status": "unpaid", "recovered_from": null,
        "setup_intent": null, "shipping_options": [], "status": "open",
        "submit_type": form.text("submit_type"), "subscription": null, "success_url": success_url,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted", "url": format!("{}/pay/{id}", books.base_url),
        "_sim": { "line_items": items, "intent": intent_data },
    });
    books.insert(Kind::Session, &session, None)?;
    books.schedule(expires_at * 1000, Later::Expire, &id)?;
    Ok(session)
}

fn check_choice(form: &Form, key: &str, choices: &[&str], required: bool) -> Result<(), ApiError> {
    match form.text(key) {
        None if required => Err(ApiError::missing(key)),
        None => Ok(()),
        Some(value) if choices.contains(&value) => Ok(()),
        Some(value) => {
            let message = format!("Invalid {key}: must be one of {}; not \"{value}\".", choices.join(", "));
            Err(ApiError::parameter(key, None, message))
        }
    }
}

fn url_of(form: &Form, key: &str) -> Result<Option<String>, ApiError> {
    let Some(value) = form.text(key) else { return Ok(None) };
    let fine = value.len() <= 5_000
        && Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if fine {
        return Ok(Some(value.to_owned()));
    }
    Err(ApiError::parameter(key, Some("url_invalid"), format!("Not a valid URL: {key}")))
}

fn email(form: &Form) -> Result<Option<&str>, ApiError> {
    match form.text("customer_email") {
        Some(value) if !value.contains('@') => {
            let message = format!("Invalid email address: {value}");
            Err(ApiError::parameter("customer_email", Some("email_invalid"), message))
        }
        given => Ok(given),
    }
}

fn expiry(form: &Form, now: i64) -> Result<i64, ApiError> {
    let Some(at) = form.integer("expires_at")? else { return Ok(now + LONGEST_LIFE) };
    // A minute of grace on both sides for clocks that disagree.
    if at < now + SHORTEST_LIFE - 60 {
        let message =
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.";
        return Err(ApiError::parameter("expires_at", None, message.to_owned()));
    }
    if at > now + LONGEST_LIFE + 60 {
        let message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.";
        return Err(ApiError::parameter("expires_at", None, message.to_owned()));
    }
    Ok(at)
}

fn line_items(form: &Form) -> Result<(Vec<Value>, String, i64), ApiError> {
    let count = form.entries("line_items");
    if count == 0 {
        return Err(ApiError::missing("line_items"));
    }
    let mut items = Vec::with_capacity(count);
    let mut total: i64 = 0;
    let first = currency(form, "line_items[0][price_data][currency]")?;
    for at in 0..count {
        let key = |field: &str| format!("line_items[{at}]{field}");
        let unit_key = key("[price_data][unit_amount]");
        let unit = form.integer(&unit_key)?.ok_or_else(|| ApiError::missing(&unit_key))?;
        let quantity_key = key("[quantity]");
        let quantity = form.integer(&quantity_key)?.ok_or_else(|| ApiError::missing(&quantity_key))?;
        let name = form.required(&key("[price_data][product_data][name]"))?;
        if currency(form, &key("[price_data][currency]"))? != first {
            let message = "All line items must have the same currency.".to_owned();
            return Err(ApiError::parameter("line_items", None, message));
        }
        if unit < 0 || quantity < 1 {
            let message = "unit_amount must be at least 0 and quantity at least 1.".to_owned();
            return Err(ApiError::parameter(&unit_key, Some("parameter_invalid_integer"), message));
        }
        let amount = unit.checked_mul(quantity).filter(|amount| *amount <= super::MOST_MINOR);
        let amount = amount.ok_or_else(|| super::too_large(&unit_key))?;
        total = total.saturating_add(amount);
        items.push(json!({
            "id": ids::random("li_1", 23), "object": "item", "amount_discount": 0, "amount_subtotal": amount,
            "amount_tax": 0, "amount_total": amount, "currency": first, "description": name, "quantity": quantity,
            "price": { "object": "price", "currency": first, "unit_amount": unit, "type": "one_time" },
        }));
    }
    super::check_amount("line_items", total, &first)?;
    Ok((items, first, total))
}

fn currency(form: &Form, key: &str) -> Result<String, ApiError> {
    super::check_currency(key, form.required(key)?)
}

/// `GET /v1/checkout/sessions`
pub fn list(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&[lists::PAGING, &["payment_intent", "status"]].concat())?;
    let wanted = form.text("payment_intent");
    let status = form.text("status");
    lists::page(books, Kind::Session, form, "/v1/checkout/sessions", |session| {
        wanted.is_none_or(|id| text(session, "payment_intent") == id)
            && status.is_none_or(|status| text(session, "status") == status)
    })
}

/// `GET /v1/checkout/sessions/{id}/line_items`
pub fn line_items_of(books: &Books<'_>, id: &str) -> Result<Value, ApiError> {
    let session = books.get(Kind::Session, id)?;
    Ok(items_list(&session))
}

/// The items of a session as a list object.
pub fn items_list(session: &Value) -> Value {
    json!({
        "object": "list", "data": session["_sim"]["line_items"], "has_more": false,
        "url": format!("/v1/checkout/sessions/{}/line_items", text(session, "id")),
    })
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub fn expire(books: &mut Books<'_>, id: &str) -> Result<Value, ApiError> {
    let session = books.get(Kind::Session, id)?;
    let status = text(&session, "status");
    if status != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a \
             status of `{status}`."
        );
        return Err(ApiError::state(None, message));
    }
    close(books, session)
}

/// Expires a session whose time has come; one that is no longer open is left alone.
pub fn expire_when_due(books: &mut Books<'_>, id: &str) -> Result<(), ApiError> {
    match books.find(Kind::Session, id)? {
        Some(session) if text(&session, "status") == "open" => close(books, session).map(|_| ()),
        Some(_) | None => Ok(()),
    }
}

fn close(books: &mut Books<'_>, mut session: Value) -> Result<Value, ApiError> {
    session["status"] = json!("expired");
    session["url"] = Value::Null;
    if number(&session, "expires_at") > books.now() {
        session["expires_at"] = json!(books.now());
    }
    books.update(&session)?;
    if let Some(mut intent) = books.find(Kind::Intent, text(&session, "payment_intent"))? {
        super::payment_intents::mark_canceled(books, &mut intent, "automatic")?;
    }
    books.emit("checkout.session.expired", &session)?;
    Ok(session)
}
