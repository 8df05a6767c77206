//! Help for the staff: how to answer "where is the money?", what may be done, and what the accounts are.

use super::order::WAITS;
use super::{OfficeFrame, OfficeSection};
use crate::view::View;
use domain::ledger::AccountKind;
use domain::stuck::Mend;
use serde::Serialize;

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeHowTo {
    pub office: OfficeFrame,
    /// What an order can wait for.
    pub waits: &'static [&'static str],
    pub mends: Vec<Mend>,
    pub accounts: Vec<AccountKind>,
}

impl OfficeHowTo {
    pub fn of(office: OfficeFrame) -> OfficeHowTo {
        OfficeHowTo { office, waits: WAITS, mends: Mend::ALL.to_vec(), accounts: AccountKind::ALL.to_vec() }
    }
}

impl View for OfficeHowTo {
    const TEMPLATE: &'static str = "office/how_to.html";

    fn samples() -> Vec<OfficeHowTo> {
        let office = OfficeFrame { section: OfficeSection::HowTo, ..OfficeFrame::sample() };
        vec![OfficeHowTo::of(office)]
    }
}
