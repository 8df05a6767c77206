//! The first support page: which order it is about, what is known of it, and the question. `support_case` is the
//! page of a question that was asked.

use super::session::MaybeSignedIn;
use super::support_form::Sent;
use super::{case_pass, html, order, own, pass};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::id::SubscriberId;
use domain::offer::Benefit;
use domain::place::canonical_number;
use domain::support_case::{CaseCause, CaseState, TEXT_MAX, parse_case_code};
use domain::time::HOUR_MS;
use domain::top_up::TopUp;
use flows::care::cases::{self, Question, Taken, Unfit};
use flows::notice::short_reference;
use flows::proof::{self, Proved};
use http::StatusCode;
use render::view::{AskSupport, ContactWish, KnownOrder, NamedShop, OwnCase, OwnOrder, SupportForm};
use render::{PageProblem, Problem, SentenceValues};
use serde::Deserialize;
use store::support_case::{self, SupportCase};

/// So many of somebody's orders and questions are offered.
const SHOWN: i64 = 20;

/// Who asks, and with what.
pub(super) struct Visitor {
    pub reader: Reader,
    pub jar: CookieJar,
    pub subscriber: Option<SubscriberId>,
}

impl Visitor {
    pub fn new(reader: Reader, jar: CookieJar, signed_in: MaybeSignedIn) -> Visitor {
        Visitor { reader, jar, subscriber: signed_in.0.map(|signed_in| signed_in.subscriber) }
    }

    /// The order, if this visitor may see it: bought or proved in this browser, or while signed in.
    async fn order(&self, site: &Site, code: &str) -> Result<Option<TopUp>, Failure> {
        let Some(code) = domain::code::parse(code) else { return Ok(None) };
        if let Some(top_up) = order::passed(site, &self.jar, &code).await? {
            return Ok(Some(top_up));
        }
        let Some(subscriber) = self.subscriber.clone() else { return Ok(None) };
        let found = site.world.db.read(move |tx| store::top_up::find_by_code(tx, &code)).await;
        let found = found.map_err(flows::Error::from)?;
        Ok(found.filter(|top_up| top_up.subscriber.as_ref() == Some(&subscriber)))
    }
}

#[derive(Default, Deserialize)]
pub struct Coming {
    /// An order code, or `none`.
    order: Option<String>,
    /// The code of a question.
    case: Option<String>,
    proved: Option<String>,
    /// The number of a shop or kiosk at which something is wrong.
    shop: Option<String>,
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let visitor = Visitor::new(reader, jar, signed_in);
    if let Some(typed) = coming.case {
        if let Some(code) = parse_case_code(&typed) {
            return Ok(Redirect::to(&format!("/support/{code}")).into_response());
        }
        let problem = Some(Problem::page(PageProblem::CaseUnreadable));
        let case_code = typed.chars().take(40).collect();
        return pick(&site, &visitor, Pick { case_code, problem, ..Pick::default() }).await;
    }
    let form = match coming.order.as_deref() {
        None => None,
        Some("none") => {
            let form = blank(&site, &visitor, None).await?;
            let shop = named_shop(&site, coming.shop.as_deref().unwrap_or("")).await?;
            Some(SupportForm { cause: shop.as_ref().map(|_| CaseCause::Shop), shop, ..form })
        }
        Some(code) => match visitor.order(&site, code).await? {
            Some(top_up) => Some(blank(&site, &visitor, Some(top_up)).await?),
            None => {
                // A pass that was just given and is not here was refused.
                let problem = coming.proved.map(|_| Problem::page(PageProblem::CookiesRefused));
                let code = code.chars().take(40).collect();
                return pick(&site, &visitor, Pick { code, problem, ..Pick::default() }).await;
            }
        },
    };
    match form {
        None => pick(&site, &visitor, Pick::default()).await,
        Some(form) => Ok(html(&site, &visitor.reader, &with_form(&site, form, None))),
    }
}

