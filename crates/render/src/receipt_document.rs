//! The receipt on paper: the value of the receipt's page ([`ReceiptPage`]) put in words line by line, for the engine
//! that sets PDF files and printed images. The words are those of the page; `receipt.ftl` adds what only paper says.

use anyhow::Result;
use domain::fiscal::FiscalMark;
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Benefit;
use domain::tender::TenderKind;
use domain::time::UnixMs;
use fluent_bundle::{FluentArgs, FluentValue};
use receipts::{Direction, Document, Moment, Paper, Party, Qr, Row, RowKind, Section};

use crate::afterwards;
use crate::renderer::{Language, Renderer};
use crate::sentence;
use crate::view::{Going, Now, ReceiptPage};

/// What the paper says besides the sale.
#[derive(Debug, Clone)]
pub struct OnPaper {
    pub paper: Paper,
    /// Printed before?
    pub copy: bool,
    /// Of no value, and why.
    pub worthless: Option<Worthless>,
    pub proof: Option<ProofShown>,
}

/// Why a receipt is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worthless {
    /// The world outside is simulated.
    Demo,
    /// A clerk was learning.
    Training,
}

/// How a receipt proves itself.
#[derive(Debug, Clone)]
pub struct ProofShown {
    /// What the QR code holds.
    pub qr: String,
    /// The address to type, without `https://`.
    pub address: String,
}

impl Renderer {
    /// The receipt in words, for `receipts::Engine`. The locale is the one that the page was made for.
    pub fn receipt_document(&self, locale: Locale, page: &ReceiptPage, on: &OnPaper) -> Document {
        let language = self.language(locale);
        document(language, page, on).unwrap_or_else(|error| panic!("receipt on paper in {locale}: {error:#}"))
    }
}

fn document(language: &Language, page: &ReceiptPage, on: &OnPaper) -> Result<Document> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let worthless = match on.worthless {
        None => None,
        Some(Worthless::Demo) => Some(say("receipt-demo")?),
        Some(Worthless::Training) => Some(say("receipt-training")?),
    };
    let qr = on.proof.as_ref().map(|proof| -> Result<Qr> {
        let caption = vec![say("receipt-genuine")?, proof.address.clone(), page.code.clone()];
        Ok(Qr { text: proof.qr.clone(), alt: say("receipt-qr")?, caption })
    });
    let mut sections = vec![
        Section { heading: None, rows: facts(language, page)? },
        Section { heading: None, rows: prices(language, page)? },
    ];
    let returned = page.now.as_ref().map(|now| refunds(language, page, now)).transpose()?.unwrap_or_default();
    if !returned.is_empty() {
        sections.push(Section { heading: None, rows: returned });
    }
    // A slip says it in bands above and below, a page in pale letters that a mark must repeat.
    let mut marks: Vec<String> = worthless.iter().filter(|_| on.paper == Paper::A4).cloned().collect();
    if on.copy {
        marks.push(say("receipt-copy")?);
    }
    Ok(Document {
        paper: on.paper,
        locale: language.locale.as_str().to_owned(),
        direction: Direction::Ltr,
        title: language.texts.plain("receipt-title", &args([("code", page.code.clone().into())]))?,
        heading: say("receipt-heading")?,
        number: Some(page.code.clone()),
        issued: issued(page.created_at),
        marks,
        watermark: worthless,
        seller: seller(language, page)?,
        buyer: None,
        sections,
        taxes: None,
        qr: qr.transpose()?,
        notes: notes(language, page)?,
    })
}

fn seller(language: &Language, page: &ReceiptPage) -> Result<Party> {
    let seller = &page.seller;
    let mut lines = vec![seller.address.clone()];
    if let Some(tax_id) = &seller.tax_id {
        let label =
            language.texts.plain("receipt-tax-id", &args([("name", seller.tax_name.clone().into())]))?;
        lines.push(format!("{label} {tax_id}"));
    }
    Ok(Party { role: None, name: seller.name.clone(), lines })
}

