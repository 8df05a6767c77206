//! Views of the office. Each has an [`OfficeFrame`] named `office` for the frame around it.

mod catalogue;
mod how_to;
mod order;
mod overview;
mod records;
mod search;
mod sign_in;

pub use catalogue::{
    InUnit, MarketOffers, OfferRow, OfficeCatalogue, OfficeOffer, OfficePromotions, PromotionRow, VersionRow,
};
pub use how_to::OfficeHowTo;
pub use order::{By, OfficeOrder, OfficeWaits, StoryEntry, StoryLeg, StoryWork};
pub use overview::{
    OfficeDay, OfficeDead, OfficeDeadRow, OfficeListed, OfficeOrders, OfficeOverview, OfficePeople, OfficeRow,
};
pub use records::{AuditRow, OfficeAudit, OfficeStaffList, StaffChoice, StaffRow};
pub use search::{
    OfficeBucket, OfficeContact, OfficeLine, OfficeLineRow, OfficeReveal, OfficeSearch, OfficeSubscriber,
};
pub use sign_in::{OfficeError, OfficeForbidden, OfficeJoin, OfficeProblem, OfficeSetUp, OfficeSignIn};

use domain::staff::Role;
use serde::Serialize;

/// Who reads a page of the office.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeStaff {
    pub name: String,
    pub role: Role,
}

/// Which part of the office a page belongs to; the menu marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeSection {
    Overview,
    Search,
    Stuck,
    Refunds,
    Cases,
    Catalogue,
    Promotions,
    Campaigns,
    Agents,
    Limits,
    Audit,
    Staff,
    HowTo,
}

/// The frame around a page of the office.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeFrame {
    /// Nobody on the pages before the sign-in.
    pub staff: Option<OfficeStaff>,
    pub section: OfficeSection,
    pub css_url: String,
    pub js_url: String,
}

impl OfficeFrame {
    /// A frame for samples and tests.
    pub fn sample() -> OfficeFrame {
        OfficeFrame {
            staff: Some(OfficeStaff { name: "Ana Reyes".into(), role: Role::Supervisor }),
            section: OfficeSection::Search,
            css_url: "/assets/office.css".into(),
            js_url: "/assets/office.js".into(),
        }
    }

    /// Before the sign-in.
    pub fn bare() -> OfficeFrame {
        OfficeFrame { staff: None, section: OfficeSection::Overview, ..OfficeFrame::sample() }
    }
}
