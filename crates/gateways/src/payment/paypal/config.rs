//! How we reach and know PayPal, and what is refused before anything is sent.

use crate::secret::Secret;
use rustls_pki_types::TrustAnchor;
use url::{Host, Url};

/// Where PayPal answers about real money, and where it plays (servers of the OpenAPI documents). Our keys
/// are sent nowhere else but to a simulator on this machine.
pub const LIVE_BASE_URL: &str = "https://api-m.paypal.com";
pub const SANDBOX_BASE_URL: &str = "https://api-m.sandbox.paypal.com";

/// From where PayPal serves the certificates that sign its webhooks (`PAYPAL-CERT-URL`).
pub const DEFAULT_CERT_HOSTS: &[&str] =
    &["api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com", "api-m.sandbox.paypal.com"];

/// How we reach and know PayPal.
#[derive(Debug, Clone)]
pub struct PayPalConfig {
    base_url: String,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) webhook_id: String,
    cert_hosts: Vec<String>,
    place: Place,
    /// Who may vouch for the certificate of a webhook.
    pub(super) anchors: &'static [TrustAnchor<'static>],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Live,
    Sandbox,
    /// A simulator on this machine.
    Here,
}

/// A PayPal setting that cannot be right.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PayPalConfigError {
    #[error("PayPal's address is none of {LIVE_BASE_URL}, {SANDBOX_BASE_URL} or this machine")]
    BaseUrl,
    #[error("PayPal's client id, client secret and webhook id must all be given: {0} is empty")]
    Empty(&'static str),
    #[error("a PayPal certificate host must be a bare host name, and at least one must be given: {0:?}")]
    CertHost(String),
}

/// The certificate's address, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CertPlace {
    /// From PayPal: the certificate must prove itself.
    Far,
    /// From a simulator on this machine, which has no certificate that anybody vouches for.
    Here,
}

impl PayPalConfig {
    pub fn new(
        base_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret,
        webhook_id: impl Into<String>,
        cert_hosts: Vec<String>,
    ) -> Result<PayPalConfig, PayPalConfigError> {
        let (base_url, client_id, webhook_id) = (base_url.into(), client_id.into(), webhook_id.into());
        let place = place(&base_url).ok_or(PayPalConfigError::BaseUrl)?;
        for (name, value) in [
            ("client_id", client_id.as_str()),
            ("client_secret", client_secret.expose()),
            ("webhook_id", webhook_id.as_str()),
        ] {
            if value.is_empty() {
                return Err(PayPalConfigError::Empty(name));
            }
        }
        // A star would only ever match itself: there are no patterns here.
        let bare = |host: &&String| {
            !host.contains('*') && Host::parse(host).is_ok_and(|parsed| parsed.to_string() == **host)
        };
        match cert_hosts.iter().find(|host| !bare(host)) {
            Some(host) => return Err(PayPalConfigError::CertHost(host.clone())),
            None if cert_hosts.is_empty() => return Err(PayPalConfigError::CertHost(String::new())),
            None => {}
        }
        let anchors = webpki_roots::TLS_SERVER_ROOTS;
        Ok(PayPalConfig { base_url, client_id, client_secret, webhook_id, cert_hosts, place, anchors })
    }