fn facts(language: &Language, page: &ReceiptPage) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let at = |at: UnixMs| language.formats.moment(at, &page.seller.time_zone);
    let mut rows = vec![plain(say("receipt-date")?, at(page.created_at))];
    let mut state = say(&format!("state-{}", page.state))?;
    if let Some(now) = &page.now {
        let as_of = language.texts.plain("receipt-as-of", &args([("time", at(now.at).into())]))?;
        state = format!("{state} {as_of}");
    }
    rows.push(plain(say("receipt-state")?, state));
    rows.push(plain(say("review-item")?, page.offer_name.clone()));
    if let Benefit::Bundle { allowances, valid_for_days: _ } = &page.benefit {
        let amounts = allowances.iter().map(|allowance| (allowance.unit, allowance.amount));
        rows.push(plain(say("price-bundle")?, afterwards::list(amounts, None, language)?));
    }
    // Stars, because every printer has them.
    let number = if page.prefix.is_empty() {
        page.last4.clone()
    } else {
        format!("{} *** {}", page.prefix, page.last4)
    };
    rows.push(Row { label: say("order-number")?, value: number, kind: RowKind::Code });
    if let Some(credited) = page.credited_at {
        rows.push(plain(say("receipt-credited")?, at(credited)));
    }
    if let Some(given) = &page.given {
        rows.push(plain(say("receipt-validity")?, afterwards::validity(given, language)?));
    }
    rows.push(plain(say("receipt-paid-by")?, paid_by(language, page)?));
    if let Some(sold) = &page.sold_at {
        for (key, money) in [("receipt-given", sold.given), ("receipt-change", sold.change)] {
            if let Some(money) = money {
                rows.push(plain(say(key)?, language.formats.money(money)));
            }
        }
        rows.push(plain(say("receipt-shop")?, sold.shop.clone()));
        rows.push(plain(say("receipt-clerk")?, sold.clerk.to_string()));
    }
    for mark in &page.fiscal {
        rows.extend(fiscal(language, page, mark)?);
    }
    Ok(rows)
}

/// What the fiscal device says, word for word, or that its signature is not there.
fn fiscal(language: &Language, page: &ReceiptPage, mark: &FiscalMark) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let label = say(&format!("receipt-fiscal-{}", mark.kind))?;
    let Some(evidence) = &mark.evidence else {
        return Ok(vec![plain(label, say(&format!("receipt-fiscal-{}", mark.state))?)]);
    };
    let values = args([
        ("device", evidence.device.clone().into()),
        ("transaction", evidence.transaction.clone().into()),
        ("counter", evidence.counter.to_string().into()),
    ]);
    let at = language.formats.moment(evidence.at, &page.seller.time_zone);
    let mut rows = vec![
        plain(label, language.texts.plain("receipt-fiscal-by", &values)?),
        plain(say("receipt-fiscal-at")?, at),
        plain(say("receipt-fiscal-signature")?, evidence.signature.clone()),
    ];
    if let Some(text) = &evidence.text {
        rows.push(plain(say("receipt-fiscal-text")?, text.clone()));
    }
    Ok(rows)
}

fn paid_by(language: &Language, page: &ReceiptPage) -> Result<String> {
    let none = FluentArgs::new();
    match &page.card {
        Some(card) => {
            let values = args([("brand", card.brand.clone().into()), ("digits", card.last4.clone().into())]);
            language.texts.plain("receipt-card-ending", &values)
        }
        None if page.by_paypal => language.texts.plain("receipt-paypal", &none),
        None if !page.tenders.is_empty() => {
            let word = |kind: &TenderKind| language.texts.plain(&format!("receipt-tender-{kind}"), &none);
            Ok(page.tenders.iter().map(word).collect::<Result<Vec<_>>>()?.join(" + "))
        }
        None if page.by_float => language.texts.plain("receipt-float", &none),
        None => language.texts.plain("receipt-card", &none),
    }
}