/// What was typed on the first page, and what is wrong with it.
#[derive(Default)]
struct Pick {
    code: String,
    case_code: String,
    problem: Option<Problem>,
}

async fn pick(site: &Site, visitor: &Visitor, pick: Pick) -> Result<Response, Failure> {
    let view = AskSupport {
        orders: orders(site, visitor).await?,
        cases: own_cases(site, visitor).await?,
        code: pick.code,
        case_code: pick.case_code,
        hours: hours(site),
        form: None,
        problem: pick.problem,
    };
    Ok(html(site, &visitor.reader, &view))
}

fn hours(site: &Site) -> i64 {
    (site.world.settings.support_answer_within_ms / HOUR_MS).max(1)
}

fn with_form(site: &Site, form: SupportForm, problem: Option<Problem>) -> AskSupport {
    AskSupport {
        orders: Vec::new(),
        cases: Vec::new(),
        code: String::new(),
        case_code: String::new(),
        hours: hours(site),
        form: Some(form),
        problem,
    }
}

/// The orders of this browser and of the account, newest first.
async fn orders(site: &Site, visitor: &Visitor) -> Result<Vec<OwnOrder>, Failure> {
    let mut all = own::orders(site, &visitor.jar).await?;
    if let Some(subscriber) = visitor.subscriber.clone() {
        let read =
            site.world.db.read(move |tx| store::top_up::list_by_subscriber(tx, &subscriber, SHOWN)).await;
        let catalogue = site.world.fresh_catalogue().await?;
        let zone =
            |market: &str| catalogue.market(market).map_or("UTC", |m| m.seller.time_zone.as_str()).to_owned();
        let theirs = read.map_err(flows::Error::from)?.into_iter().map(|order| OwnOrder {
            state: order.state,
            amount: order.prices.total,
            at: order.created_at,
            zone: zone(&order.market),
            code: order.code,
        });
        all.extend(theirs);
        all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.code.cmp(&b.code)));
        all.dedup_by(|a, b| a.code == b.code);
    }
    all.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    Ok(all)
}

/// What this visitor asked before, newest first.
async fn own_cases(site: &Site, visitor: &Visitor) -> Result<Vec<OwnCase>, Failure> {
    let (codes, subscriber) = (case_pass::codes(site, &visitor.jar), visitor.subscriber.clone());
    let found = site.world.db.read(move |tx| {
        let mut found = Vec::new();
        for code in &codes {
            found.extend(support_case::find_by_code(tx, code)?.filter(|case| case.subscriber.is_none()));
        }
        if let Some(subscriber) = &subscriber {
            found.extend(support_case::list_by_subscriber(tx, subscriber, SHOWN)?);
        }
        Ok(found)
    });
    let mut found: Vec<SupportCase> = found.await.map_err(flows::Error::from)?;
    found.sort_by_key(|case| std::cmp::Reverse(case.created_at));
    let zone = super::zone(site, &visitor.reader).await?;
    let shown = |case: SupportCase| OwnCase {
        code: case.code,
        state: case.state,
        cause: case.cause,
        at: case.created_at,
        zone: zone.clone(),
    };
    Ok(found.into_iter().map(shown).collect())
}

/// An empty form, with what is known about the order.
async fn blank(site: &Site, visitor: &Visitor, top_up: Option<TopUp>) -> Result<SupportForm, Failure> {
    let wish = match (&visitor.subscriber, &top_up) {
        (Some(_), _) => ContactWish::Account,
        (None, Some(_)) => ContactWish::Optional,
        (None, None) => ContactWish::Needed,
    };
    let already = match &top_up {
        Some(top_up) => open_case(site, visitor, top_up).await?,
        None => None,
    };
    let order = match top_up {
        Some(top_up) => Some(known(site, &visitor.reader, top_up).await?),
        None => None,
    };
    Ok(SupportForm {
        order,
        already,
        shop: None,
        key: fresh_key(site),
        causes: CaseCause::ALL,
        cause: None,
        text: String::new(),
        contact: String::new(),
        wish,
    })
}

