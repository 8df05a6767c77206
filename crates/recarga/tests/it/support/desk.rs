//! A desk in the office: somebody of the staff who is signed in, with a browser.

use super::api::Answer;
use super::buyer::{attribute, text};
use super::town::Town;
use domain::actor::Actor;
use domain::id::StaffId;
use domain::staff::{Role, StaffState};
use flows::care::Colleague;
use reqwest::Client;

/// Somebody of the staff.
#[derive(Clone)]
pub struct Desk {
    pub id: StaffId,
    role: Role,
    client: Client,
    url: String,
    cookie: String,
}

impl Desk {
    /// Somebody new, who is in.
    pub async fn of(town: &Town, login: &str, role: Role) -> Desk {
        let world = &town.world;
        let added = flows::office::staff::add(world, Actor::Operator, login, login, role).await;
        let (id, _) = added.expect("added").expect("a new login");
        let active = id.clone();
        let done = world.db.write(move |tx| store::staff::set_state(tx, &active, StaffState::Active)).await;
        done.expect("active");
        let opened = flows::office::session::demo_door(world, login).await.expect("opened").expect("a door");
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.timeout(std::time::Duration::from_secs(30)).build().expect("a browser");
        Desk { id, role, client, url: town.url.clone(), cookie: format!("office={}", opened.secret) }
    }

    pub async fn clerk(town: &Town, login: &str) -> Desk {
        Desk::of(town, login, Role::Clerk).await
    }

    pub async fn supervisor(town: &Town, login: &str) -> Desk {
        Desk::of(town, login, Role::Supervisor).await
    }

    pub fn colleague(&self) -> Colleague {
        Colleague { id: self.id.clone(), role: self.role }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.url)).header("accept-language", "en-GB");
        Answer::of(request.header("cookie", &self.cookie).send().await.expect("an answer")).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url)).header("accept-language", "en-GB");
        let request = request.header("cookie", &self.cookie).form(form);
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page.text
    }

    /// Asks for a refund of an order; says where that leads, or the code of what is wrong.
    pub async fn asks_refund(&self, code: &str, reason: &str) -> Result<String, String> {
        let form = self.get(&format!("/office/refunds/ask?code={code}")).await.text;
        let attempt = attribute(&form, "[data-testid=refund-ask] input[name=attempt]", "value");
        let fields = [("code", code), ("reason", reason), ("note", "They wrote to us.")];
        let attempt = attempt.unwrap_or_default();
        let fields: Vec<_> = fields.into_iter().chain([("attempt", attempt.as_str())]).collect();
        led(&self.post("/office/refunds/ask", &fields).await)
    }

    /// Decides on a request by its address.
    pub async fn decides(&self, request: &str, how: &str, note: &str) -> Result<String, String> {
        led(&self.post(&format!("{request}/{how}"), &[("note", note)]).await)
    }
}

/// Where an answer leads, or the code of the problem that it shows.
fn led(answer: &Answer) -> Result<String, String> {
    if answer.status == 303 {
        return Ok(answer.header("location").to_owned());
    }
    Err(problem(&answer.text))
}

/// The code of what a page says is wrong.
pub fn problem(html: &str) -> String {
    attribute(html, "[data-testid=error-summary]", "data-code").unwrap_or_else(|| text(html, "h1"))
}
