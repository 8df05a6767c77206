//! Agents as staff sees them: the list, one agent with its documents and terms, one outlet, and commission plans.

use domain::agent::{AgentEvent, AgentKind, AgentState, Contact, DocumentKind};
use domain::agent_refusal::Refused;
use domain::commission::CommissionPlan;
use domain::money::{Currency, Money};
use domain::outlet::{OutletEvent, OutletState};
use domain::time::UnixMs;
use serde::Serialize;

use super::float::{FloatRow, row as float_row};
use super::parts::{FloatShown, LimitsShown, OutletShown};
use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View, sample};
use domain::float_request::FloatRequestState;

/// An agent in a list.
#[derive(Debug, Clone, Serialize)]
pub struct AgentRow {
    pub id: String,
    pub name: String,
    pub kind: AgentKind,
    pub state: AgentState,
    pub market: String,
    pub at: UnixMs,
}

/// An outlet in a list.
#[derive(Debug, Clone, Serialize)]
pub struct AgentOutletRow {
    pub agent: String,
    pub outlet: OutletShown,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeAgents {
    pub office: OfficeFrame,
    pub state: AgentState,
    pub states: &'static [AgentState],
    pub agents: Vec<AgentRow>,
    /// After which agent the next page begins.
    pub next: Option<String>,
    /// Outlets that wait for a decision.
    pub proposed: Vec<AgentOutletRow>,
    pub zone: String,
}

/// A document in a list.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentRow {
    pub n: i64,
    pub kind: DocumentKind,
    pub name: String,
    pub expires_at: Option<UnixMs>,
    pub valid: bool,
    pub at: UnixMs,
}

/// Somebody agreed.
#[derive(Debug, Clone, Serialize)]
pub struct AgentDecision {
    pub by: String,
    pub at: UnixMs,
    pub note: String,
}

/// Terms as their form shows them.
#[derive(Debug, Clone, Serialize)]
pub struct AgentTerms {
    pub kind: AgentKind,
    /// The distributor's id, or nothing.
    pub parent: String,
    /// Offer ids, separated by spaces; empty for all.
    pub offers: String,
    pub limits: LimitsShown,
    pub credit_line: String,
    pub plan: String,
    pub currency: Currency,
}

/// One agent.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeAgent {
    pub office: OfficeFrame,
    pub agent: AgentRow,
    pub reason: Option<String>,
    pub parent: Option<AgentRow>,
    pub children: Vec<AgentRow>,
    pub contact: Contact,
    pub documents: Vec<DocumentRow>,
    /// Needed kinds of which no valid one is there.
    pub missing: Vec<DocumentKind>,
    pub document_kinds: &'static [DocumentKind],
    pub approvals: Vec<AgentDecision>,
    /// May the reader agree now?
    pub may_agree: bool,
    /// What else the reader may do.
    pub events: Vec<AgentEvent>,
    pub may_change_terms: bool,
    pub terms: AgentTerms,
    pub plans: Vec<String>,
    pub float: Option<FloatShown>,
    pub outlets: Vec<AgentOutletRow>,
    pub requests: Vec<FloatRow>,
    /// Months that are over, with what was earned in them and nobody asked for; nothing for those who do not decide.
    pub commission: Vec<(String, Money)>,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// One outlet.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeOutlet {
    pub office: OfficeFrame,
    pub agent: AgentRow,
    pub outlet: OutletShown,
    pub float: FloatShown,
    /// What may be sold, with the agent's terms taken in.
    pub holds: LimitsShown,
    pub limits: LimitsShown,
    pub low_float: String,
    pub currency: Currency,
    /// What the reader may do.
    pub events: Vec<OutletEvent>,
    pub may_approve: bool,
    /// May the reader change name and address?
    pub may_describe: bool,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// A commission plan in a list.
#[derive(Debug, Clone, Serialize)]
pub struct PlanRow {
    pub name: String,
    pub currency: Currency,
    /// Each class with its tiers as they are typed.
    pub rules: Vec<(String, String)>,
}

impl PlanRow {
    pub fn of(plan: &CommissionPlan) -> PlanRow {
        let tiers = |rule: &domain::commission::Rule| {
            let one = |tier: &domain::commission::Tier| format!("{}:{}", tier.from_minor, tier.basis_points);
            rule.tiers.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        let rules = plan.rules.iter().map(|rule| (rule.class.to_string(), tiers(rule))).collect();
        PlanRow { name: plan.name(), currency: plan.currency, rules }
    }
}

/// Commission plans, and the form that makes a new version.
#[derive(Debug, Clone, Serialize)]
pub struct OfficePlans {
    pub office: OfficeFrame,
    pub plans: Vec<PlanRow>,
    pub currencies: Vec<Currency>,
    /// What was typed.
    pub id: String,
    pub credit: String,
    pub bundle: String,
    pub problem: Option<OfficeProblem>,
}

pub(super) fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Agents, ..OfficeFrame::sample() }
}

fn agent(state: AgentState) -> AgentRow {
    AgentRow {
        id: "ag_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        name: "Sol & Söhne <Trading>".into(),
        kind: AgentKind::Dealer,
        state,
        market: "GB".into(),
        at: sample::AT,
    }
}

fn outlet_rows() -> Vec<AgentOutletRow> {
    let row = |state: &OutletState| AgentOutletRow {
        agent: "ag_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        outlet: OutletShown::sample(*state),
    };
    OutletState::ALL.iter().map(row).collect()
}

impl View for OfficeAgents {
    const TEMPLATE: &'static str = "office/agents.html";

