//! Members: people with accounts, who register and sign in with a browser and read their codes where they arrive.

use super::api::Answer;
use super::buyer::{Buyer, redirected};
use super::outside::Outside;
use super::town::Town;
use super::wait::eventually;

/// Longer than the pause between two codes to one target.
pub const PAUSE_MS: i64 = 31_000;

/// The messages at a number or an address that carry a code: the codes, newest first.
pub async fn codes(outside: &Outside, to: &str) -> Vec<String> {
    let messages = outside.inbox(to).await;
    messages.iter().filter_map(|message| six_digits(message["text"].as_str().unwrap_or(""))).collect()
}

/// The first six digits that stand by themselves.
pub fn six_digits(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
}

/// Does what sends a code, and waits for it.
pub async fn code_after(town: &Town, to: &str, send: impl AsyncFnOnce()) -> String {
    let before = codes(&town.outside, to).await.len();
    send().await;
    next_code(town, to, before).await
}

async fn next_code(town: &Town, to: &str, before: usize) -> String {
    eventually("a code", async || {
        let now = codes(&town.outside, to).await;
        (now.len() > before).then(|| now[0].clone())
    })
    .await
}

/// Enters a code on the page for codes.
pub async fn enter(browser: &Buyer, code: &str) -> Answer {
    browser.post("/code", &[("code", code)]).await
}

/// A code that is wrong whatever the right one is.
pub fn wrong(code: &str) -> String {
    let last = code.chars().next_back().expect("digits");
    let other = if last == '9' { '0' } else { '9' };
    format!("{}{other}", &code[..5])
}

/// The second half of the form.
pub fn details<'a>(number: &'a str, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let known = extra.iter().any(|(name, _)| *name == "locale");
    let locale = (!known).then_some(("locale", "en"));
    [("country", "GB"), ("msisdn", number)].into_iter().chain(locale).chain(extra.iter().copied()).collect()
}

/// Proves the address; answers where that leads.
pub async fn prove_email(town: &Town, browser: &Buyer, email: &str) -> String {
    let code = code_after(town, email, async || {
        let sent = browser.post("/register", &[("email", email)]).await;
        assert_eq!(redirected(&sent), "/code");
    })
    .await;
    redirected(&enter(browser, &code).await)
}

/// Registers with this browser, which is signed in afterwards. The number is given in E.164 digits.
pub async fn register(town: &Town, browser: &Buyer, email: &str, number: &str) {
    register_with(town, browser, email, number, &[]).await;
}

pub async fn register_with(town: &Town, browser: &Buyer, email: &str, number: &str, extra: &[(&str, &str)]) {
    assert_eq!(prove_email(town, browser, email).await, "/register/details");
    let typed = format!("+{number}");
    let code = code_after(town, number, async || {
        let sent = browser.post("/register/details", &details(&typed, extra)).await;
        assert_eq!(redirected(&sent), "/code");
    })
    .await;
    assert_eq!(redirected(&enter(browser, &code).await), "/me");
}

/// Signs in with this browser by a code to a contact.
pub async fn sign_in(town: &Town, browser: &Buyer, typed: &str, arrives_at: &str) -> Answer {
    let code = code_after(town, arrives_at, async || {
        let sent = browser.post("/sign-in", &[("contact", typed)]).await;
        assert_eq!(redirected(&sent), "/code");
    })
    .await;
    enter(browser, &code).await
}

/// Is this browser signed in?
pub async fn is_signed_in(browser: &Buyer) -> bool {
    browser.get("/account").await.status == 200
}

/// The mails to an address whose text says this, newest first.
pub async fn mails_saying(town: &Town, to: &str, words: &str) -> usize {
    let inbox = town.outside.inbox(to).await;
    inbox.iter().filter(|mail| mail["text"].as_str().unwrap_or("").contains(words)).count()
}
