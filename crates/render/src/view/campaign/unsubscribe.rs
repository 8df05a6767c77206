//! The page behind the link of a marketing mail: one button. Opening it changes nothing, because machines open links.

use crate::view::View;
use domain::notice::NoticeChannel;
use serde::Serialize;

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsubscribeState {
    Ask,
    Done,
    /// The link is none of ours, or its account is gone.
    Unknown,
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Unsubscribe {
    pub state: UnsubscribeState,
    pub channel: NoticeChannel,
    /// The address, masked.
    pub shown: Option<String>,
    /// Where the button leads.
    pub action: String,
}

impl View for Unsubscribe {
    const TEMPLATE: &'static str = "portal/unsubscribe.html";

    fn samples() -> Vec<Unsubscribe> {
        let page = |state, channel, shown: Option<&str>| Unsubscribe {
            state,
            channel,
            shown: shown.map(str::to_owned),
            action: "/unsubscribe/k1.abc".into(),
        };
        vec![
            page(UnsubscribeState::Ask, NoticeChannel::Email, Some("a•••@example.org")),
            page(UnsubscribeState::Ask, NoticeChannel::Email, None),
            page(UnsubscribeState::Done, NoticeChannel::Email, Some("a•••@example.org")),
            page(UnsubscribeState::Done, NoticeChannel::Sms, None),
            page(UnsubscribeState::Unknown, NoticeChannel::Email, None),
        ]
    }
}
