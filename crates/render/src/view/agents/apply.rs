//! The public form by which a business applies to become an agent, and the page after it.

use domain::agent::{AgentKind, DocumentKind};
use serde::Serialize;

use crate::view::View;

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct AgentApply {
    /// The form's own key.
    pub key: String,
    /// Countries of the markets.
    pub markets: Vec<String>,
    pub kinds: &'static [AgentKind],
    /// The documents that are asked for; the first ones are needed.
    pub documents: Vec<(DocumentKind, bool)>,
    /// What was typed.
    pub name: String,
    pub market: String,
    pub kind: Option<AgentKind>,
    pub person: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub registration_number: String,
    /// Why it was not taken: the word and the field that it is about.
    pub problem: Option<(&'static str, Option<&'static str>)>,
}

/// The application is in.
#[derive(Debug, Clone, Serialize)]
pub struct AgentApplied {
    /// What people quote when they ask about it.
    pub reference: String,
}

impl View for AgentApply {
    const TEMPLATE: &'static str = "agent/apply.html";

    fn samples() -> Vec<AgentApply> {
        let empty = AgentApply {
            key: "0123456789abcdef".into(),
            markets: vec!["GB".into(), "DE".into()],
            kinds: AgentKind::ALL,
            documents: DocumentKind::ALL
                .iter()
                .map(|kind| (*kind, domain::agent::DOCUMENTS_NEEDED.contains(kind)))
                .collect(),
            name: String::new(),
            market: String::new(),
            kind: None,
            person: String::new(),
            email: String::new(),
            phone: String::new(),
            address: String::new(),
            registration_number: String::new(),
            problem: None,
        };
        let problems = [
            ("agent_name", Some("name")),
            ("agent_contact_missing", Some("person")),
            ("agent_email_unfit", Some("email")),
            ("agent_phone_unfit", Some("phone")),
            ("agent_market_unknown", Some("market")),
            ("agent_document_missing", Some("document-registration")),
            ("agent_document_unfit", None),
            ("agent_document_too_large", None),
            ("agent_documents_too_many", None),
            ("agent_document_expired", None),
            ("agent_too_often", None),
            ("agent_key_reused", None),
        ];
        let mut samples: Vec<AgentApply> = problems
            .iter()
            .map(|problem| AgentApply {
                name: "\"<i>".into(),
                market: "DE".into(),
                kind: Some(AgentKind::Dealer),
                problem: Some(*problem),
                ..empty.clone()
            })
            .collect();
        samples.push(empty);
        samples
    }
}

impl View for AgentApplied {
    const TEMPLATE: &'static str = "agent/applied.html";

    fn samples() -> Vec<AgentApplied> {
        vec![AgentApplied { reference: "8S9T0V".into() }]
    }
}
