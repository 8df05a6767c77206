//! Addresses of our own pages that leave the house: in mails, text messages, QR codes and requests to providers.
//!
//! Each begins with the public address of the installation. A page that moves is moved here too: `tests/links.rs`
//! holds every link against the routes of the web crate, so that a renamed one does not break mails in silence.

/// The first page.
pub fn home(public_url: &str) -> String {
    format!("{public_url}/")
}

/// An order, by its code.
pub fn order(public_url: &str, code: &str) -> String {
    format!("{public_url}/o/{code}")
}

/// The invoice of an order.
pub fn invoice(public_url: &str, code: &str) -> String {
    format!("{public_url}/o/{code}/invoice")
}

/// Where a provider sends the buyer back to; the word proves the browser.
pub fn order_return(public_url: &str, code: &str, word: &str) -> String {
    format!("{public_url}/o/{code}/return?word={word}")
}

/// Where a payer comes back to who filled a float at a counter: on whatever phone or computer they paid.
pub fn counter_back(public_url: &str) -> String {
    format!("{public_url}/agent/back")
}

/// A question to support, by its code.
pub fn support_case(public_url: &str, code: &str) -> String {
    format!("{public_url}/support/{code}")
}

/// The promotions that run.
pub fn promotions(public_url: &str) -> String {
    format!("{public_url}/promotions")
}

/// One's account.
pub fn account(public_url: &str) -> String {
    format!("{public_url}/account")
}

/// Signing in.
pub fn sign_in(public_url: &str) -> String {
    format!("{public_url}/sign-in")
}

/// Where one reader ends marketing mails.
pub fn unsubscribe(public_url: &str, token: &str) -> String {
    format!("{public_url}/unsubscribe/{token}")
}

/// Where the owner of an agent fills its float.
pub fn owner_float(public_url: &str) -> String {
    format!("{public_url}/agent/owner/float")
}

/// Every link, with the public address and the parts given; for the test that each meets a route.
pub fn all(public_url: &str, part: &str) -> Vec<String> {
    vec![
        home(public_url),
        order(public_url, part),
        invoice(public_url, part),
        order_return(public_url, part, part),
        support_case(public_url, part),
        promotions(public_url),
        account(public_url),
        sign_in(public_url),
        unsubscribe(public_url, part),
        owner_float(public_url),
    ]
}
