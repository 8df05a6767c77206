//! The payment providers that are set up. A payment stays with the provider that it began at.

use anyhow::Context;
use gateways::payment::terminal::CardTerminal;
use gateways::payment::{Capture, PaymentGateway};

/// Every provider that is set up, in the order in which buyers are offered them.
#[derive(Default)]
pub struct Providers(Vec<PaymentGateway>);

impl Providers {
    pub fn new(gateways: Vec<PaymentGateway>) -> Providers {
        Providers(gateways)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(PaymentGateway::name)
    }

    pub fn find(&self, name: &str) -> Option<&PaymentGateway> {
        self.0.iter().find(|gateway| gateway.name() == name)
    }

    /// The one that the buyer chose, or the first; `None` where nothing of the kind is offered.
    pub fn choose(&self, chosen: Option<&str>) -> Option<&PaymentGateway> {
        match chosen {
            Some(name) => self.find(name),
            None => self.0.first(),
        }
    }

    /// The provider on whose page a card pays at once.
    pub fn by_card(&self) -> Option<&PaymentGateway> {
        self.0.iter().find(|gateway| gateway.capabilities().capture == Capture::ByProvider)
    }

    /// The card terminals, where a provider has them.
    pub fn terminal(&self) -> Option<&dyn CardTerminal> {
        self.0.iter().find_map(PaymentGateway::terminal)
    }

    /// The provider of a payment that began. It must stay set up while money may be on its way.
    pub(crate) fn of(&self, provider: &str) -> anyhow::Result<&PaymentGateway> {
        self.find(provider).with_context(|| format!("the payment provider {provider} is not set up any more"))
    }
}