    /// Do these keys move real money?
    pub fn live(&self) -> bool {
        self.place == Place::Live
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// May a certificate be read from there? The address comes from whoever sent the webhook.
    pub(super) fn cert_place(&self, address: &str) -> Option<CertPlace> {
        let url = Url::parse(address).ok()?;
        let host = url.host()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !plain || !self.cert_hosts.contains(&host.to_string()) {
            return None;
        }
        if is_loopback(&host) {
            let simulated = self.place == Place::Here && matches!(url.scheme(), "http" | "https");
            return simulated.then_some(CertPlace::Here);
        }
        (url.scheme() == "https" && url.port().is_none()).then_some(CertPlace::Far)
    }
}

fn place(base_url: &str) -> Option<Place> {
    match base_url.trim_end_matches('/') {
        LIVE_BASE_URL => Some(Place::Live),
        SANDBOX_BASE_URL => Some(Place::Sandbox),
        other => {
            let url = Url::parse(other).ok()?;
            let here = matches!(url.scheme(), "http" | "https") && is_loopback(&url.host()?);
            here.then_some(Place::Here)
        }
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(hosts: &[&str]) -> Vec<String> {
        hosts.iter().map(|h| (*h).to_owned()).collect()
    }

    fn new(url: &str, cert_hosts: &[&str]) -> Result<PayPalConfig, PayPalConfigError> {
        PayPalConfig::new(url, "id", Secret::new("very-secret"), "WH", hosts(cert_hosts))
    }

    #[test]
    fn our_keys_go_to_paypal_or_stay_on_this_machine() {
        for (url, live) in [
            (LIVE_BASE_URL, true),
            ("https://api-m.paypal.com/", true),
            (SANDBOX_BASE_URL, false),
            ("http://127.0.0.1:4020", false),
            ("http://localhost:4020", false),
            ("http://[::1]:4020", false),
        ] {
            assert_eq!(new(url, DEFAULT_CERT_HOSTS).map(|c| c.live()).ok(), Some(live), "{url}");
        }
        for url in
            ["https://api-m.paypal.com.evil.example", "http://api-m.paypal.com", "https://10.0.0.1", "x", ""]
        {
            assert_eq!(new(url, DEFAULT_CERT_HOSTS).unwrap_err(), PayPalConfigError::BaseUrl, "{url}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_secrets_never_show() {
        let with = |id: &str, secret: &str, hook: &str| {
            let hosts = hosts(DEFAULT_CERT_HOSTS);
            PayPalConfig::new(SANDBOX_BASE_URL, id, Secret::new(secret), hook, hosts).unwrap_err()
        };
        assert_eq!(with("", "s", "w"), PayPalConfigError::Empty("client_id"));
        assert_eq!(with("i", "", "w"), PayPalConfigError::Empty("client_secret"));
        assert_eq!(with("i", "s", ""), PayPalConfigError::Empty("webhook_id"));
        for wrong in [&[][..], &["https://api.paypal.com"], &["api.paypal.com/"], &["API.paypal.com"], &["*"]]
        {
            assert!(matches!(new(SANDBOX_BASE_URL, wrong), Err(PayPalConfigError::CertHost(_))), "{wrong:?}");
        }
        let shown = format!("{:?}", new(SANDBOX_BASE_URL, DEFAULT_CERT_HOSTS).unwrap());
        assert!(!shown.contains("very-secret"), "{shown}");
    }

    #[test]
    fn a_certificate_is_read_only_from_a_host_that_settings_allow() {
        let far = new(SANDBOX_BASE_URL, &["api.paypal.com", "127.0.0.1"]).unwrap();
        let good = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-df8cd2d5";
        assert_eq!(far.cert_place(good), Some(CertPlace::Far));
        for spoofed in [
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/certs/CERT-1",
            "https://evil.example/?api.paypal.com",
            "https://api.paypal.com@evil.example/CERT-1",
            "https://user@api.paypal.com/CERT-1",
            "https://api.paypal.com:8443/CERT-1",
            "https://evil.api.paypal.com/CERT-1",
            "https://api.paypal.com./CERT-1",
            "https://api.paypal.com\\@evil.example/",
            "file:///etc/passwd",
            "http://127.0.0.1/CERT-1",
            "https://127.0.0.1/CERT-1",
            "//api.paypal.com/CERT-1",
            "",
        ] {
            let judged = far.cert_place(spoofed);
            // A backslash is a slash in a URL: what stands after it is only a path.
            let same_host = spoofed.contains('\\');
            assert_eq!(judged, same_host.then_some(CertPlace::Far), "{spoofed}");
        }
        let here = new("http://127.0.0.1:4020", &["127.0.0.1"]).unwrap();
        assert_eq!(here.cert_place("http://127.0.0.1:4020/certs/1"), Some(CertPlace::Here));
        assert_eq!(here.cert_place("http://127.0.0.2:4020/certs/1"), None);
        assert_eq!(here.cert_place(good), None);
    }
}
