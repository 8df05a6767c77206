//! Agents through pages: the public form, the office's decisions, and the owner's pages at a counter.

use crate::support::agents::{approved, fill, gbp, in_float, key, moves, outlet, staff, transfer};
use crate::support::buyer::{attribute, redirected, text};
use crate::support::counter::{Counter, OWNER, PIN};
use crate::support::desk::{Desk, problem};
use crate::support::town::{Town, in_town};
use domain::agent::{Agent, AgentState, DocumentKind};
use domain::locale::Locale;
use domain::outlet::Outlet;
use flows::counter::clerks;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_business_applies_on_the_public_form_and_two_of_the_staff_approve_it_on_its_page
    supervisors_decide_on_a_transfer_on_its_page_and_clerks_do_not_see_it
    a_plan_and_terms_are_set_on_pages_and_shown_as_they_stand
    an_owner_sees_shops_float_and_statement_and_moves_money_at_the_counter
}

const FORM: &str = "[data-testid=apply-form]";

/// A device at an outlet, unlocked by the agent's owner.
async fn counter_of(town: &Town, agent: &Agent, shop: &Outlet) -> Counter {
    let invited = clerks::invite_owner(&town.world, &agent.id, &shop.place, "Li Na", Locale::En).await;
    let code = invited.expect("invited").expect("a name").code;
    let counter = Counter::new(town);
    assert_eq!(counter.pair(town, &code).await.status, 204);
    let form = [("number", OWNER), ("code", &code), ("pin", PIN), ("again", PIN)];
    assert_eq!(redirected(&counter.post(town, "/agent/first-pin", &form).await), "/agent");
    counter
}

mod checks {
    use super::*;

