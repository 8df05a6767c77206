//! Asking for every page: who asks, for what, and how long each answer took.

use super::Page;
use crate::demo::LIN;
use anyhow::{Context, Result, ensure};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// What everybody may see, and what an account or a staff member sees.
const OF_ALL: &[&str] = &[
    "/",
    "/promotions",
    "/help",
    "/verify",
    "/verify/outlet/S10101",
    "/shops",
    "/shops/S10101",
    "/status",
    "/o",
    "/support",
    "/sign-in",
    "/register",
    "/docs",
    "/demo",
];
const OF_LIN: &[&str] = &[
    "/",
    "/me",
    "/me/history",
    "/me/history.csv",
    "/account",
    "/account/lines",
    "/account/export",
    "/support",
];
const OF_STAFF: &[&str] = &[
    "/office",
    "/office/orders",
    "/office/open-refunds",
    "/office/dead",
    "/office/stuck",
    "/office/cases",
    "/office/refunds",
    "/office/limits",
    "/office/campaigns",
    "/office/catalogue",
    "/office/promotions",
    "/office/staff",
    "/office/audit",
];
/// Pages that are found by a link of this beginning on another page.
const FOUND_BY_LIN: &[(&str, &str, &str)] = &[
    ("/me", "/me/lines/", "/me/lines/LINE"),
    ("/me/history", "/o/", "/o/CODE"),
    ("/me/history", "/me/history?", "/me/history, filtered or older"),
];
const FOUND_BY_STAFF: &[(&str, &str, &str)] = &[
    ("/office/orders", "/office/orders/", "/office/orders/CODE"),
    ("/office/cases", "/office/cases/", "/office/cases/CODE"),
    ("/office/refunds", "/office/refunds/", "/office/refunds/ID"),
    ("/office/catalogue", "/office/catalogue/", "/office/catalogue/ID"),
    ("/office/limits", "/office/limits/", "/office/limits/KEY"),
];

/// Somebody who asks, with the cookies that their door gave.
struct Reader<'a> {
    client: &'a Client,
    base: &'a str,
    cookies: String,
}

/// Asks for every page so many times, one after the other over one connection.
pub async fn look(base: &str, times: usize) -> Result<BTreeMap<String, Page>> {
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let guest = Reader { client: &client, base, cookies: String::new() };
    let lin = guest.enter("subscriber").await?;
    let staff = guest.enter("supervisor").await?;
    let mut pages = BTreeMap::new();
    for (reader, who, paths, found) in [
        (&guest, "a guest", OF_ALL, &[][..]),
        (&lin, "Lin", OF_LIN, FOUND_BY_LIN),
        (&staff, "staff", OF_STAFF, FOUND_BY_STAFF),
    ] {
        for path in paths {
            let asked = [(*path).to_owned()];
            pages.insert(format!("{path} ({who})"), reader.time(times, &asked, None).await?);
        }
        for (on, begins, shown) in found {
            // All that are linked, in turn: each look of staff is written down, and nobody opens one order hundreds of times.
            let paths = reader.links(on, begins).await?;
            pages.insert(format!("{shown} ({who})"), reader.time(times, &paths, None).await?);
        }
    }
    let orders = lin.links("/me/history", "/o/").await?;
    let is_order = |path: &&String| !path.ends_with("/receipt");
    let receipts: Vec<String> =
        orders.iter().filter(is_order).map(|path| format!("{path}/receipt")).collect();
    pages.insert("/o/CODE/receipt (Lin)".to_owned(), lin.time(times, &receipts, None).await?);
    for (what, sought) in [("a number", LIN), ("an address", "lin@luma.example")] {
        let form = [("q", sought)];
        let leads = staff.time(times, &["/office/search".to_owned()], Some(&form)).await?;
        pages.insert(format!("/office/search for {what} (staff)"), leads);
    }
    let found = staff.ask("/office/search", Some(&[("q", LIN)])).await?.text().await?;
    for (begins, shown) in
        [("/office/lines/", "/office/lines/ID"), ("/office/subscribers/", "/office/subscribers/ID")]
    {
        let paths = links_in(&found, begins).context("the search for Lin's number")?;
        pages.insert(format!("{shown} (staff)"), staff.time(times, &paths, None).await?);
    }
    Ok(pages)
}

impl<'a> Reader<'a> {
    /// Goes in by a door of the demo's tour.
    async fn enter(&self, door: &str) -> Result<Reader<'a>> {
        let answer = self.ask("/demo/doors", Some(&[("door", door)])).await?;
        let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let named: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
        ensure!(!named.is_empty(), "the door {door} did not open");
        Ok(Reader { client: self.client, base: self.base, cookies: named.join("; ") })
    }

    async fn ask(&self, path: &str, form: Option<&[(&str, &str)]>) -> Result<Response> {
        let url = format!("{}{path}", self.base);
        let request = match form {
            None => self.client.get(&url),
            Some(form) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
                let kind = "application/x-www-form-urlencoded";
                self.client.post(&url).header("content-type", kind).header("origin", self.base).body(body)
            }
        };
        let answer = request.header(COOKIE, &self.cookies).send().await.with_context(|| url.clone())?;
        let status = answer.status().as_u16();
        ensure!(status == 200 || status == 303, "{url} answered {status}");
        Ok(answer)
    }

    async fn links(&self, on: &str, begins: &str) -> Result<Vec<String>> {
        links_in(&self.ask(on, None).await?.text().await?, begins).with_context(|| on.to_owned())
    }

    /// Asks for these pages in turn, so many times in all.
    async fn time(&self, times: usize, paths: &[String], form: Option<&[(&str, &str)]>) -> Result<Page> {
        let mut took = Vec::with_capacity(times);
        let mut bytes = 0;
        // The first one is not counted: it fills caches that stay full.
        for (n, path) in (0..=times).zip(paths.iter().cycle()) {
            let begun = Instant::now();
            bytes = self.ask(path, form).await?.bytes().await?.len();
            if n > 0 {
                took.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
        }
        took.sort_unstable();
        let at = |hundredths: usize| {
            took.get((took.len() * hundredths / 100).min(took.len().saturating_sub(1))).copied().unwrap_or(0)
        };
        Ok(Page { p50_us: at(50), p99_us: at(99), bytes })
    }
}

/// The addresses on a page that begin like this and go on, each once.
fn links_in(page: &str, begins: &str) -> Result<Vec<String>> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let deeper = links.filter(|link| link.len() > begins.len() && link.starts_with(begins));
    let found: BTreeSet<String> =
        deeper.map(|link| link.split('#').next().unwrap_or(link).replace("&amp;", "&")).collect();
    ensure!(!found.is_empty(), "no link to {begins}…");
    Ok(found.into_iter().collect())
}
