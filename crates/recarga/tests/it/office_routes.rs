//! Every address of the office, for nobody, a clerk, a supervisor and somebody who was shut out. The addresses are
//! read from the source, so that a new one is tested without being named here.

use crate::support::api::Answer;
use crate::support::buyer::{attribute, redirected, text};
use crate::support::office::{Member, signed_in};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::staff::{Role, StaffState};
use flows::office::staff::{self, StaffRefusal};
use std::collections::BTreeSet;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    every_address_of_the_office_is_closed_to_whom_it_is_not_for
    errors_inside_the_office_have_its_frame_the_readers_language_and_a_way_back
    the_last_supervisor_is_not_shut_out
}

const SOURCES: [&str; 5] = [
    include_str!("../../../web/src/office/mod.rs"),
    include_str!("../../../web/src/office/agents.rs"),
    include_str!("../../../web/src/office/agent_float.rs"),
    include_str!("../../../web/src/office/care.rs"),
    include_str!("../../../web/src/office/campaigns.rs"),
];
/// What only supervisors may open, by the beginning of the address.
const SUPERVISED: [&str; 4] = ["/office/audit", "/office/float", "/office/staff", "/office/limits/"];
const DOORS: [&str; 2] = ["/office/sign-in", "/office/join"];

/// All addresses, with something unknown where they name something.
fn addresses() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for source in SOURCES {
        for part in source.split("\"/office").skip(1) {
            let path = part.split('"').next().unwrap_or_default();
            if path.contains(' ') || path.contains('?') {
                continue;
            }
            let words = path.split('/').map(|word| if word.starts_with('{') { "unknown" } else { word });
            all.insert(format!("/office{}", words.collect::<Vec<_>>().join("/")));
        }
    }
    all.remove("/office/");
    all
}

fn is_supervised(path: &str) -> bool {
    let decides = path.ends_with("/approve") || path.ends_with("/decline");
    decides || SUPERVISED.iter().any(|begins| path.starts_with(begins))
}

/// GET and a POST that somebody made by hand.
async fn both(member: &Member, path: &str) -> [Answer; 2] {
    [member.browser.get(path).await, member.browser.post(path, &[("note", "by hand")]).await]
}

async fn shut_out(town: &Town, login: &str) {
    let id = staff::find(&town.world, login).await.expect("read").expect(login).id;
    staff::disable(&town.world, Actor::Operator, &id).await.expect("done").expect("shut out");
}

mod checks {
    use super::*;

    pub fn every_address_of_the_office_is_closed_to_whom_it_is_not_for(engine: Engine) {
        in_town(engine, async |town| {
            let all = addresses();
            assert!(all.len() > 35, "{all:?}");
            let nobody = Member { login: "nobody", secret: String::new(), browser: town.buyer() };
            for path in &all {
                if DOORS.iter().any(|door| path.starts_with(door)) {
                    continue;
                }
                for answer in both(&nobody, path).await {
                    assert!(redirected(&answer).starts_with("/office/sign-in"), "{path}: {}", answer.text);
                }
            }
            let clerk = signed_in(town, "ana", Role::Clerk).await;
            let sol = signed_in(town, "sol", Role::Supervisor).await;
            for path in all.iter().filter(|path| is_supervised(path)) {
                for answer in both(&clerk, path).await {
                    assert_eq!(answer.status, 403, "{path}: {}", answer.text);
                    assert!(answer.text.contains("data-testid=\"forbidden\""), "{path}: {}", answer.text);
                }
                for answer in both(&sol, path).await {
                    assert_ne!(answer.status, 403, "{path}: {}", answer.text);
                }
            }
            for path in all.iter().filter(|path| !is_supervised(path) && !path.ends_with("/sign-out")) {
                for answer in both(&clerk, path).await {
                    assert_ne!(answer.status, 403, "{path}: {}", answer.text);
                    assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text);
                }
            }
            shut_out(town, "ana").await;
            for path in all.iter().filter(|path| !DOORS.iter().any(|door| path.starts_with(door))) {
                for answer in both(&clerk, path).await {
                    assert!(redirected(&answer).starts_with("/office/sign-in"), "{path}: {}", answer.text);
                }
            }
        });
    }

    pub fn errors_inside_the_office_have_its_frame_the_readers_language_and_a_way_back(engine: Engine) {
        in_town(engine, async |town| {
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let missing = ana.browser.get("/office/orders/7K2M9-QX4TB").await;
            let nowhere = ana.browser.get("/office/no/such/page").await;
            let method = ana.browser.post("/office", &[]).await;
            for (answer, status) in [(missing, 404), (nowhere, 404), (method, 405)] {
                assert_eq!(answer.status, status, "{}", answer.text);
                assert!(answer.text.contains("data-testid=\"office-error\""), "{}", answer.text);
                assert!(answer.text.contains("class=\"office-nav\""), "the menu stays: {}", answer.text);
                let back = attribute(&answer.text, "[data-testid=office-error] a.button", "href");
                assert_eq!(back.as_deref(), Some("/office"));
                let id = text(&answer.text, "[data-testid=request-id]");
                assert!(!id.is_empty() && text(&answer.text, "[data-testid=office-error]").contains(&id));
            }
            let forged = reqwest::Client::builder().no_proxy().build().expect("a browser");
            let forged = forged
                .post(format!("{}/office/sign-out", town.url))
                .header("origin", "https://elsewhere.example")
                .header("sec-fetch-site", "cross-site")
                .header("accept-language", "zh-CN");
            let answer = Answer::of(forged.send().await.expect("an answer")).await;
            assert_eq!(answer.status, 403);
            assert!(answer.text.contains("data-testid=\"office-error\""), "{}", answer.text);
            assert!(answer.text.contains("无法接受此表单"), "{}", answer.text);
        });
    }

    pub fn the_last_supervisor_is_not_shut_out(engine: Engine) {
        in_town(engine, async |town| {
            signed_in(town, "sol", Role::Supervisor).await;
            signed_in(town, "eva", Role::Supervisor).await;
            shut_out(town, "eva").await;
            let sol = staff::find(&town.world, "sol").await.expect("read").expect("sol");
            let refused = staff::disable(&town.world, Actor::Operator, &sol.id).await.expect("done");
            assert_eq!(refused, Err(StaffRefusal::LastSupervisor));
            let sol = staff::find(&town.world, "sol").await.expect("read").expect("sol");
            assert_eq!(sol.state, StaffState::Active);
        });
    }
}