    fn samples() -> Vec<OfficeAgents> {
        let list = OfficeAgents {
            office: frame(),
            state: AgentState::Applied,
            states: AgentState::ALL,
            agents: AgentState::ALL.iter().map(|state| agent(*state)).collect(),
            next: Some("ag_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            proposed: outlet_rows(),
            zone: sample::ZONE.into(),
        };
        vec![OfficeAgents { agents: Vec::new(), next: None, proposed: Vec::new(), ..list.clone() }, list]
    }
}

fn contact() -> Contact {
    Contact {
        person: "Ana <Sol>".into(),
        email: "ana@sol.example".into(),
        phone: "+44 20 7946 0000".into(),
        address: "1 High Street, London".into(),
        registration_number: "01234567".into(),
    }
}

fn documents() -> Vec<DocumentRow> {
    let row = |(n, kind): (i64, &DocumentKind)| DocumentRow {
        n,
        kind: *kind,
        name: "licence.pdf".into(),
        expires_at: (n % 2 == 0).then_some(sample::AT),
        valid: n % 2 == 1,
        at: sample::AT,
    };
    (1..).zip(DocumentKind::ALL).map(row).collect()
}

fn terms() -> AgentTerms {
    AgentTerms {
        kind: AgentKind::Dealer,
        parent: String::new(),
        offers: "gb-credit-10".into(),
        limits: LimitsShown { per_sale: "100.00".into(), ..LimitsShown::default() },
        credit_line: "500.00".into(),
        plan: "standard".into(),
        currency: sample::gbp(0).currency,
    }
}

impl View for OfficeAgent {
    const TEMPLATE: &'static str = "office/agent.html";

    fn samples() -> Vec<OfficeAgent> {
        let page = |state: AgentState| OfficeAgent {
            office: frame(),
            agent: agent(state),
            reason: (state == AgentState::Suspended).then(|| "Two <b>complaints</b>.".into()),
            parent: None,
            children: Vec::new(),
            contact: contact(),
            documents: documents(),
            missing: Vec::new(),
            document_kinds: DocumentKind::ALL,
            approvals: Vec::new(),
            may_agree: false,
            events: state.events().filter(|event| *event != AgentEvent::Approve).collect(),
            may_change_terms: true,
            terms: terms(),
            plans: vec!["standard".into()],
            float: (state == AgentState::Approved).then(FloatShown::sample),
            outlets: outlet_rows(),
            requests: FloatRequestState::ALL.iter().map(|state| float_row(*state)).collect(),
            commission: vec![("2026-10".into(), sample::gbp(12_345))],
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeAgent> = AgentState::ALL.iter().map(|state| page(*state)).collect();
        let approval = AgentDecision { by: "Ben Okafor".into(), at: sample::AT, note: "Seen.".into() };
        samples.push(OfficeAgent { may_agree: true, ..page(AgentState::Applied) });
        samples.push(OfficeAgent {
            may_agree: true,
            approvals: vec![approval],
            missing: domain::agent::DOCUMENTS_NEEDED.to_vec(),
            documents: Vec::new(),
            outlets: Vec::new(),
            requests: Vec::new(),
            may_change_terms: false,
            ..page(AgentState::Applied)
        });
        samples.push(OfficeAgent {
            parent: Some(agent(AgentState::Approved)),
            children: vec![agent(AgentState::Approved)],
            ..page(AgentState::Approved)
        });
        samples.extend(Refused::ALL.iter().map(|refused| OfficeAgent {
            problem: Some(OfficeProblem::of(refused.as_str())),
            ..page(AgentState::Approved)
        }));
        samples
    }
}

impl View for OfficeOutlet {
    const TEMPLATE: &'static str = "office/agent_outlet.html";

    fn samples() -> Vec<OfficeOutlet> {
        let page = |state: OutletState| OfficeOutlet {
            office: frame(),
            agent: agent(AgentState::Approved),
            outlet: OutletShown::sample(state),
            float: FloatShown::sample(),
            holds: LimitsShown { per_sale: "100.00".into(), ..LimitsShown::default() },
            limits: LimitsShown::default(),
            low_float: "50.00".into(),
            currency: sample::gbp(0).currency,
            events: state.events().filter(|event| *event != OutletEvent::Approve).collect(),
            may_approve: state == OutletState::Proposed,
            may_describe: state != OutletState::Closed,
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeOutlet> = OutletState::ALL.iter().map(|state| page(*state)).collect();
        samples.push(OfficeOutlet {
            problem: Some(OfficeProblem::at("agent_amount_unfit", "per_sale")),
            ..page(OutletState::Open)
        });
        samples
    }
}

impl View for OfficePlans {
    const TEMPLATE: &'static str = "office/agent_plans.html";

    fn samples() -> Vec<OfficePlans> {
        let plan = PlanRow {
            name: "standard v3".into(),
            currency: sample::gbp(0).currency,
            rules: vec![("credit".into(), "0:200 100000:250".into()), ("bundle".into(), "0:500".into())],
        };
        let page = OfficePlans {
            office: frame(),
            plans: vec![plan],
            currencies: vec![sample::gbp(0).currency],
            id: String::new(),
            credit: String::new(),
            bundle: String::new(),
            problem: None,
        };
        vec![
            OfficePlans { plans: Vec::new(), ..page.clone() },
            OfficePlans {
                id: "\"<i>".into(),
                problem: Some(OfficeProblem::at("agent_plan_unfit", "id")),
                ..page.clone()
            },
            page,
        ]
    }
}
