//! What tells of the API: the OpenAPI document and `/docs`. What they say must be true.

use crate::support::api::Answer;
use crate::support::town::in_town;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_document_names_its_server_and_the_errors_of_every_call
    the_page_says_how_to_begin_without_javascript
    the_first_calls_of_the_page_work_as_they_are_written
    every_code_that_the_document_names_is_explained_on_the_page
    the_page_shows_numbers_and_cards_that_the_demo_has
}

const LINES: &str = include_str!("../../demo/lines.csv");
const SIMULATOR: &str = include_str!("../../../../docs/simulator.md");

/// The texts between a mark and the next end.
fn between<'t>(text: &'t str, mark: &str, end: &str) -> Vec<&'t str> {
    text.split(mark).skip(1).filter_map(|rest| rest.split_once(end).map(|(inner, _)| inner)).collect()
}

mod checks {
    use super::*;

    pub fn the_document_names_its_server_and_the_errors_of_every_call(engine: Engine) {
        in_town(engine, async |town| {
            let document = town.api.with_key("").get("/openapi.json").await.json;
            assert_eq!(document["servers"][0]["url"], town.url);
            let calls = document["paths"].as_object().unwrap().iter();
            let calls = calls.flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(move |(method, call)| (format!("{method} {path}"), call))
            });
            for (name, call) in calls {
                let responses = call["responses"].as_object().unwrap();
                // What anybody may ask needs no key, so no key of theirs is refused.
                let open = call["security"] == serde_json::json!([{}]);
                let always: &[&str] =
                    if open { &["500", "503"] } else { &["400", "401", "403", "500", "503"] };
                let has_body = call["requestBody"].is_object();
                let with_body = if has_body { &["413", "415", "422"][..] } else { &[] };
                for status in always.iter().chain(with_body) {
                    assert!(responses.contains_key(*status), "{name} has no {status}");
                }
                for (status, response) in responses {
                    if status.starts_with(['4', '5']) {
                        let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                        assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
                        assert!(response["description"].as_str().unwrap().contains('`'), "{name} {status}");
                    }
                }
            }
            let problem = &document["components"]["schemas"]["Problem"]["properties"];
            assert!(problem["total"].is_object() && problem["challenge"].is_null(), "{problem}");
        });
    }

    pub fn the_page_says_how_to_begin_without_javascript(engine: Engine) {
        in_town(engine, async |town| {
            let page = town.buyer().get("/docs").await;
            assert_eq!(page.status, 200);
            for told in [
                "href=\"/\"",
                "href=\"/openapi.json\"",
                "Authorization: Bearer",
                "Idempotency-Key",
                "Idempotent-Replayed",
                "/v1/responses/",
                "<code>top_ups:write</code>",
                "<code>GET /v1/lines/{msisdn}</code>",
                "<tr id=\"price_changed\"><td>409</td>",
                "<noscript>",
                &town.outside.url,
            ] {
                assert!(page.text.contains(told), "{told}");
            }
            assert!(
                !page.text.contains("{url}") && !page.text.contains("{codes}"),
                "nothing is left to fill in"
            );
        });
    }

    pub fn the_first_calls_of_the_page_work_as_they_are_written(engine: Engine) {
        in_town(engine, async |town| {
            let page = town.buyer().get("/docs").await.text;
            let mut statuses = Vec::new();
            for call in between(&page, "curl ", "</code>") {
                let url = call.split_whitespace().find(|word| word.starts_with("http")).expect("an address");
                let path = url.strip_prefix(&town.url).expect("our own address");
                let key = between(call, "Idempotency-Key: ", "\"").first().copied();
                let answer = match between(call, "-d '", "'").first() {
                    Some(body) => {
                        let body: Value = serde_json::from_str(body).expect("JSON");
                        town.api.post(path, key, &body).await
                    }
                    None => town.api.get(path).await,
                };
                statuses.push((answer.status, answer.replayed()));
            }
            assert_eq!(statuses, [(201, false), (201, false), (201, true)]);
        });
    }

    pub fn every_code_that_the_document_names_is_explained_on_the_page(engine: Engine) {
        in_town(engine, async |town| {
            let page = town.buyer().get("/docs").await.text;
            let explained: BTreeSet<&str> = between(&page, "<tr id=\"", "\"").into_iter().collect();
            let document = town.api.get("/openapi.json").await.json;
            let calls = document["paths"].as_object().unwrap().values();
            let mut named = BTreeSet::new();
            for call in calls.flat_map(|item| item.as_object().unwrap().values()) {
                for (status, response) in call["responses"].as_object().unwrap() {
                    let description = response["description"].as_str().unwrap_or("");
                    for code in
                        description.split('`').skip(1).step_by(2).filter(|_| status.starts_with(['4', '5']))
                    {
                        assert!(explained.contains(code), "{code} is not explained");
                        let row = format!("<tr id=\"{code}\"><td>{status}</td>");
                        assert!(page.contains(&row), "{code} is explained with another status than {status}");
                        named.insert(code.to_owned());
                    }
                }
            }
            // These belong to no call that the document lists.
            named.extend(["not_found", "method_not_allowed", "request_invalid"].map(str::to_owned));
            assert_eq!(named, explained.iter().map(|code| (*code).to_owned()).collect());
        });
    }

    pub fn the_page_shows_numbers_and_cards_that_the_demo_has(engine: Engine) {
        in_town(engine, async |town| {
            let page = Answer::of(town.api.request(Method::GET, "/docs").send().await.unwrap()).await.text;
            let demo = page.split_once("id=\"demo\"").expect("a demo").1.split_once("</section>").unwrap().0;
            let shown = between(demo, "<tr><td><code>", "</td></tr>");
            let (cards, numbers): (Vec<&str>, Vec<&str>) =
                shown.into_iter().partition(|row| row.contains(' ') && row[..5].ends_with(' '));
            assert!(cards.len() >= 4 && numbers.len() >= 6, "{demo}");
            for row in cards {
                let card = row.split('<').next().unwrap();
                assert!(SIMULATOR.contains(&format!("| {card} |")), "{card}");
            }
            for row in numbers {
                let number = row.split('<').next().unwrap();
                let line = LINES.lines().find(|line| line.starts_with(&format!("+{number},"))).expect(number);
                let status = line.split(',').nth(1).unwrap();
                let code = between(row, "<td><code>line_", "<").first().copied().unwrap_or("active");
                assert_eq!(code, status, "{number}");
            }
        });
    }
}