    pub fn a_business_applies_on_the_public_form_and_two_of_the_staff_approve_it_on_its_page(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let page = buyer.get("/agents/apply").await;
            assert_eq!(page.status, 200, "{}", page.text);
            let key = attribute(&page.text, &format!("{FORM} input[name=key]"), "value").expect("a key");
            let form = [
                ("key", key.as_str()),
                ("name", "Sol Trading"),
                ("market", "GB"),
                ("kind", "dealer"),
                ("person", "Ana Sol"),
                ("email", "owner@sol.example"),
                ("phone", "+44 20 7946 0000"),
                ("address", "1 High Street"),
                ("registration_number", "01234567"),
            ];
            let bare = buyer.post("/agents/apply", &form).await;
            assert_eq!((bare.status, problem(&bare.text).as_str()), (422, "agent_document_missing"));
            assert!(bare.text.contains("value=\"Sol Trading\""), "what was typed stays: {}", bare.text);
            assert_eq!(town.count("select count(*) from agent").await, 0);
            let paper = b"%PDF-1.7\n%%EOF\n".as_slice();
            let papers = [
                ("document-registration", "licence.pdf", paper),
                ("document-identity", "passport.pdf", paper),
                ("document-tax", "", b"".as_slice()),
            ];
            let sent = buyer.post_documents("/agents/apply", &form, &papers).await;
            assert_eq!(sent.status, 200, "{}", sent.text);
            assert!(sent.text.contains("data-testid=\"applied\""), "{}", sent.text);
            let again = buyer.post_documents("/agents/apply", &form, &papers).await;
            assert_eq!(again.status, 200);
            assert_eq!(town.count("select count(*) from agent").await, 1, "one form applies once");
            assert_eq!(town.count("select count(*) from agent_document").await, 2);
            let read = town.world.db.read(|tx| store::agent::list(tx, AgentState::Applied, "", 9));
            let id = read.await.expect("read")[0].id.clone();
            let path = format!("/office/agents/{id}");
            let (clerk, ana) = (Desk::clerk(town, "cyd").await, Desk::supervisor(town, "ana").await);
            assert!(clerk.page("/office/agents").await.contains(&path));
            let shown = clerk.page(&path).await;
            assert!(shown.contains("owner@sol.example") && shown.contains("data-testid=\"agent-decide\""));
            assert_eq!(town.count("select count(*) from audit where action = 'looked'").await, 1);
            assert_eq!(clerk.post(&format!("{path}/agree"), &[("note", "")]).await.status, 303);
            let again = clerk.post(&format!("{path}/agree"), &[("note", "")]).await;
            assert_eq!(problem(&again.text), "agent_same_person");
            let refuse = clerk.post(&format!("{path}/refuse"), &[("note", "no")]).await;
            assert_eq!(problem(&refuse.text), "agent_not_supervisor");
            assert_eq!(ana.post(&format!("{path}/agree"), &[("note", "Seen.")]).await.status, 303);
            let state = attribute(&ana.page(&path).await, "[data-testid=agent-state]", "data-state");
            assert_eq!(state.as_deref(), Some("approved"));
            let document = clerk.get(&format!("{path}/documents/1")).await;
            assert_eq!((document.status, document.content_type()), (200, "application/pdf"));
            let silent = clerk.post(&format!("{path}/suspend"), &[("note", " ")]).await;
            assert_eq!(problem(&silent.text), "agent_note_missing");
            assert_eq!(clerk.post(&format!("{path}/suspend"), &[("note", "fraud")]).await.status, 303);
            let state = attribute(&ana.page(&path).await, "[data-testid=agent-state]", "data-state");
            assert_eq!(state.as_deref(), Some("suspended"));
            assert_eq!(town.buyer().get(&path).await.status, 303, "staff alone");
        });
    }

    pub fn supervisors_decide_on_a_transfer_on_its_page_and_clerks_do_not_see_it(engine: Engine) {
        in_town(engine, async |town| {
            let (ana, ben) = staff(town).await;
            let both = (ana.clone(), ben.clone());
            let agent = approved(town, &both, "Dealer One", None).await;
            let request = transfer(town, &agent, "t1", "RF 1853 9007", 200_000).await.expect("stated");
            let path = format!("/office/float/{}", request.id);
            let clerk = Desk::clerk(town, "cyd").await;
            assert_eq!(clerk.get(&path).await.status, 403);
            assert!(ana.page("/office/float").await.contains(request.id.as_str()));
            let proof = ana.get(&format!("{path}/proof")).await;
            assert_eq!((proof.status, proof.content_type()), (200, "application/pdf"));
            assert_eq!(ana.post(&format!("{path}/agree"), &[("note", "")]).await.status, 303);
            let own = ana.post(&format!("{path}/agree"), &[("note", "")]).await;
            assert_eq!(problem(&own.text), "agent_same_person");
            assert_eq!(in_float(town, &agent.partner).await, 0);
            assert_eq!(ben.post(&format!("{path}/agree"), &[("note", "Seen.")]).await.status, 303);
            assert_eq!(in_float(town, &agent.partner).await, 200_000);
            let page = ben.page(&path).await;
            let state = attribute(&page, "[data-testid=float-state]", "data-state");
            assert_eq!(state.as_deref(), Some("done"));
        });
    }

    pub fn a_plan_and_terms_are_set_on_pages_and_shown_as_they_stand(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            let plan = |credit: &'static str| {
                [("id", "standard"), ("currency", "GBP"), ("credit", credit), ("bundle", ""), ("note", "new")]
            };
            let wrong = staff.0.post("/office/agents/plans", &plan("5:200")).await;
            assert_eq!(problem(&wrong.text), "agent_plan_unfit");
            let set = staff.0.post("/office/agents/plans", &plan("0:200 100000:250")).await;
            assert_eq!(set.status, 303, "{}", set.text);
            let plans = staff.0.page("/office/agents/plans").await;
            assert!(text(&plans, "[data-testid=plans]").contains("standard v1"));
            let path = format!("/office/agents/{}", agent.id);
            let terms = [
                ("kind", "dealer"),
                ("parent", ""),
                ("offers", "gb-credit-10"),
                ("per_sale", "100"),
                ("clerk_day", ""),
                ("outlet_day", "999.50"),
                ("credit_line", "250"),
                ("plan", "standard"),
                ("note", "agreed"),
            ];
            let set = staff.0.post(&format!("{path}/terms"), &terms).await;
            assert_eq!(set.status, 303, "{}", set.text);
            let page = staff.0.page(&path).await;
            let value = |name: &str| attribute(&page, &format!("[data-testid=agent-terms] #{name}"), "value");
            assert_eq!(value("per_sale").as_deref(), Some("100.00"));
            assert_eq!(value("outlet_day").as_deref(), Some("999.50"));
            assert_eq!(value("credit_line").as_deref(), Some("250.00"));
            let kinds = DocumentKind::ALL.len();
            assert_eq!(page.matches("<option value=\"premises\"").count(), 1, "{kinds} kinds can be added");
            let audited = "select count(*) from audit where action = 'terms_changed'";
            assert_eq!(town.count(audited).await, 3, "once in the making, the plan, the terms");
        });
    }

    pub fn an_owner_sees_shops_float_and_statement_and_moves_money_at_the_counter(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            let shop = outlet(town, &staff, &agent, "Shop One").await;
            fill(town, &staff, &agent, 30_000).await;
            let counter = counter_of(town, &agent, &shop).await;
            let home = counter.browser.get("/agent/owner").await;
            assert_eq!(home.status, 200, "{}", home.text);
            assert!(text(&home.text, "[data-testid=outlets]").contains("Shop One"));
            let moving = [
                ("key", &key("page")[..]),
                ("from", agent.partner.as_str()),
                ("to", shop.partner.as_str()),
                ("amount", "120.00"),
                ("note", ""),
            ];
            for _ in 0..2 {
                let moved = counter.post(town, "/agent/owner/float/move", &moving).await;
                assert_eq!(redirected(&moved), "/agent/owner/float", "{}", moved.text);
            }
            assert_eq!(in_float(town, &shop.partner).await, 12_000, "one form moves once");
            let page = counter.browser.get("/agent/owner/float").await;
            assert!(text(&page.text, "[data-testid=float-requests]").contains("Li Na"), "{}", page.text);
            let much = [("key", "0123456789abcdef"), moving[1], moving[2], ("amount", "9999"), ("note", "")];
            let short = counter.post(town, "/agent/owner/float/move", &much).await;
            assert_eq!(redirected(&short), "/agent/owner/float", "a large one waits for somebody else");
            let limits = [("per_sale", "50"), ("clerk_day", ""), ("outlet_day", "x"), ("low_float", "10")];
            let path = format!("/agent/owner/outlets/{}", shop.place);
            let wrong = counter.post(town, &format!("{path}/limits"), &limits).await;
            assert_eq!((wrong.status, problem(&wrong.text).as_str()), (422, "agent_amount_unfit"));
            let limits = [("per_sale", "50"), ("clerk_day", ""), ("outlet_day", ""), ("low_float", "10")];
            let held = counter.post(town, &format!("{path}/limits"), &limits).await;
            assert_eq!(redirected(&held), format!("{path}?saved=1"));
            let other = approved(town, &staff, "Dealer Two", None).await;
            let strange = outlet(town, &staff, &other, "Shop Two").await;
            let strange = counter.browser.get(&format!("/agent/owner/outlets/{}", strange.place)).await;
            assert_eq!(strange.status, 404, "another agent's shop");
            let statement = counter.browser.get("/agent/owner/statements").await;
            assert_eq!(statement.status, 200, "{}", statement.text);
            let file = counter.browser.get("/agent/owner/statements.csv").await;
            assert_eq!((file.status, file.content_type()), (200, "text/csv; charset=utf-8"));
            let back =
                moves(town, &agent, "back", (&shop.partner, &agent.partner), 12_000).await.expect("up");
            assert_eq!(back.amount, gbp(12_000));
            assert_eq!(town.buyer().get("/agent/owner").await.status, 303, "not without a device");
        });
    }
}
