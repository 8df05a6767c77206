//! The printer's pages: what came out of it, as pictures for people and as JSON for programs; and its part of the
//! control API. Start at [`routes`] and [`control_routes`].

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use minijinja::{Value as View, context};
use serde_json::json;

use super::{Condition, PaperSensor};
use crate::control::{Sent, body, refusal};
use crate::hosted_page::{self, words::Language};
use crate::world::Shared;

/// The longest a line may take.
const MOST_SLOW_MS: u64 = 10_000;
/// The page shows so many papers.
const SHOWN: usize = 20;

/// The pages.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/printer", get(page))
        .route("/printer/papers", get(papers))
        .route("/printer/papers/{id}", get(picture))
}

/// The calls of the control API.
pub fn control_routes() -> Router<Shared> {
    Router::new()
        .route("/control/printer", post(set).get(show))
        .route("/control/printer/papers", delete(throw_away))
}

/// `GET /printer/papers`: newest first.
async fn papers(State(world): State<Shared>) -> Response {
    let state = world.printer.state();
    Json(json!({ "papers": state.papers, "drawer_opened": state.drawer_opened })).into_response()
}

/// `GET /printer/papers/{id}`, or `latest`: the paper as PNG.
async fn picture(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.printer.state();
    let id = id.trim_end_matches(".png");
    let found = match id {
        "latest" => state.papers.front(),
        id => state.papers.iter().find(|paper| paper.id.to_string() == id),
    };
    match found {
        Some(paper) => ([(header::CONTENT_TYPE, "image/png")], paper.png.clone()).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "no paper with this number"),
    }
}

async fn page(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = Language::of("auto", accepted);
    let state = world.printer.state();
    let papers: Vec<View> = state
        .papers
        .iter()
        .take(SHOWN)
        .map(|paper| {
            context! {
                id => paper.id, at => paper.at.as_str(), text => paper.text.join("\n"), cut => paper.cut,
                width => paper.width, height => paper.height,
            }
        })
        .collect();
    let view = context! {
        lang => language.tag(), w => language.words(), papers,
        title => language.pick("Receipt printer", "小票打印机"),
        none => language.pick("Nothing was printed yet.", "尚未打印任何小票。"),
        torn => language.pick("The connection ended before the cut.", "连接在切纸前已中断。"),
        back => language.pick("Phone and mailbox", "手机与邮箱"),
        standing => standing(&state.condition, language),
    };
    drop(state);
    hosted_page::render("printer.html", StatusCode::OK, None, view)
}

fn standing(condition: &Condition, language: Language) -> &'static str {
    if condition.cover_open {
        language.pick("The cover is open.", "机盖已打开。")
    } else if condition.paper == PaperSensor::Out {
        language.pick("It is out of paper.", "打印纸已用完。")
    } else if condition.offline {
        language.pick("It is off line.", "打印机已脱机。")
    } else if condition.paper == PaperSensor::NearEnd {
        language.pick("Its paper ends soon.", "打印纸即将用完。")
    } else {
        language.pick("It is ready.", "打印机已就绪。")
    }
}

async fn show(State(world): State<Shared>) -> Response {
    Json(json!(world.printer.state().condition)).into_response()
}

/// `POST /control/printer`: how it stands from now on; what is left out is well.
async fn set(State(world): State<Shared>, sent: Sent<Condition>) -> Response {
    let condition = match body(sent) {
        Ok(condition) => condition,
        Err(response) => return *response,
    };
    if !matches!(condition.width, 384 | 576) || condition.slow_ms > MOST_SLOW_MS {
        return refusal(StatusCode::BAD_REQUEST, "width: 384 or 576; slow_ms: 0 to 10000");
    }
    world.printer.set(condition.clone());
    Json(json!(condition)).into_response()
}

async fn throw_away(State(world): State<Shared>) -> Response {
    let mut state = world.printer.state();
    state.papers.clear();
    state.drawer_opened = 0;
    Json(json!({ "papers": 0 })).into_response()
}
