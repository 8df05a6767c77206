//! Views about agents: the public form, the office's pages, the owner's, and the mail that warns of a low float.

mod apply;
mod email;
mod float;
mod office;
mod owner;
mod parts;

pub use apply::{AgentApplied, AgentApply};
pub use email::FloatLowEmail;
pub use float::{FloatRow, OfficeFloat, OfficeFloatRequest};
pub use office::{
    AgentDecision, AgentOutletRow, AgentRow, AgentTerms, DocumentRow, OfficeAgent, OfficeAgents,
    OfficeOutlet, OfficePlans, PlanRow,
};
pub use owner::{
    FloatByCard, OwnerFloat, OwnerHome, OwnerOutlet, OwnerOutletRow, OwnerPropose, OwnerStatement,
    StatementCsv, StatementRow,
};
pub use parts::{FloatShown, LimitsShown, OutletShown};