/// The shop or kiosk of this number, if there is one.
async fn named_shop(site: &Site, number: &str) -> Result<Option<NamedShop>, Failure> {
    let Some(number) = canonical_number(number) else { return Ok(None) };
    let found = site.world.db.read(move |tx| store::place::find_by_number(tx, &number)).await;
    let found = found.map_err(flows::Error::from)?;
    Ok(found.map(|place| NamedShop { number: place.number, name: place.name }))
}

/// A new key for a form.
pub(super) fn fresh_key(site: &Site) -> String {
    site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The question about this order that is not closed, if this visitor may see it.
async fn open_case(site: &Site, visitor: &Visitor, top_up: &TopUp) -> Result<Option<String>, Failure> {
    let id = top_up.id.clone();
    let cases = site.world.db.read(move |tx| support_case::list_by_top_up(tx, &id, SHOWN)).await;
    let order_pass = pass::of(site, &visitor.jar, &top_up.code).is_some();
    let mut cases = cases.map_err(flows::Error::from)?.into_iter();
    let open = cases.find(|case| {
        let pass = case_pass::has(site, &visitor.jar, &case.code);
        let viewer = cases::Viewer { subscriber: visitor.subscriber.clone(), pass, order_pass };
        case.state != CaseState::Closed && cases::may_see(case, &viewer)
    });
    Ok(open.map(|case| case.code))
}

/// What is known about an order, in the words of its own page.
async fn known(site: &Site, reader: &Reader, top_up: TopUp) -> Result<KnownOrder, Failure> {
    let standing = flows::receipt::standing(&site.world, top_up).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let top_up = &standing.top_up;
    let zone = catalogue.market(&top_up.market).map_or("UTC", |market| market.seller.time_zone.as_str());
    let bundle = (standing.offer.benefit != Benefit::Credit).then(|| standing.offer.name_in(reader.locale));
    let reference = standing.refunds.last().map(|refund| short_reference(refund.id.as_str()));
    Ok(KnownOrder {
        code: top_up.code.clone(),
        state: top_up.state,
        values: SentenceValues {
            provider: standing.provider.clone(),
            ..SentenceValues::of(top_up, bundle, reference.as_deref(), zone)
        },
    })
}

#[derive(Deserialize)]
pub struct OrderForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    proof: String,
}

/// An order code with its proof: gives the browser its pass and leads on to the question.
pub async fn prove_order(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Form(form): Form<OrderForm>,
) -> Result<Response, Failure> {
    let visitor = Visitor::new(reader, jar, signed_in);
    let typed = form.code.chars().take(40).collect();
    let (problem, status) = match domain::code::parse(&form.code) {
        None => (PageProblem::CodeUnreadable, StatusCode::UNPROCESSABLE_ENTITY),
        Some(code) => match proof::prove(&site.world, &code, &form.proof, &visitor.reader.address).await? {
            Proved::Yes(top_up) => {
                let jar = pass::give(&site, visitor.jar, &top_up.code, false)?;
                let next = format!("/support?order={}&proved=1", top_up.code);
                return Ok((jar, Redirect::to(&next)).into_response());
            }
            Proved::No => (PageProblem::ProofWrong, StatusCode::UNPROCESSABLE_ENTITY),
            Proved::Locked(until) => {
                let zone = super::zone(&site, &visitor.reader).await?;
                (PageProblem::ProofLocked { until, zone }, StatusCode::TOO_MANY_REQUESTS)
            }
        },
    };
    let problem = Some(Problem::page(problem));
    let page = pick(&site, &visitor, Pick { code: typed, problem, ..Pick::default() }).await?;
    Ok((status, page).into_response())
}

