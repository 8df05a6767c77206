//! The history of orders, as a page and as a table for a spreadsheet.

use domain::history::OrderGroup;
use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use crate::view::{View, sample};

/// A line in the filter.
#[derive(Debug, Clone, Serialize)]
pub struct LineChoice {
    pub id: String,
    pub label: String,
    pub last4: String,
    pub chosen: bool,
}

/// A group of states in the filter.
#[derive(Debug, Clone, Serialize)]
pub struct GroupChoice {
    pub group: OrderGroup,
    pub chosen: bool,
}

/// One order.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryRow {
    /// Of own orders only.
    pub code: Option<String>,
    pub at: UnixMs,
    pub zone: String,
    pub offer_name: String,
    pub last4: String,
    /// What was paid; of others' orders what arrived.
    pub amount: Money,
    pub state: TopUpState,
    /// Is there a receipt that the reader may see?
    pub receipt: bool,
}

/// A page of the history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryPage {
    pub rows: Vec<HistoryRow>,
    pub lines: Vec<LineChoice>,
    pub groups: Vec<GroupChoice>,
    /// The months that can be chosen, as `2026-11`, newest first.
    pub months: Vec<String>,
    pub month: Option<String>,
    pub filtered: bool,
    pub next_url: Option<String>,
    pub csv_url: String,
    /// Are there older orders that are not shown?
    pub archived: bool,
    /// Orders of this browser that belong to no account.
    pub of_browser: usize,
}

impl HistoryPage {
    fn row(state: TopUpState) -> HistoryRow {
        HistoryRow {
            code: Some(sample::CODE.into()),
            at: sample::AT,
            zone: sample::ZONE.into(),
            offer_name: "Credit 10".into(),
            last4: "3456".into(),
            amount: sample::gbp(1030),
            state,
            receipt: state == TopUpState::Credited,
        }
    }
}

impl View for HistoryPage {
    const TEMPLATE: &'static str = "me/history.html";

    fn samples() -> Vec<HistoryPage> {
        let empty = HistoryPage {
            rows: Vec::new(),
            lines: vec![LineChoice {
                id: "line_1".into(),
                label: "Mine".into(),
                last4: "3456".into(),
                chosen: false,
            }],
            groups: OrderGroup::ALL
                .iter()
                .map(|group| GroupChoice { group: *group, chosen: false })
                .collect(),
            months: vec!["2026-11".into(), "2026-10".into()],
            month: None,
            filtered: false,
            next_url: None,
            csv_url: "/me/history.csv".into(),
            archived: false,
            of_browser: 0,
        };
        let others = HistoryRow { code: None, receipt: false, ..HistoryPage::row(TopUpState::Credited) };
        let rows = TopUpState::ALL.iter().map(|state| HistoryPage::row(*state)).chain([others]).collect();
        vec![
            empty.clone(),
            HistoryPage { filtered: true, month: Some("2026-11".into()), ..empty.clone() },
            HistoryPage { rows, next_url: Some("/me/history?before=01JD".into()), ..empty.clone() },
            HistoryPage { archived: true, of_browser: 2, ..empty },
        ]
    }
}

/// The same orders for a spreadsheet.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryCsv {
    pub rows: Vec<HistoryRow>,
    /// The most rows that a file has, when there are more.
    pub cut_at: Option<usize>,
    pub archived: bool,
}

impl View for HistoryCsv {
    const TEMPLATE: &'static str = "me/history.csv";

    fn samples() -> Vec<HistoryCsv> {
        let rows = vec![HistoryPage::row(TopUpState::Credited)];
        vec![
            HistoryCsv { rows: rows.clone(), cut_at: None, archived: false },
            HistoryCsv { rows, cut_at: Some(5_000), archived: true },
        ]
    }
}
