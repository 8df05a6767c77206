//! A buyer with a browser: fills in the portal's forms as they stand on the pages, keeps cookies, follows what it
//! is told to follow.

use super::api::Answer;
use super::outside::Session;
use reqwest::Client;
use scraper::{Html, Selector};

/// Somebody with a browser of their own.
#[derive(Clone)]
pub struct Buyer {
    client: Client,
    url: String,
    language: &'static str,
    browser: &'static str,
}

/// The form that agrees to pay, as it stands on the review page.
#[derive(Debug, Clone)]
pub struct PayForm {
    pub action: String,
    /// What the form carries unseen, such as the total that the buyer was shown.
    hidden: Vec<(String, String)>,
}

/// An order that waits to be paid on a page.
#[derive(Clone)]
pub struct Order {
    pub code: String,
    pub session: Session,
    pub buyer: Buyer,
}

impl Buyer {
    pub fn new(url: &str) -> Buyer {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true);
        let client = client.no_proxy().timeout(std::time::Duration::from_secs(30));
        Buyer {
            client: client.build().expect("a browser"),
            url: url.to_owned(),
            language: "en-GB",
            browser: "",
        }
    }

    pub fn reading(self, language: &'static str) -> Buyer {
        Buyer { language, ..self }
    }

    /// With a browser that names itself so.
    pub fn using(self, browser: &'static str) -> Buyer {
        Buyer { browser, ..self }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = request.header("accept-language", self.language).header("user-agent", self.browser);
        Answer::of(request.send().await.expect("an answer")).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.try_post(path, form).await.expect("an answer")).await
    }

    /// Sends a form with files, as a browser does (RFC 7578): each with its field `files` and its name.
    pub async fn post_files(&self, path: &str, form: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let files: Vec<_> = files.iter().map(|(name, content)| ("files", *name, *content)).collect();
        self.post_documents(path, form, &files).await
    }

    /// The same with fields of other names: each file with its field, its name and what is in it.
    pub async fn post_documents(
        &self,
        path: &str,
        form: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        const EDGE: &str = "an-edge-that-no-file-has";
        let mut body = Vec::new();
        for (name, value) in form {
            let head =
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (field, name, content) in files {
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
        let request =
            self.client.post(format!("{}{path}", self.url)).header("accept-language", self.language);
        let request = request.header("content-type", format!("multipart/form-data; boundary={EDGE}"));
        Answer::of(request.body(body).send().await.expect("an answer")).await
    }

    /// Sends a form with headers of its own, such as a signature.
    pub async fn post_with(&self, path: &str, headers: &[(&str, String)], body: String) -> Answer {
        let request =
            self.client.post(format!("{}{path}", self.url)).header("accept-language", self.language);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        Answer::of(request.body(body).send().await.expect("an answer")).await
    }

    /// The same when the server may die under it.
    pub async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::Result<reqwest::Response> {
        let request =
            self.client.post(format!("{}{path}", self.url)).header("accept-language", self.language);
        request.form(form).send().await
    }

    /// From the first screen to the price: number, offer, review.
    pub async fn review(&self, number: &str, offer: &str) -> PayForm {
        let country = if number.starts_with("49") { "DE" } else { "GB" };
        let chosen = self.post("/top-up", &[("country", country), ("msisdn", &format!("+{number}"))]).await;
        let cart = redirected(&chosen);
        let priced = self.post(&cart, &[("offer", offer), ("amount", "")]).await;
        let page = self.get(&redirected(&priced)).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let action = attribute(&page.text, "[data-testid=pay-form]", "action").expect("a form");
        PayForm { action, hidden: hidden(&page.text, "[data-testid=pay-form]") }
    }

    /// Presses the button that leads to the payment page.
    pub async fn press(&self, form: &PayForm, email: &str) -> Answer {
        self.post(&form.action, &form.fields(email)).await
    }

    /// Goes all the way to PayPal's page.
    pub async fn order_by_paypal(&self, number: &str, offer: &str) -> Order {
        let form = self.review(number, offer).await;
        let fields: Vec<_> = form.fields("").into_iter().chain([("method", "paypal")]).collect();
        let answer = self.post(&form.action, &fields).await;
        let page = redirected(&answer);
        let (_, id) =
            page.split_once("/checkoutnow/").unwrap_or_else(|| panic!("{page} is not PayPal's page"));
        Order { code: passed(&answer), session: Session(id.to_owned()), buyer: self.clone() }
    }

    /// Goes all the way to the payment page.
    pub async fn order(&self, number: &str, offer: &str) -> Order {
        self.order_mailed(number, offer, "").await
    }

    /// The same with an address for the receipt.
    pub async fn order_mailed(&self, number: &str, offer: &str, email: &str) -> Order {
        let form = self.review(number, offer).await;
        let answer = self.press(&form, email).await;
        let session = Session::of_page(&redirected(&answer));
        Order { code: passed(&answer), session, buyer: self.clone() }
    }
}

impl PayForm {
    pub fn fields<'a>(&'a self, email: &'a str) -> Vec<(&'a str, &'a str)> {
        let hidden = self.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        hidden.chain([("email", email)]).collect()
    }
}

impl Order {
    /// The order page as its buyer sees it.
    pub async fn page(&self) -> Answer {
        let page = self.buyer.get(&format!("/o/{}", self.code)).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page
    }

    /// The state that the page shows. Every state says where the money is.
    pub async fn shown(&self) -> String {
        let page = self.page().await;
        assert!(!text(&page.text, "[data-testid=money-sentence]").is_empty());
        attribute(&page.text, "[data-testid=state]", "data-state").expect("a state")
    }

    /// The sentence that says where the money is.
    pub async fn sentence(&self) -> String {
        text(&self.page().await.text, "[data-testid=money-sentence]")
    }

    /// Comes back from the payment page.
    pub async fn comes_back(&self) -> Answer {
        self.buyer.get(&format!("/o/{}/return", self.code)).await
    }

    pub async fn cancel(&self) -> Answer {
        self.buyer.post(&format!("/o/{}/cancel", self.code), &[]).await
    }

    pub async fn retry(&self) -> Answer {
        self.buyer.post(&format!("/o/{}/retry", self.code), &[]).await
    }
}

/// Where an answer leads; panics when it leads nowhere.
#[track_caller]
pub fn redirected(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").to_owned()
}

/// The order whose pass the answer gives: its code as people write it.
#[track_caller]
pub fn passed(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    let name = cookie.split('=').next().and_then(|name| name.strip_prefix("order_"));
    domain::code::parse(name.unwrap_or_else(|| panic!("no pass in {cookie:?}"))).expect("a code")
}

/// An attribute of the first element that fits.
pub fn attribute(html: &str, selector: &str, name: &str) -> Option<String> {
    let page = Html::parse_document(html);
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).next().and_then(|found| found.attr(name)).map(str::to_owned)
}

/// What a form carries unseen: name and value of each hidden field.
fn hidden(html: &str, form: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(html);
    let selector = Selector::parse(&format!("{form} input[type=hidden]")).expect("a selector");
    let named =
        |name, field: scraper::ElementRef<'_>| field.attr(name).expect("a name and a value").to_owned();
    page.select(&selector).map(|field| (named("name", field), named("value", field))).collect()
}

/// The text of the first element that fits, in one line; empty when there is none.
pub fn text(html: &str, selector: &str) -> String {
    let page = Html::parse_document(html);
    let selector = Selector::parse(selector).expect("a selector");
    let found = page.select(&selector).next();
    let words = found.map(|found| found.text().collect::<String>()).unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
