//! Commission plans: what stands, and the form by which a supervisor makes a new version.

use super::agents::problem;
use super::session::StaffMember;
use super::{care, frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent_refusal::Refused;
use domain::commission::{CommissionPlan, ProductClass, Rule, Tier};
use domain::money::Currency;
use flows::agents::terms;
use http::StatusCode;
use render::view::{OfficePlans, OfficeProblem, OfficeSection, PlanRow};
use serde::Deserialize;

/// Plans of one page.
const LISTED: i64 = 100;

#[derive(Default, Deserialize)]
pub struct Written {
    #[serde(default)]
    id: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    credit: String,
    #[serde(default)]
    bundle: String,
    #[serde(default)]
    note: String,
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    listed(&site, &reader, &member, Written::default(), None).await
}

async fn listed(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    written: Written,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let read = site.world.db.read(|tx| store::commission::list_plans(tx, LISTED));
    let plans = read.await.map_err(flows::Error::from)?;
    let mut currencies: Vec<Currency> = Vec::new();
    for market in &site.world.fresh_catalogue().await?.markets {
        if !currencies.contains(&market.currency) {
            currencies.push(market.currency);
        }
    }
    let short = |text: String| text.chars().take(400).collect();
    let view = OfficePlans {
        office: frame(member, OfficeSection::Agents),
        plans: plans.iter().map(PlanRow::of).collect(),
        currencies,
        id: short(written.id),
        credit: short(written.credit),
        bundle: short(written.bundle),
        problem,
    };
    Ok(page(site, reader, &view))
}

/// Reads tiers as they are typed, `0:200 100000:250`; nothing typed is no rule.
fn rule(class: ProductClass, typed: &str) -> Result<Option<Rule>, Refused> {
    let tier = |word: &str| {
        let (from, share) = word.split_once(':').ok_or(Refused::PlanUnfit)?;
        let from_minor = from.parse().map_err(|_| Refused::PlanUnfit)?;
        let basis_points = share.parse().map_err(|_| Refused::PlanUnfit)?;
        Ok(Tier { from_minor, basis_points })
    };
    let tiers = typed.split_whitespace().map(tier).collect::<Result<Vec<_>, Refused>>()?;
    Ok((!tiers.is_empty()).then_some(Rule { class, tiers }))
}

fn plan(written: &Written) -> Result<CommissionPlan, Refused> {
    let rules = [rule(ProductClass::Credit, &written.credit)?, rule(ProductClass::Bundle, &written.bundle)?];
    Ok(CommissionPlan {
        id: written.id.trim().to_owned(),
        version: 0,
        currency: written.currency.parse().map_err(|_| Refused::PlanUnfit)?,
        rules: rules.into_iter().flatten().collect(),
    })
}

pub async fn set(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Form(written): Form<Written>,
) -> Result<Response, Failure> {
    let done = match plan(&written) {
        Ok(plan) => terms::set_plan(&site.world, &care::colleague(&member), plan, &written.note).await?,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(_) => Ok(Redirect::to("/office/agents/plans").into_response()),
        Err(refused) => {
            let again = listed(&site, &reader, &member, written, Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_read_as_they_are_shown() {
        let typed = "0:200 100000:250";
        let read = rule(ProductClass::Credit, typed).unwrap().unwrap();
        let plan = CommissionPlan {
            id: "a".into(),
            version: 1,
            currency: "GBP".parse().unwrap(),
            rules: vec![read],
        };
        assert_eq!(PlanRow::of(&plan).rules, [("credit".to_owned(), typed.to_owned())]);
        assert_eq!(rule(ProductClass::Credit, " "), Ok(None));
        for bad in ["0", "0:", "x:1", "0:70000", "0;200"] {
            assert_eq!(rule(ProductClass::Credit, bad), Err(Refused::PlanUnfit), "{bad}");
        }
    }
}
