//! A partner's program: calls the API with its key and keeps what came back.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// An answer with everything that a test looks at.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the body arrives");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    pub fn content_type(&self) -> &str {
        self.header(CONTENT_TYPE.as_str())
    }

    pub fn replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    /// A text of the body, such as `id`; empty when it is not there.
    pub fn text_of(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or("")
    }

    /// Checks that this is a problem of the API with this status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.text_of("code")), (status, code), "{}", self.text);
        assert_eq!(self.content_type(), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert!(!self.text_of("title").is_empty() && !self.text_of("detail").is_empty());
    }
}

/// A caller of the API.
#[derive(Clone)]
pub struct Api {
    client: Client,
    url: String,
    key: String,
}

impl Api {
    pub fn new(url: &str, key: &str) -> Api {
        Api { client: client(), url: url.to_owned(), key: key.to_owned() }
    }

    /// The same program with another key.
    pub fn with_key(&self, key: &str) -> Api {
        Api { key: key.to_owned(), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        if self.key.is_empty() { request } else { request.bearer_auth(&self.key) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.expect("an answer")).await
    }

    pub async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Answer {
        Answer::of(self.try_post(path, key, body).await.expect("an answer")).await
    }

    /// The same when the server may die under it.
    pub async fn try_post(
        &self,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> reqwest::Result<reqwest::Response> {
        let request = self.request(Method::POST, path).json(body);
        let request = key.into_iter().fold(request, |r, key| r.header("Idempotency-Key", key));
        request.send().await
    }

    /// Sells from the float.
    pub async fn sell(&self, key: &str, number: &str, offer: &str) -> Answer {
        self.post("/v1/top-ups", Some(key), &float_sale(number, offer)).await
    }

    /// Asks for a hosted payment page.
    pub async fn host(&self, key: &str, number: &str, offer: &str) -> Answer {
        self.post("/v1/top-ups", Some(key), &hosted_sale(number, offer)).await
    }

    /// The state in which a top-up is now.
    pub async fn state(&self, id: &str) -> String {
        let answer = self.get(&format!("/v1/top-ups/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text_of("state").to_owned()
    }

    /// The money on a line.
    pub async fn balance(&self, number: &str) -> i64 {
        let answer = self.get(&format!("/v1/lines/{number}/balance")).await;
        answer.json["money"]["amount_minor"].as_i64().expect("a balance")
    }

    /// The float in a currency.
    pub async fn float(&self, currency: &str) -> i64 {
        let answer = self.get("/v1/float").await;
        let floats = answer.json["items"].as_array().expect("floats");
        let own = floats.iter().find(|f| f["balance"]["currency"] == currency);
        own.map_or(0, |f| f["balance"]["amount_minor"].as_i64().expect("an amount"))
    }
}

pub fn float_sale(number: &str, offer: &str) -> Value {
    json!({ "msisdn": number, "offer_id": offer, "tender": { "type": "float" } })
}

pub fn hosted_sale(number: &str, offer: &str) -> Value {
    let tender = json!({ "type": "hosted", "return_url": "https://shop.example/done" });
    json!({ "msisdn": number, "offer_id": offer, "tender": tender })
}

/// A client that follows nothing, so that a test sees every redirect.
pub fn client() -> Client {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    client.timeout(std::time::Duration::from_secs(30)).build().expect("an HTTP client")
}
