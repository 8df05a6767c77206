//! Whose float a partner's is, an agent's or an outlet's, and which way money goes between two of them.

use domain::agent::{Agent, AgentState};
use domain::float_request::FloatRequestKind;
use domain::id::{AgentId, PartnerId};
use domain::outlet::{Outlet, OutletState};
use store::Tx;

/// One whose float it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Agent(Box<Agent>),
    Outlet(Box<Outlet>),
}

impl Node {
    /// Whose float this is; `None` when the partner is neither an agent nor an outlet.
    pub fn of(tx: &mut Tx<'_>, partner: &PartnerId) -> anyhow::Result<Option<Node>> {
        if let Some(outlet) = store::outlet::find_by_partner(tx, partner)? {
            return Ok(Some(Node::Outlet(Box::new(outlet))));
        }
        Ok(store::agent::find_by_partner(tx, partner)?.map(|agent| Node::Agent(Box::new(agent))))
    }

    /// The agent that answers for it.
    pub(super) fn agent(&self) -> &AgentId {
        match self {
            Node::Agent(agent) => &agent.id,
            Node::Outlet(outlet) => &outlet.agent,
        }
    }

    /// May it get float to sell from?
    pub(super) fn is_active(&self) -> bool {
        match self {
            Node::Agent(agent) => agent.state == AgentState::Approved,
            Node::Outlet(outlet) => outlet.state == OutletState::Open,
        }
    }

    /// May it take back what its child has? Also one that sells nothing for now.
    pub(super) fn takes_back(&self) -> bool {
        match self {
            Node::Agent(agent) => matches!(agent.state, AgentState::Approved | AgentState::Suspended),
            Node::Outlet(_) => false,
        }
    }
}

/// Which way a move goes: down to a child, up to a parent, or not in line at all.
pub fn direction(from: &Node, to: &Node) -> Option<FloatRequestKind> {
    let is_parent = |parent: &Node, child: &Node| match (parent, child) {
        (Node::Agent(agent), Node::Outlet(outlet)) => outlet.agent == agent.id,
        (Node::Agent(agent), Node::Agent(child)) => child.parent.as_ref() == Some(&agent.id),
        (Node::Outlet(_), Node::Agent(_) | Node::Outlet(_)) => false,
    };
    match (is_parent(from, to), is_parent(to, from)) {
        (true, _) => Some(FloatRequestKind::Down),
        (false, true) => Some(FloatRequestKind::Up),
        (false, false) => None,
    }
}
