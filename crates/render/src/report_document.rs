//! The report of a shift on paper: the value of its page ([`CounterReport`]) put in words line by line.

use anyhow::Result;
use domain::locale::Locale;
use domain::money::Money;
use domain::time::UnixMs;
use fluent_bundle::{FluentArgs, FluentValue};
use receipts::{Direction, Document, Paper, Party, Row, RowKind, Section};

use crate::receipt_document::issued;
use crate::renderer::{Language, Renderer};
use crate::view::CounterReport;

impl Renderer {
    /// An X or Z report in words. `at`: when it is printed.
    pub fn report_document(
        &self,
        locale: Locale,
        report: &CounterReport,
        (paper, at): (Paper, UnixMs),
    ) -> Document {
        let language = self.language(locale);
        document(language, report, (paper, at))
            .unwrap_or_else(|error| panic!("a report on paper in {locale}: {error:#}"))
    }
}

fn document(language: &Language, report: &CounterReport, (paper, at): (Paper, UnixMs)) -> Result<Document> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let heading = match report.number {
        Some(number) => with(language, "till-z", "number", number.into())?,
        None => say("till-x")?,
    };
    let shop = report.counter.outlet.clone().unwrap_or_default();
    Ok(Document {
        paper,
        locale: language.locale.as_str().to_owned(),
        direction: Direction::Ltr,
        title: heading.clone(),
        heading,
        number: None,
        issued: issued(at),
        marks: Vec::new(),
        watermark: None,
        seller: Party { role: None, name: shop, lines: Vec::new() },
        buyer: None,
        sections: vec![
            Section { heading: None, rows: facts(language, report, at)? },
            Section { heading: Some(say("till-sales")?), rows: sales(language, report)? },
            Section { heading: Some(say("sale-cash")?), rows: cash(language, report)? },
            Section { heading: pieces_heading(language, report)?, rows: pieces(language, report) },
        ],
        taxes: None,
        qr: None,
        notes: vec![say("till-not-fiscal")?],
    })
}

fn with(language: &Language, key: &str, name: &'static str, value: FluentValue<'static>) -> Result<String> {
    language.texts.plain(key, &FluentArgs::from_iter([(name, value)]))
}

fn facts(language: &Language, report: &CounterReport, at: UnixMs) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let moment = |at: UnixMs| language.formats.moment(at, &report.zone);
    let mut rows = Vec::new();
    if let Some(device) = &report.device {
        rows.push(plain(say("till-device")?, device.clone()));
    }
    if let Some(clerk) = &report.clerk {
        rows.push(plain(say("counter-role-clerk")?, clerk.clone()));
    }
    rows.push(plain(say("till-from")?, moment(report.opened_at)));
    if let Some((closed, how)) = report.closed {
        let how = say(&format!("till-closing-{how}"))?;
        rows.push(plain(say("till-to")?, format!("{} {how}", moment(closed))));
    }
    rows.push(plain(say("till-printed")?, moment(at)));
    Ok(rows)
}

fn sales(language: &Language, report: &CounterReport) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let money = |money: Money| language.formats.money(money);
    let figures = &report.figures;
    let mut rows = vec![plain(say("till-number-of-sales")?, figures.sales.to_string())];
    for (kind, number, sum) in &figures.taken {
        let label = format!("{} x {number}", say(&format!("sale-tender-{kind}"))?);
        rows.push(amount(label, money(*sum)));
    }
    for (kind, number, sum) in &figures.returned {
        let word = say(&format!("sale-tender-{kind}"))?;
        let label = format!("{} {word} x {number}", say("till-returned")?);
        rows.push(amount(label, format!("-{}", money(*sum))));
    }
    rows.push(Row { label: say("price-total")?, value: money(figures.total), kind: RowKind::Strong });
    for (rate, of, tax) in &figures.taxes {
        let values: [(&str, FluentValue<'static>); 2] =
            [("rate", language.formats.rate(rate.0).into()), ("whole", money(*of).into())];
        let label = language.texts.plain("till-tax", &FluentArgs::from_iter(values))?;
        rows.push(Row { label, value: money(*tax), kind: RowKind::Muted });
    }
    rows.push(amount(say("till-commission")?, money(figures.commission)));
    if let Some(counts) = report.fiscal {
        let all = [("signed", counts.signed), ("waiting", counts.waiting), ("refused", counts.refused)];
        for (state, number) in all {
            rows.push(plain(say(&format!("till-fiscal-{state}"))?, number.to_string()));
        }
    }
    Ok(rows)
}

fn cash(language: &Language, report: &CounterReport) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let money = |money: Money| language.formats.money(money);
    let figures = &report.figures;
    let mut rows = vec![
        amount(say("till-why-start")?, money(figures.start)),
        amount(say("till-why-paid_in")?, money(figures.paid_in)),
        amount(say("till-why-paid_out")?, money(figures.paid_out)),
        Row { label: say("till-expected")?, value: money(figures.expected), kind: RowKind::Strong },
    ];
    if let Some(counted) = report.counted {
        rows.push(amount(say("till-was-counted")?, money(counted)));
    }
    if let Some(difference) = report.difference {
        rows.push(amount(say("till-difference")?, money(difference)));
    }
    if let Some(reason) = &report.reason {
        rows.push(plain(say("till-reason")?, reason.clone()));
    }
    Ok(rows)
}

fn pieces_heading(language: &Language, report: &CounterReport) -> Result<Option<String>> {
    let some = !report.pieces.is_empty();
    some.then(|| language.texts.plain("till-pieces", &FluentArgs::new())).transpose()
}

fn pieces(language: &Language, report: &CounterReport) -> Vec<Row> {
    let row = |(piece, number): &(Money, i64)| amount(language.formats.money(*piece), format!("x {number}"));
    report.pieces.iter().map(row).collect()
}

fn plain(label: String, value: String) -> Row {
    Row { label, value, kind: RowKind::Plain }
}

fn amount(label: String, value: String) -> Row {
    Row { label, value, kind: RowKind::Amount }
}
