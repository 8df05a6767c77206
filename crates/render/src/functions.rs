//! What templates can call: `t` and `plain` for words, `money`, `date` and the like for values.
//! Each is bound to one language when the environment is made.

use std::sync::Arc;

use domain::money::Money;
use domain::offer::Allowance;
use domain::time::UnixMs;
use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State};

use crate::afterwards::{self, AfterwardsValues};
use crate::renderer::Language;
use crate::sentence::{self, SentenceValues};
use crate::sms;

pub fn register(environment: &mut Environment<'static>, language: &Arc<Language>) {
    words(environment, language);
    values(environment, language);
}

fn words(environment: &mut Environment<'static>, language: &Arc<Language>) {
    let of = Arc::clone(language);
    environment.add_function("t", move |state: &State<'_, '_>, key: String, kwargs: Kwargs| {
        let args = arguments(&kwargs)?;
        text(state, &of, &key, &args)
    });
    let of = Arc::clone(language);
    // For attributes, options and titles, where markup has no place.
    environment.add_function("plain", move |key: String, kwargs: Kwargs| {
        of.texts.plain(&key, &arguments(&kwargs)?).map_err(failed)
    });
    let of = Arc::clone(language);
    environment.add_function("sentence", move |state: &State<'_, '_>, values: Serde<SentenceValues>| {
        let (key, args) = sentence::parts(&values.0, &of.formats);
        text(state, &of, key, &args)
    });
    let of = Arc::clone(language);
    environment.add_function("afterwards", move |values: Serde<AfterwardsValues>| {
        afterwards::sentence(&values.0, &of).map_err(failed)
    });
    let of = Arc::clone(language);
    environment.add_function("validity", move |values: Serde<AfterwardsValues>| {
        afterwards::validity(&values.0, &of).map_err(failed)
    });
    let of = Arc::clone(language);
    environment.add_function("validity_in_short", move |values: Serde<AfterwardsValues>| {
        afterwards::validity_in_short(&values.0, &of).map_err(failed)
    });
    let of = Arc::clone(language);
    // A country we have no name for is shown by its code.
    environment.add_function("country_name", move |code: String| {
        let key = format!("country-{}", code.to_lowercase());
        if of.texts.has(&key) { of.texts.plain(&key, &FluentArgs::new()).map_err(failed) } else { Ok(code) }
    });
}

fn values(environment: &mut Environment<'static>, language: &Arc<Language>) {
    let of = Arc::clone(language);
    environment.add_function("money", move |state: &State<'_, '_>, money: Serde<Money>| {
        let written = of.formats.money(money.0);
        if is_html(state) || domain::sms::is_gsm7(&sms::plain_spaces(&written)) {
            written
        } else {
            of.formats.money_by_code(money.0)
        }
    });
    let of = Arc::clone(language);
    environment.add_function("rate", move |basis_points: u16| of.formats.rate(basis_points));
    let of = Arc::clone(language);
    environment.add_function("symbol", move |money: Serde<Money>| of.formats.symbol(money.0.currency));
    environment.add_function("decimal", |money: Serde<Money>| crate::format::decimal(money.0));
    environment.add_function("decimal_places", |money: Serde<Money>| crate::format::decimal_places(money.0));
    let of = Arc::clone(language);
    environment.add_function("date", move |at: i64, zone: String| of.formats.date(UnixMs(at), &zone));
    let of = Arc::clone(language);
    environment.add_function("moment", move |at: i64, zone: String| of.formats.moment(UnixMs(at), &zone));
    let of = Arc::clone(language);
    environment.add_function("moment_exact", move |at: i64, zone: String| {
        of.formats.moment_exact(UnixMs(at), &zone)
    });
    let of = Arc::clone(language);
    environment.add_function("clock", move |at: i64, zone: String| of.formats.clock(UnixMs(at), &zone));
    // For spreadsheets: what they read as a date in the market's zone, and cells that they run nothing in.
    environment
        .add_function("local_time", |at: i64, zone: String| crate::format::local_time(UnixMs(at), &zone));
    environment.add_function("cell", |text: String| crate::csv::cell(&text));
    environment.add_function("rfc3339", |at: i64| UnixMs(at).rfc3339());
    let of = Arc::clone(language);
    environment.add_function("allowance", move |allowance: Serde<Allowance>| {
        let (key, count, shown) = of.formats.allowance(&allowance.0);
        let args =
            FluentArgs::from_iter([("count", FluentValue::from(count)), ("shown", FluentValue::from(shown))]);
        of.texts.plain(key, &args).map_err(failed)
    });
}

fn text(
    state: &State<'_, '_>,
    language: &Language,
    key: &str,
    args: &FluentArgs<'_>,
) -> Result<Value, Error> {
    if is_html(state) {
        language.texts.html(key, args).map(Value::from_safe_string).map_err(failed)
    } else {
        language.texts.plain(key, args).map(Value::from).map_err(failed)
    }
}

fn is_html(state: &State<'_, '_>) -> bool {
    matches!(state.auto_escape(), AutoEscape::Html)
}

fn arguments(kwargs: &Kwargs) -> Result<FluentArgs<'static>, Error> {
    let mut args = FluentArgs::new();
    for name in kwargs.args() {
        let value: Value = kwargs.get(name)?;
        let value = match i64::try_from(value.clone()) {
            Ok(number) => FluentValue::from(number),
            Err(_) => FluentValue::from(value.to_string()),
        };
        args.set(name.to_owned(), value);
    }
    Ok(args)
}

fn failed(error: anyhow::Error) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{error:#}"))
}
