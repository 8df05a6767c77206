//! Limits and switches as staff sees them: what holds back abuse, and what can be switched off at once.

use domain::risk::{Limit, LimitUnit, Switch};
use serde::Serialize;

use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View};

/// One switch.
#[derive(Debug, Clone, Serialize)]
pub struct SwitchRow {
    pub switch: Switch,
    pub on: bool,
}

/// One limit. Its words are those of what it counts, and of by what it counts where it does.
#[derive(Debug, Clone, Serialize)]
pub struct LimitRow {
    pub limit: Limit,
    pub what: &'static str,
    pub per: Option<&'static str>,
    pub value: i64,
    pub usual: i64,
    pub min: i64,
    pub max: i64,
    /// Whole units of the order's currency, else how often.
    pub money: bool,
}

impl LimitRow {
    pub fn of(limit: Limit, value: i64) -> LimitRow {
        let word = limit.as_str();
        let (what, per) = match word.split_once("_per_") {
            Some((_, "day")) | None => (word, None),
            Some((what, per)) => (what, Some(per)),
        };
        LimitRow {
            limit,
            what,
            per,
            value,
            usual: limit.default_value(),
            min: limit.least(),
            max: limit.greatest(),
            money: limit.unit() == LimitUnit::Money,
        }
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeLimits {
    pub office: OfficeFrame,
    pub switches: Vec<SwitchRow>,
    pub limits: Vec<LimitRow>,
    /// The setting that was just changed.
    pub changed: Option<String>,
    pub problem: Option<OfficeProblem>,
}

/// One setting before it is changed.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeSetting {
    pub office: OfficeFrame,
    pub key: String,
    pub switch: Option<SwitchRow>,
    pub limit: Option<LimitRow>,
    /// What was typed as the new value.
    pub value: String,
    pub problem: Option<OfficeProblem>,
}

fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Limits, ..OfficeFrame::sample() }
}

impl View for OfficeLimits {
    const TEMPLATE: &'static str = "office/limits.html";

    fn samples() -> Vec<OfficeLimits> {
        let switches = |on| Switch::ALL.iter().map(|switch| SwitchRow { switch: *switch, on }).collect();
        let limits: Vec<LimitRow> =
            Limit::ALL.iter().map(|limit| LimitRow::of(*limit, limit.default_value() + 1)).collect();
        let clerk = domain::staff::Role::Clerk;
        let mut office = frame();
        if let Some(staff) = &mut office.staff {
            staff.role = clerk;
        }
        let page =
            OfficeLimits { office: frame(), switches: switches(true), limits, changed: None, problem: None };
        vec![
            page.clone(),
            OfficeLimits {
                switches: switches(false),
                changed: Some("switch.payments".into()),
                ..page.clone()
            },
            OfficeLimits { office, ..page },
        ]
    }
}

impl View for OfficeSetting {
    const TEMPLATE: &'static str = "office/setting.html";

    fn samples() -> Vec<OfficeSetting> {
        let setting = |key: &str| OfficeSetting {
            office: frame(),
            key: key.into(),
            switch: None,
            limit: None,
            value: String::new(),
            problem: None,
        };
        let mut samples = Vec::new();
        for switch in Switch::ALL {
            for on in [true, false] {
                let switch = Some(SwitchRow { switch: *switch, on });
                samples.push(OfficeSetting { switch, ..setting("switch.x") });
            }
        }
        for limit in Limit::ALL {
            let limit = Some(LimitRow::of(*limit, 7));
            samples.push(OfficeSetting { limit, ..setting("limit.x") });
        }
        let limit = Some(LimitRow::of(Limit::ClerkRefund, 7));
        samples.push(OfficeSetting {
            limit,
            value: "<b>".into(),
            problem: Some(OfficeProblem::at("value_unfit", "value")),
            ..setting("limit.clerk_refund")
        });
        let switch = Some(SwitchRow { switch: Switch::Payments, on: true });
        samples.push(OfficeSetting {
            switch,
            problem: Some(OfficeProblem::at("note_missing", "note")),
            ..setting("switch.payments")
        });
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_by_what_it_counts_and_by_what() {
        let row = LimitRow::of(Limit::GuestOrdersPerCard, 1);
        assert_eq!((row.what, row.per), ("guest_orders", Some("card")));
        let row = LimitRow::of(Limit::ClerkRefundsPerDay, 1);
        assert_eq!((row.what, row.per), ("clerk_refunds_per_day", None));
    }
}
