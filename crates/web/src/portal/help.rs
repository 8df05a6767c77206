//! The help page.

use super::html;
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use domain::time::MINUTE_MS;
use domain::top_up::TopUpState;
use render::view::Help;

pub async fn page(State(site): State<Site>, reader: Reader) -> Response {
    let view = Help {
        states: TopUpState::ALL,
        minutes: site.world.settings.answer_within_ms / MINUTE_MS,
        sms: site.world.sms.is_some(),
        contact: site.config.support.for_reader(reader.locale),
    };
    html(&site, &reader, &view)
}