/// A key that a form of ours carries; anything else gets one of its own.
pub(super) fn key_of(site: &Site, sent: &str) -> String {
    let ours = sent.len() == 32 && sent.bytes().all(|byte| byte.is_ascii_hexdigit());
    if ours { sent.to_owned() } else { fresh_key(site) }
}

/// Takes the question.
pub async fn ask(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    mut form: Sent,
) -> Result<Response, Failure> {
    let visitor = Visitor::new(reader, jar, signed_in);
    let top_up = match form.of("order") {
        "none" | "" => None,
        code => match visitor.order(&site, code).await? {
            Some(top_up) => Some(top_up),
            None => return Ok(Redirect::to("/support").into_response()),
        },
    };
    let key = key_of(&site, form.of("key"));
    let shop = named_shop(&site, form.of("shop")).await?;
    let files = std::mem::take(&mut form.files);
    let taken = match CaseCause::parse(form.of("cause")) {
        None => Err(Problem::page(PageProblem::CauseMissing)),
        Some(cause) => {
            let question = Question {
                key: key.clone(),
                top_up: top_up.as_ref().map(|top_up| top_up.id.clone()),
                subscriber: visitor.subscriber.clone(),
                cause,
                locale: visitor.reader.locale,
                text: with_shop(shop.as_ref(), form.of("text")),
                contact: form.of("email").to_owned(),
                files,
                address: visitor.reader.address.clone(),
            };
            taken(&site, &visitor.reader, cases::open(&site.world, question).await?).await?
        }
    };
    match taken {
        Ok(case) => {
            let jar = case_pass::give(&site, visitor.jar, &case.code)?;
            Ok((jar, Redirect::to(&format!("/support/{}?sent=1", case.code))).into_response())
        }
        Err(problem) => {
            let status = status_of(&problem);
            let form = SupportForm {
                key,
                shop,
                cause: CaseCause::parse(form.of("cause")),
                text: form.of("text").chars().take(2 * TEXT_MAX).collect(),
                contact: form.of("email").chars().take(254).collect(),
                ..blank(&site, &visitor, top_up).await?
            };
            let page = html(&site, &visitor.reader, &with_form(&site, form, Some(problem)));
            Ok((status, page).into_response())
        }
    }
}

/// What was written, under the shop that it is about. An empty text stays one.
fn with_shop(shop: Option<&NamedShop>, text: &str) -> String {
    match shop.filter(|_| !text.trim().is_empty()) {
        Some(shop) => format!("{} {}\n\n{text}", shop.number, shop.name),
        None => text.to_owned(),
    }
}

/// The status of a page that says this.
pub(super) fn status_of(problem: &Problem) -> StatusCode {
    if problem.until.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// The case, or what is wrong with what was sent.
pub(super) async fn taken(
    site: &Site,
    reader: &Reader,
    taken: Taken,
) -> Result<Result<SupportCase, Problem>, Failure> {
    let problem = match taken {
        Taken::Yes(case) => return Ok(Ok(*case)),
        Taken::No(Unfit::TextMissing) => PageProblem::TextMissing,
        Taken::No(Unfit::TextTooLong) => PageProblem::TextTooLong,
        Taken::No(Unfit::ContactMissing) => PageProblem::ContactMissing,
        Taken::No(Unfit::ContactInvalid) => {
            return Ok(Err(Problem::refused(&domain::refusal::Refusal::EmailInvalid)));
        }
        Taken::No(Unfit::Closed) => PageProblem::CaseClosed,
        Taken::No(Unfit::FileKind) => PageProblem::FileKind,
        Taken::No(Unfit::FileTooLarge) => PageProblem::FileTooLarge,
        Taken::No(Unfit::FilesTooMany) => PageProblem::FilesTooMany,
        Taken::No(Unfit::CaseFull) => PageProblem::CaseFull,
        Taken::Locked(until) => PageProblem::SupportLocked { until, zone: super::zone(site, reader).await? },
    };
    Ok(Err(Problem::page(problem)))
}
