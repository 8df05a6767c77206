//! A counter: a browser with a key of its own, which signs what it sends as `agent.js` does, and the people who unlock
//! it. Start reading at [`opened`].

use super::api::Answer;
use super::buyer::{Buyer, attribute, redirected, text};
use super::registry::TEN;
use super::shop::Shop;
use super::town::Town;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::id::{AgentId, PlaceId};
use domain::locale::Locale;
use flows::counter::clerks;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

pub const PIN: &str = "4913";
/// The number of the first clerk of an agent, who is its owner.
pub const OWNER: &str = "11";

/// A browser that may be paired.
pub struct Counter {
    pub browser: Buyer,
    key: EcdsaKeyPair,
    /// What it was told to sign as.
    pub id: Mutex<String>,
}

/// How a request is signed, to be altered by tests.
#[derive(Debug, Clone)]
pub struct Signing {
    pub key_id: String,
    /// Seconds of the unix epoch.
    pub created: i64,
    pub nonce: String,
}

pub fn agent(town: &Town) -> AgentId {
    AgentId::new(town.world.ids.as_ref(), town.world.now())
}

pub fn place(town: &Town) -> PlaceId {
    PlaceId::new(town.world.ids.as_ref(), town.world.now())
}

/// The code of an invited owner, for a new agent with one outlet.
pub async fn invited(town: &Town) -> String {
    let invited = clerks::invite_owner(&town.world, &agent(town), &place(town), "Li Na", Locale::En).await;
    invited.expect("invited").expect("a name").code
}

/// A paired device that its owner has unlocked.
pub async fn opened(town: &Town) -> Counter {
    let (counter, code) = (Counter::new(town), invited(town).await);
    assert_eq!(counter.pair(town, &code).await.status, 204);
    let form = [("number", OWNER), ("code", &code), ("pin", PIN), ("again", PIN)];
    assert_eq!(redirected(&counter.post(town, "/agent/first-pin", &form).await), "/agent");
    counter
}

fn next_nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("nonce-of-a-test-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

impl Counter {
    pub fn new(town: &Town) -> Counter {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Counter { browser: town.buyer(), key, id: Mutex::new(String::new()) }
    }

    /// The same key in a browser that forgot its cookies.
    pub fn without_cookies(self, town: &Town) -> Counter {
        Counter { browser: town.buyer(), ..self }
    }

    pub fn public_key(&self) -> String {
        hex::encode(self.key.public_key().as_ref())
    }

    pub fn signing(&self, town: &Town) -> Signing {
        let key_id = self.id.lock().expect("one thread").clone();
        Signing { key_id, created: town.world.now().0 / 1_000, nonce: next_nonce() }
    }

    /// The headers of a signed POST (RFC 9421).
    pub fn headers(
        &self,
        town: &Town,
        path: &str,
        body: &str,
        signing: &Signing,
    ) -> Vec<(&'static str, String)> {
        let digest = format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body.as_bytes())));
        let Signing { key_id, created, nonce } = signing;
        let parameters = format!(
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");created={created};\
             keyid=\"{key_id}\";nonce=\"{nonce}\";alg=\"ecdsa-p256-sha256\""
        );
        let authority = town.url.trim_start_matches("http://");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let base = format!(
            "\"@method\": POST\n\"@authority\": {authority}\n\"@path\": {path}\n\"@query\": ?{query}\n\
             \"content-digest\": {digest}\n\"@signature-params\": {parameters}"
        );
        let signed = self.key.sign(&SystemRandom::new(), base.as_bytes()).expect("signed");
        vec![
            ("content-digest", digest),
            ("signature-input", format!("sig={parameters}")),
            ("signature", format!("sig=:{}:", STANDARD.encode(signed))),
        ]
    }

    /// Sends a form, signed.
    pub async fn post(&self, town: &Town, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(form).expect("a form");
        let headers = self.headers(town, path, &body, &self.signing(town));
        self.browser.post_with(path, &headers, body).await
    }

    /// Sends a form signed in this way.
    pub async fn post_signed(
        &self,
        town: &Town,
        path: &str,
        form: &[(&str, &str)],
        signing: &Signing,
    ) -> Answer {
        let body = serde_urlencoded::to_string(form).expect("a form");
        let headers = self.headers(town, path, &body, signing);
        self.browser.post_with(path, &headers, body).await
    }

    /// Pairs with a code, and remembers what to sign as.
    pub async fn pair(&self, town: &Town, code: &str) -> Answer {
        self.introduce(town, "/agent/pair", &[("code", code), ("public_key", &self.public_key())]).await
    }

    /// Is known again by its key alone.
    pub async fn return_with_key(&self, town: &Town) -> Answer {
        self.introduce(town, "/agent/known", &[("public_key", &self.public_key())]).await
    }

    async fn introduce(&self, town: &Town, path: &str, form: &[(&str, &str)]) -> Answer {
        let signing = Signing { key_id: "new".into(), ..self.signing(town) };
        let answer = self.post_signed(town, path, form, &signing).await;
        let id = answer.header("recarga-device");
        if !id.is_empty() {
            *self.id.lock().expect("one thread") = id.to_owned();
        }
        answer
    }

    /// Unlocks with a number and a PIN.
    pub async fn unlock(&self, town: &Town, number: &str, pin: &str) -> Answer {
        self.post(town, "/agent/unlock", &[("number", number), ("pin", pin)]).await
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {} {}", answer.header("location"), answer.text);
        answer.text
    }
}

