//! The cart: what a buyer has chosen so far, sealed in the address of the page. Nothing is stored, two tabs
//! never mix, and no number stands readable in an address or a log.

use crate::site::Site;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::time::{HOUR_MS, UnixMs};
use flows::request::RequestKey;
use flows::top_up::checkout;
use serde::{Deserialize, Serialize};
use store::keyring::Purpose;

const LASTS_MS: i64 = 2 * HOUR_MS;

/// A buyer's choice. Short names keep the address short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Makes the order of this cart one, however often it is sent.
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "n")]
    number: String,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    #[serde(rename = "u")]
    until: UnixMs,
}

impl Cart {
    pub fn new(site: &Site, msisdn: &Msisdn) -> Cart {
        let until = site.world.now().plus_ms(LASTS_MS);
        let id = site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect();
        Cart { id, number: msisdn.digits().to_owned(), offer: None, amount: None, until }
    }

    pub fn with_offer(self, offer: &str, amount: Option<Money>) -> Cart {
        Cart { offer: Some(offer.to_owned()), amount, ..self }
    }

    pub fn msisdn(&self) -> Msisdn {
        Msisdn::stored(self.number.as_str())
    }

    /// The key of the order that this choice becomes: the same for every form and tab with it. Another choice in the
    /// same cart is another order.
    pub fn key(&self, agreed: &str) -> RequestKey {
        let offer = self.offer.as_deref().unwrap_or("");
        let amount = self.amount.map(|amount| amount.minor).unwrap_or_default();
        RequestKey::of_portal(&format!("{}/{offer}/{amount}", self.id), agreed)
    }

    /// The code of that order.
    pub fn code(&self) -> String {
        checkout::code_of(&self.key(""), self.until)
    }

    /// The cart as it stands in an address.
    pub fn seal(&self, site: &Site) -> Result<String, flows::Error> {
        let text = serde_json::to_string(self).map_err(anyhow::Error::from)?;
        Ok(site.world.keyring.seal(Purpose::Cart, &text)?)
    }

    /// Reads an address; `None` when it is not ours, was altered, or is too old.
    pub fn open(site: &Site, sealed: &str) -> Option<Cart> {
        let text = site.world.keyring.open_sealed(Purpose::Cart, sealed).ok()?;
        let cart: Cart = serde_json::from_str(&text).ok()?;
        (site.world.now() < cart.until).then_some(cart)
    }
}
