//! The sentence "you will have … until …": said before paying and again when it has arrived, from one value
//! ([`AfterwardsValues`]) in page, interface, text message and receipt. The words stand in `afterwards.ftl`.

use anyhow::Result;
use domain::afterwards::{Afterwards, AllowanceAfter, CreditAfter, Ends};
use domain::offer::{Allowance, Zone};
use domain::time::UnixMs;
use fluent_bundle::{FluentArgs, FluentValue};
use serde::{Deserialize, Serialize};

use crate::renderer::Language;

/// What will be there, and in which time zone its dates are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterwardsValues {
    pub after: Afterwards,
    /// The market's time zone (IANA).
    pub time_zone: String,
}

/// Before paying: all that will be there, one sentence for everything that ends together.
pub(crate) fn sentence(values: &AfterwardsValues, language: &Language) -> Result<String> {
    let mut said = Vec::new();
    if let Some(credit) = &values.after.credit {
        said.push(credit_sentence(credit, language)?);
    }
    for group in groups(&values.after.allowances) {
        said.push(group_sentence(&group, &values.time_zone, language)?);
    }
    let besides: Vec<&AllowanceAfter> =
        values.after.allowances.iter().filter(|a| a.besides.is_some()).collect();
    if !besides.is_empty() {
        let what = list(besides.iter().map(|a| (a.unit, a.besides.unwrap_or(0))), None, language)?;
        said.push(language.texts.plain("after-besides", &args([("what", what.into())]))?);
    }
    join(said, language)
}

/// Once it has arrived: until when it lasts. Empty for credit, which has no end.
pub(crate) fn validity(values: &AfterwardsValues, language: &Language) -> Result<String> {
    ends_by("after-valid", values, language)
}

/// The same where every letter counts: in a text message.
pub(crate) fn validity_in_short(values: &AfterwardsValues, language: &Language) -> Result<String> {
    ends_by("sms-valid", values, language)
}

fn ends_by(words: &str, values: &AfterwardsValues, language: &Language) -> Result<String> {
    let mut said: Vec<String> = Vec::new();
    for group in groups(&values.after.allowances) {
        let (key, end_args) = ends(group[0].ends, &values.time_zone, language);
        let sentence = language.texts.plain(&format!("{words}-{key}"), &end_args)?;
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    join(said, language)
}

fn join(said: Vec<String>, language: &Language) -> Result<String> {
    let space = language.texts.plain("after-space", &FluentArgs::new())?;
    Ok(said.join(if space == "none" { "" } else { " " }))
}

fn credit_sentence(credit: &CreditAfter, language: &Language) -> Result<String> {
    let added = language.formats.money(credit.added);
    match credit.balance {
        None => language.texts.plain("after-credit-added", &args([("added", added.into())])),
        Some(balance) => {
            let balance = language.formats.money(balance);
            let args = args([("added", added.into()), ("balance", balance.into())]);
            language.texts.plain("after-credit-balance", &args)
        }
    }
}

/// Allowances that end together and are used in the same place, in their order.
fn groups(allowances: &[AllowanceAfter]) -> Vec<Vec<&AllowanceAfter>> {
    let mut groups: Vec<Vec<&AllowanceAfter>> = Vec::new();
    for allowance in allowances {
        let same = |group: &&mut Vec<&AllowanceAfter>| {
            group.first().is_some_and(|first| first.ends == allowance.ends && first.zone == allowance.zone)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(allowance),
            None => groups.push(vec![allowance]),
        }
    }
    groups
}

fn group_sentence(group: &[&AllowanceAfter], time_zone: &str, language: &Language) -> Result<String> {
    let first = group[0];
    let amounts = group.iter().map(|a| (a.unit, a.amount.unwrap_or(a.added)));
    let what = list(amounts, first.zone.as_ref(), language)?;
    let (key, mut args) = ends(first.ends, time_zone, language);
    args.set("what", what);
    // Who may know the balance is told what they will have; others what the number gets.
    let who = if first.amount.is_some() { "have" } else { "get" };
    language.texts.plain(&format!("after-{who}-{key}"), &args)
}

/// Which words tell the end, and the values in them.
fn ends(ends: Ends, time_zone: &str, language: &Language) -> (&'static str, FluentArgs<'static>) {
    let date = |at: UnixMs| FluentValue::from(language.formats.date(at, time_zone));
    let days = |days: u32| FluentValue::from(i64::from(days));
    match ends {
        Ends::At { at } => ("until", args([("end", date(at))])),
        Ends::Adds { days: added, at_least } => {
            ("adds", args([("end", date(at_least)), ("days", days(added))]))
        }
        Ends::AtLeast { at_least } => ("at-least", args([("end", date(at_least))])),
        Ends::FirstUse { days: lasts, by } => ("first-use", args([("end", date(by)), ("days", days(lasts))])),
    }
}

/// Amounts in words, in the order given.
pub(crate) fn list(
    amounts: impl Iterator<Item = (domain::unit::Unit, i64)>,
    zone: Option<&Zone>,
    language: &Language,
) -> Result<String> {
    let mut written = Vec::new();
    for (unit, amount) in amounts {
        let (key, count, shown) = language.formats.allowance(&Allowance { unit, amount });
        let args = args([("count", count.into()), ("shown", shown.into())]);
        written.push(language.texts.plain(key, &args)?);
    }
    let last = written.pop().unwrap_or_default();
    let what = if written.is_empty() {
        last
    } else {
        let comma = language.texts.plain("after-comma", &FluentArgs::new())?;
        let comma = if comma == "," { ", ".to_owned() } else { comma };
        let args = args([("first", written.join(&comma).into()), ("last", last.into())]);
        language.texts.plain("after-list", &args)?
    };
    match zone {
        None => Ok(what),
        Some(zone) => {
            let name = zone.name_in(language.locale).to_owned();
            language.texts.plain("after-in-zone", &args([("what", what.into()), ("zone", name.into())]))
        }
    }
}

fn args<const N: usize>(values: [(&'static str, FluentValue<'static>); N]) -> FluentArgs<'static> {
    FluentArgs::from_iter(values)
}

#[cfg(test)]
mod tests;