fn prices(language: &Language, page: &ReceiptPage) -> Result<Vec<Row>> {
    let say = |key: &str| language.texts.plain(key, &FluentArgs::new());
    let money = |money: Money| language.formats.money(money);
    let lines = &page.prices;
    let item = if page.benefit == Benefit::Credit { "price-credit" } else { "price-bundle" };
    let mut rows = vec![amount(say(item)?, money(lines.value))];
    if lines.bonus.minor != 0 {
        let label = format!("{} ({})", say("price-bonus")?, say("price-bonus-free")?);
        rows.push(amount(label, format!("+{}", money(lines.bonus))));
    }
    if let Some(bonus) = &page.bonus {
        let label = language.texts.plain("price-promotion", &args([("name", bonus.name.clone().into())]))?;
        let given = match (&bonus.money, &bonus.allowance) {
            (Some(given), _) => money(*given),
            (None, Some(given)) => {
                afterwards::list(std::iter::once((given.unit, given.amount)), None, language)?
            }
            (None, None) => String::new(),
        };
        rows.push(amount(label, format!("+{given}")));
    }
    if lines.fee.minor != 0 {
        rows.push(amount(say("price-fee")?, money(lines.fee)));
    }
    rows.push(Row { label: say("price-total")?, value: money(lines.total), kind: RowKind::Strong });
    for tax in &page.taxes.lines {
        let values =
            args([("name", tax.name.clone().into()), ("rate", language.formats.rate(tax.rate.0).into())]);
        let label = language.texts.plain("price-tax", &values)?;
        rows.push(Row { label, value: money(tax.amount), kind: RowKind::Muted });
    }
    Ok(rows)
}

fn refunds(language: &Language, page: &ReceiptPage, now: &Now) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for refund in &now.refunds {
        let reference = FluentValue::from(refund.reference.clone());
        let label = match refund.going {
            Going::Returned => {
                let date = language.formats.date(refund.at, &page.seller.time_zone);
                language
                    .texts
                    .plain("receipt-refunded", &args([("date", date.into()), ("ref", reference)]))?
            }
            Going::Moving => language.texts.plain("receipt-refund-moving", &args([("ref", reference)]))?,
            Going::Failed | Going::Kept => {
                language.texts.plain("receipt-refund-failed", &args([("ref", reference)]))?
            }
        };
        rows.push(amount(label, language.formats.money(refund.amount)));
    }
    if let Some(net) = now.net {
        let label = language.texts.plain("receipt-net", &FluentArgs::new())?;
        rows.push(Row { label, value: language.formats.money(net), kind: RowKind::Strong });
    }
    Ok(rows)
}

fn notes(language: &Language, page: &ReceiptPage) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    if let Some(values) = page.now.as_ref().and_then(|now| now.values.as_ref()) {
        let (key, values) = sentence::parts(values, &language.formats);
        notes.push(language.texts.plain(key, &values)?);
    }
    if page.taxes.later {
        notes.push(language.texts.plain("price-tax-later", &FluentArgs::new())?);
    }
    Ok(notes)
}

pub(crate) fn issued(at: UnixMs) -> Moment {
    let at = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let part = |part: i8| u8::try_from(part).unwrap_or_default();
    Moment {
        year: i32::from(at.year()),
        month: part(at.month()),
        day: part(at.day()),
        hour: part(at.hour()),
        minute: part(at.minute()),
        second: part(at.second()),
    }
}

fn plain(label: String, value: String) -> Row {
    Row { label, value, kind: RowKind::Plain }
}

fn amount(label: String, value: String) -> Row {
    Row { label, value, kind: RowKind::Amount }
}

fn args<const N: usize>(values: [(&'static str, FluentValue<'static>); N]) -> FluentArgs<'static> {
    FluentArgs::from_iter(values)
}
