//! What cannot be right in the settings: each fault is one line that begins with its key.

use super::{DatabaseSettings, PayPalSettings, Settings, SmppSettings, StripeSettings};
use gateways::Secret;
use gateways::messaging::smpp::{SmppConfig, Source};
use gateways::payment::paypal::{self, PayPal, PayPalConfig, PayPalConfigError};
use gateways::payment::stripe::terminal::StripeTerminal;
use gateways::payment::stripe::{LIVE_BASE_URL, Stripe, StripeConfig, StripeConfigError};
use gateways::payment::{PaymentGateway, http::Timeouts};
use serde::de::{self, Deserializer};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

pub type Checked<T = ()> = Result<T, String>;

/// Where Stripe shows its hosted pages, unless the account has an address of its own.
const STRIPE_PAGES: &str = "https://checkout.stripe.com";
const PAYPAL_PAGES: &str = "https://www.paypal.com";
const PAYPAL_SANDBOX_PAGES: &str = "https://www.sandbox.paypal.com";

/// Reads `ADDRESS:PORT`.
pub fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text: String = serde::Deserialize::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom(format!("{text:?} is not IP:PORT, such as 127.0.0.1:8080")))
}

/// Reads one of a few words, and lists them when it is none.
pub fn word<'de, D: Deserializer<'de>, T: de::DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let text: String = serde::Deserialize::deserialize(deserializer)?;
    serde_json::from_value(serde_json::Value::String(text)).map_err(de::Error::custom)
}

/// The line of a fault in a file, from 1.
pub fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1
}

/// What the reader says, with the key in front: "… for key `a.b`" becomes "a.b: …".
pub fn key_first(error: &config::ConfigError) -> String {
    let said = error.to_string();
    match said.rsplit_once(" for key `").and_then(|(what, key)| Some((what, key.split_once('`')?.0))) {
        Some((what, key)) => format!("{key}: {what}"),
        None => said,
    }
}

/// Reads a list, or what the environment has: values with commas between them.
pub fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
    struct List;
    impl<'de> de::Visitor<'de> for List {
        type Value = Vec<Secret>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of secrets")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Secret>, E> {
            Ok(text.split(',').map(|one| Secret::new(one.trim())).collect())
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Secret>, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = list.next_element::<String>()? {
                all.push(Secret::new(one));
            }
            Ok(all)
        }
    }
    deserializer.deserialize_any(List)
}

impl Settings {
    /// The first thing that cannot be right.
    pub fn check(&self) -> Checked {
        within("server.workers", self.server.workers, 1, 256)?;
        if let Some(url) = &self.server.public_url {
            plain_url("server.public_url", url)?;
        }
        self.database.check()?;
        if self.portal.brand.trim().is_empty() {
            return Err("portal.brand: is empty".into());
        }
        self.support.check()?;
        self.official.check()?;
        within("orders.answer_within_minutes", self.orders.answer_within_minutes, 1, 7 * 24 * 60)?;
        within("orders.reverse_within_minutes", self.orders.reverse_within_minutes, 0, 7 * 24 * 60)?;
        within("orders.quote_ttl_minutes", self.orders.quote_ttl_minutes, 1, 24 * 60)?;
        let unknown = |country: &&String| domain::msisdn::calling_code(country).is_empty();
        if let Some(country) = self.accounts.contact_countries.iter().find(unknown) {
            return Err(format!("accounts.contact_countries: {country:?} is no country (two capitals: GB)"));
        }
        crate::logging::filter(&self.log.filter)?;
        if let Some(url) = &self.simulator_url {
            plain_url("simulator_url", url)?;
            if !self.demo {
                return Err("simulator_url: belongs to a demo; set demo = true, or remove it".into());
            }
        }
        self.payment_gateways()?;
        if let Some(smpp) = &self.sms.smpp {
            smpp.config()?;
        }
        self.mail_gateway()?;
        self.charging_system(Arc::new(crate::clock::SystemClock))?;
        self.fiscal_devices()?;
        Ok(())
    }