/// A counter of a shop, unlocked by an owner of it.
pub async fn counter_of(town: &Town, shop: &Shop) -> Counter {
    let agent = &shop.outlet.agent;
    let invited = clerks::invite_owner(&town.world, agent, &shop.outlet.place, "Li Na", Locale::En).await;
    let invited = invited.expect("invited").expect("a name");
    let counter = Counter::new(town);
    assert_eq!(counter.pair(town, &invited.code).await.status, 204);
    let number = invited.clerk.number.to_string();
    let form = [("number", number.as_str()), ("code", &invited.code), ("pin", PIN), ("again", PIN)];
    assert_eq!(redirected(&counter.post(town, "/agent/first-pin", &form).await), "/agent");
    counter
}

pub async fn open_till(town: &Town, counter: &Counter, start: &str) {
    assert_eq!(redirected(&counter.post(town, "/agent/till/open", &[("start", start)]).await), "/agent/sale");
}

pub fn hidden(page: &str, name: &str) -> String {
    attribute(page, &format!("input[name={name}]"), "value").unwrap_or_default()
}

/// From the number to the screen on which it is paid.
pub async fn to_pay(town: &Town, counter: &Counter, number: &str) -> String {
    let page = counter.page("/agent/sale").await;
    let key = hidden(&page, "key");
    let offers = counter.post(town, "/agent/sale", &[("key", &key), ("msisdn", number)]).await;
    assert_eq!((offers.status, hidden(&offers.text, "key")), (200, key.clone()), "{}", offers.text);
    let msisdn = hidden(&offers.text, "msisdn");
    let form = [("key", key.as_str()), ("msisdn", &msisdn), ("offer", TEN)];
    let pay = counter.post(town, "/agent/sale/review", &form).await;
    assert_eq!(hidden(&pay.text, "key"), key, "one key from the number to the receipt");
    pay.text
}

/// The press of a note.
pub async fn press(town: &Town, counter: &Counter, pay: &str, given: &str) -> Answer {
    press_with(town, counter, pay, &[("given", given)]).await
}

/// The press of a button on the paying screen, with what stands in its form beside the sale.
pub async fn press_with(town: &Town, counter: &Counter, pay: &str, with: &[(&str, &str)]) -> Answer {
    let fields =
        ["key", "msisdn", "offer", "expected_total", "expected_bonus"].map(|name| (name, hidden(pay, name)));
    let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    form.extend(with);
    counter.post(town, "/agent/sale/sell", &form).await
}

pub fn said(page: &str, id: &str) -> String {
    text(page, &format!("[data-testid={id}]")).trim().to_owned()
}