    /// The payment providers, ready to be called, in the order in which buyers are offered them.
    pub fn payment_gateways(&self) -> Checked<Vec<PaymentGateway>> {
        let stripe = self.payments.stripe.as_ref().map(|stripe| self.stripe_gateway(stripe)).transpose()?;
        let paypal = self.payments.paypal.as_ref().map(|paypal| self.paypal_gateway(paypal)).transpose()?;
        Ok(stripe.into_iter().chain(paypal).collect())
    }

    fn paypal_gateway(&self, paypal: &PayPalSettings) -> Checked<PaymentGateway> {
        let config = paypal.config()?;
        if self.demo && config.live() {
            return Err("payments.paypal.base_url: real money must not be moved by a demo".into());
        }
        let gateway = PaymentGateway::new(Arc::new(PayPal::new(config)), Timeouts::default())
            .map_err(|e| format!("payments.paypal.base_url: {e}"))?;
        self.page_ttl_fits(&gateway)?;
        Ok(gateway)
    }

    fn page_ttl_fits(&self, gateway: &PaymentGateway) -> Checked<()> {
        let (limits, minute) = (gateway.capabilities(), domain::time::MINUTE_MS);
        let ttl = self.payments.page_ttl_minutes;
        within("payments.page_ttl_minutes", ttl, limits.page_min_ms / minute, limits.page_max_ms / minute)
    }

    fn stripe_gateway(&self, stripe: &StripeSettings) -> Checked<PaymentGateway> {
        let config = stripe.config()?;
        if self.demo && config.live() {
            return Err("payments.stripe.secret_key: a live key must not be used in a demo".into());
        }
        let stripe = Arc::new(Stripe::new(config));
        let gateway = PaymentGateway::new(stripe.clone(), Timeouts::default())
            .map_err(|e| format!("payments.stripe.base_url: {e}"))?;
        let terminal = Arc::new(StripeTerminal::new(stripe, gateway.clone()));
        let gateway = gateway.with_terminal(terminal);
        self.page_ttl_fits(&gateway)?;
        Ok(gateway)
    }

    /// The origins to which a page of ours may send a buyer.
    pub fn payment_origins(&self) -> Checked<Vec<String>> {
        let mut origins = Vec::new();
        if let Some(stripe) = &self.payments.stripe {
            origins.push(match &stripe.page_origin {
                Some(origin) => origin.trim_end_matches('/').to_owned(),
                None if stripe.base_url.trim_end_matches('/') == LIVE_BASE_URL => STRIPE_PAGES.to_owned(),
                None => {
                    plain_url("payments.stripe.base_url", &stripe.base_url)?.origin().ascii_serialization()
                }
            });
        }
        if let Some(paypal) = &self.payments.paypal {
            origins.push(match paypal.base_url.trim_end_matches('/') {
                paypal::LIVE_BASE_URL => PAYPAL_PAGES.to_owned(),
                paypal::SANDBOX_BASE_URL => PAYPAL_SANDBOX_PAGES.to_owned(),
                here => plain_url("payments.paypal.base_url", here)?.origin().ascii_serialization(),
            });
        }
        if let Some(url) = &self.simulator_url {
            origins.push(plain_url("simulator_url", url)?.origin().ascii_serialization());
        }
        origins.dedup();
        Ok(origins)
    }
}

impl DatabaseSettings {
    fn check(&self) -> Checked {
        if let Some(url) = &self.url
            && !url.starts_with("postgres://")
            && !url.starts_with("postgresql://")
        {
            return Err("database.url: is not postgres://…; for SQLite give database.data, a folder".into());
        }
        if self.data.as_os_str().is_empty() {
            return Err("database.data: is empty".into());
        }
        for (key, value, max) in [
            ("database.batch_max", self.batch_max, 1_000),
            ("database.queue_max", self.queue_max, 1_000_000),
            ("database.threads", self.threads, 64),
        ] {
            within(key, value.unwrap_or(1), 1, max)?;
        }
        Ok(())
    }
}

impl StripeSettings {
    fn config(&self) -> Checked<StripeConfig> {
        plain_url("payments.stripe.base_url", &self.base_url)?;
        if let Some(origin) = &self.page_origin {
            let url = plain_url("payments.stripe.page_origin", origin)?;
            if url.path() != "/" {
                return Err("payments.stripe.page_origin: is more than scheme, host and port".into());
            }
        }
        let secrets = self.webhook_secrets.clone();
        let config =
            StripeConfig::new(&self.base_url, self.secret_key.clone(), secrets, self.account.clone());
        let mut config = config.map_err(|e| match e {
            StripeConfigError::NoWebhookSecret => format!("payments.stripe.webhook_secrets: {e}"),
            StripeConfigError::KeyKind | StripeConfigError::LiveKeyElsewhere => {
                format!("payments.stripe.secret_key: {e}")
            }
        })?;
        config.three_d_secure = self.three_d_secure;
        Ok(config)
    }
}

impl PayPalSettings {
    fn config(&self) -> Checked<PayPalConfig> {
        plain_url("payments.paypal.base_url", &self.base_url)?;
        let (id, webhook, hosts) = (&self.client_id, &self.webhook_id, self.cert_hosts.clone());
        PayPalConfig::new(&self.base_url, id, self.client_secret.clone(), webhook, hosts).map_err(|e| match e
        {
            PayPalConfigError::BaseUrl => format!("payments.paypal.base_url: {e}"),
            PayPalConfigError::Empty(key) => format!("payments.paypal.{key}: {e}"),
            PayPalConfigError::CertHost(_) => format!("payments.paypal.cert_hosts: {e}"),
        })
    }
}

impl SmppSettings {
    /// How to reach the SMS centre. Lengths are those of SMPP 3.4 §5.2 (a final zero not counted).
    pub fn config(&self) -> Checked<SmppConfig> {
        let port = self
            .address
            .rsplit_once(':')
            .and_then(|(host, port)| port.parse::<u16>().ok().filter(|port| *port > 0 && !host.is_empty()));
        if port.is_none() {
            return Err(format!("sms.smpp.address: {:?} is not HOST:PORT", self.address));
        }
        plain_text("sms.smpp.system_id", &self.system_id, 15)?;
        plain_text("sms.smpp.password", self.password.expose(), 8)?;
        let source = self.source()?;
        Ok(SmppConfig::new(&self.address, &self.system_id, self.password.clone(), source))
    }

    fn source(&self) -> Checked<Source> {
        let text = self.source.as_str();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let source = match text.strip_prefix('+') {
            Some(number) if digits(number) && number.len() <= 15 => Some(Source::Number(number.to_owned())),
            Some(_) => None,
            None if digits(text) => (text.len() <= 8).then(|| Source::ShortCode(text.to_owned())),
            None => {
                let fits = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
                (fits && (1..=11).contains(&text.len())).then(|| Source::Name(text.to_owned()))
            }
        };
        source.ok_or_else(|| {
            format!(
                "sms.smpp.source: {text:?} is none of a name of up to 11 letters, a +number of up to 15 \
                 digits, a short code of up to 8 digits"
            )
        })
    }
}

/// Is a number between two others, these included?
pub fn within<T: PartialOrd + fmt::Display>(key: &str, value: T, min: T, max: T) -> Checked {
    if value < min || value > max {
        return Err(format!("{key}: {value} is not between {min} and {max}"));
    }
    Ok(())
}

fn plain_text(key: &str, text: &str, max: usize) -> Checked {
    // The value may be a secret: it is not repeated.
    if text.is_empty() || text.len() > max || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("{key}: is not 1 to {max} plain characters"));
    }
    Ok(())
}

/// An address of the web without user, parameters or fragment.
pub fn plain_url(key: &str, text: &str) -> Checked<url::Url> {
    let url = url::Url::parse(text).map_err(|e| format!("{key}: {text:?} is no address: {e}"))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(url) } else { Err(format!("{key}: {text:?} is not http(s)://HOST")) }
}
