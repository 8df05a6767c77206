//! A sale at the counter: the number, the product, what is due, and the press that sells. Nothing is kept between the
//! screens but what stands in their forms, and every screen prices anew.

use super::id_check::{self, Gate};
use super::{AtCounter, page as show, sold, training, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::counter::CounterRefusal;
use domain::line::Line;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::offer::{AmountRefused, Pricing};
use domain::refusal::Refusal;
use domain::tender::{Tender, TendersRefused};
use domain::top_up::Channel;
use flows::counter::card;
use flows::counter::sale::{self, CounterSale as Wish, SaleOutcome};
use flows::counter::shown;
use flows::top_up::quote::{self, Quote};
use flows::top_up::sell::Wanted;
use render::Problem;
use render::view::{
    BonusShown, CounterOffers, CounterPay, CounterSale, CounterWord, OfferCard, RecentSale, ShiftShown,
    TaxesShown,
};
use serde::Deserialize;

/// Sales that are offered to be sold again.
const RECENT: i64 = 5;

/// What the forms of a sale carry from screen to screen.
#[derive(Deserialize, Clone, Default)]
pub struct SaleForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    pub(super) msisdn: String,
    #[serde(default)]
    pub(super) offer: String,
    #[serde(default)]
    pub(super) amount: String,
    #[serde(default)]
    expected_total: i64,
    #[serde(default)]
    expected_bonus: i64,
    #[serde(default)]
    given: String,
    /// `card` where a card pays what cash does not.
    #[serde(default)]
    rest: String,
    /// The part in cash beside a card.
    #[serde(default)]
    cash: String,
}

impl SaleForm {
    /// A sale as another screen carries it.
    pub(super) fn of(key: &str, msisdn: &str, offer: &str, amount: &str) -> SaleForm {
        let [key, msisdn, offer, amount] = [key, msisdn, offer, amount].map(str::to_owned);
        SaleForm { key, msisdn, offer, amount, ..SaleForm::default() }
    }

    /// The number as the first screen has read it.
    pub(super) fn number(&self) -> Result<Msisdn, Refusal> {
        Msisdn::parse_e164(&self.msisdn).map_err(Refusal::from)
    }

    /// The key that was drawn with the number's screen; anything else is replaced by a new one.
    pub(super) fn key(&self, site: &Site) -> String {
        if is_key(&self.key) { self.key.clone() } else { new_key(site) }
    }
}

/// Is it of the form of the keys that we draw?
fn is_key(key: &str) -> bool {
    key.len() == 26 && key.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(super) fn new_key(site: &Site) -> String {
    site.world.ids.next(site.world.now())
}

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    number_page(&site, &reader, &at, "", None).await
}

pub(super) async fn number_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    typed: &str,
    refusal: Option<&Refusal>,
) -> Result<Response, Failure> {
    let (counter, purse) = with_purse(site, at).await?;
    // What is pretended has no till; what was really sold there is no matter of training.
    let recent = if at.training() { Vec::new() } else { shown::recent(&site.world, at, RECENT).await? };
    let zone = purse.as_ref().map_or_else(|| "UTC".to_owned(), |purse| purse.time_zone.clone());
    let row = |sold: shown::SoldHere| RecentSale {
        code: sold.top_up.code,
        offer_name: sold.offer.name_in(reader.locale).to_owned(),
        last4: sold.last4,
        total: sold.top_up.prices.total,
        word: CounterWord::of(sold.top_up.state),
        at: sold.top_up.created_at,
        zone: zone.clone(),
    };
    let view = CounterSale {
        counter,
        key: new_key(site),
        typed: typed.chars().take(40).collect(),
        shift: match purse.as_ref().filter(|_| !at.training()).and_then(|purse| purse.shift.as_ref()) {
            Some((shift, _)) if shift.counted.is_some() => ShiftShown::Counted,
            Some(_) => ShiftShown::Open,
            None if at.training() => ShiftShown::Open,
            None => ShiftShown::Closed,
        },
        owed: purse.as_ref().map_or(0, |purse| purse.owed),
        recent: recent.into_iter().map(row).collect(),
        problem: refusal.map(Problem::refused),
    };
    Ok(show(site, reader, &view))
}

/// A number as it was typed, in the outlet's country unless it says another.
async fn typed_number(site: &Site, at: &AtCounter, typed: &str) -> Result<Result<Msisdn, Refusal>, Failure> {
    let market = shown::purse(&site.world, at).await?.map(|purse| purse.market);
    Ok(Msisdn::parse(typed, market.as_deref()).map_err(Refusal::from))
}

/// The line of a number, or why nothing is sold to it.
pub(super) async fn line_of(
    site: &Site,
    msisdn: Result<Msisdn, Refusal>,
) -> Result<Result<(Msisdn, Line), Refusal>, Failure> {
    let msisdn = match msisdn {
        Ok(msisdn) => msisdn,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match flows::lines::find_payable(&site.world, &msisdn).await {
        Ok(line) => Ok(Ok((msisdn, line))),
        Err(flows::Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

pub async fn choose(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<SaleForm>,
) -> Result<Response, Failure> {
    let typed = typed_number(&site, &at, &form.msisdn).await?;
    match line_of(&site, typed).await? {
        Ok((msisdn, line)) => offers_page(&site, &reader, &at, (&form, &msisdn, &line), None).await,
        Err(refusal) => number_page(&site, &reader, &at, &form.msisdn, Some(&refusal)).await,
    }
}

pub(super) async fn offers_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    (form, msisdn, line): (&SaleForm, &Msisdn, &Line),
    refusal: Option<&Refusal>,
) -> Result<Response, Failure> {
    let (counter, _) = with_purse(site, at).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let offers = catalogue.offers_for(line, Channel::Agent, site.world.now());
    let bonuses = flows::promotion::on_offers(&site.world, line, &offers).await?;
    let found = offers.iter().find(|offer| offer.id == form.offer).copied();
    let card = |offer: &&domain::offer::Offer| {
        let promotion = bonuses.get(&offer.id).map(|bonus| BonusShown::of(bonus, reader.locale));
        OfferCard::of(offer, reader.locale).promoted(promotion)
    };
    let problem = refusal.map(Problem::refused).map(|problem| match found {
        Some(offer) => problem.within(&offer.pricing),
        None => problem,
    });
    let view = CounterOffers {
        counter,
        key: form.key(site),
        msisdn: msisdn.digits().to_owned(),
        number: msisdn.international(),
        offers: offers.iter().map(card).collect(),
        amount: form.amount.chars().take(12).collect(),
        problem,
    };
    Ok(show(site, reader, &view))
}

/// What a form's offer and amount cost now.
pub(super) async fn price(
    site: &Site,
    line: &Line,
    form: &SaleForm,
) -> Result<Result<Quote, Refusal>, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let Some(offer) = catalogue.offer_for(&form.offer, line, Channel::Agent) else {
        return Ok(Err(Refusal::OfferUnknown));
    };
    let amount = match &offer.pricing {
        Pricing::Fixed { .. } => None,
        Pricing::Range { .. } if form.amount.trim().is_empty() => {
            return Ok(Err(AmountRefused::Missing.into()));
        }
        Pricing::Range { min, .. } => match Money::parse_decimal(&form.amount, min.currency) {
            Some(amount) => Some(amount),
            None => return Ok(Err(AmountRefused::OutOfRange.into())),
        },
    };
    match quote::price(&site.world, line.clone(), &form.offer, amount, Channel::Agent).await {
        Ok(quote) => Ok(Ok(quote)),
        Err(flows::Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

pub async fn review(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<SaleForm>,
) -> Result<Response, Failure> {
    review_page(&site, &reader, &at, form, None).await
}

/// The customer's screen: number and total; with why the last try did not sell, where there was one.
pub(super) async fn review_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    form: SaleForm,
    refusal: Option<&Refusal>,
) -> Result<Response, Failure> {
    let (msisdn, line) = match line_of(site, form.number()).await? {
        Ok(found) => found,
        Err(refusal) => return number_page(site, reader, at, &form.msisdn, Some(&refusal)).await,
    };
    let quote = match price(site, &line, &form).await? {
        Ok(quote) => quote,
        Err(refusal) => {
            return offers_page(site, reader, at, (&form, &msisdn, &line), Some(&refusal)).await;
        }
    };
    match id_check::gate(site, reader, at, (&form, &quote), refusal).await? {
        Gate::Open { passed } => pay_page(site, reader, at, form, (quote, passed), refusal).await,
        Gate::Ask(page) => Ok(*page),
    }
}

/// The screen on which the customer pays; `id_passed`: after a look at a document.
pub(super) async fn pay_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    form: SaleForm,
    (quote, id_passed): (Quote, bool),
    refusal: Option<&Refusal>,
) -> Result<Response, Failure> {
    let msisdn = form.number().map_err(flows::Error::Refused)?;
    let named = matches!(quote.offer.pricing, Pricing::Range { .. });
    let amount = named.then_some(quote.prices.value);
    let (counter, _) = with_purse(site, at).await?;
    let view = CounterPay {
        counter,
        // What was refused stays refused under its key: another try is another request.
        key: if refusal.is_some() { new_key(site) } else { form.key(site) },
        msisdn: msisdn.digits().to_owned(),
        number: msisdn.international(),
        offer: quote.offer.id.clone(),
        amount,
        offer_name: quote.offer.name_in(reader.locale).to_owned(),
        benefit: quote.offer.benefit.clone(),
        prices: quote.prices,
        taxes: TaxesShown::of(&quote.offer, &quote.prices, reader.locale),
        bonus: quote.promotion.as_ref().map(|bonus| BonusShown::of(bonus, reader.locale)),
        expected_bonus: quote.promotion.as_ref().and_then(|bonus| bonus.money()),
        notes: domain::till::note_keys(quote.prices.total),
        given: form.given.chars().take(12).collect(),
        takes_cards: card::takes_cards(&site.world, at),
        cash: form.cash.chars().take(12).collect(),
        id_passed,
        problem: refusal.map(Problem::refused),
    };
    Ok(show(site, reader, &view))
}

/// What the customer hands over, as the form says it.
fn tenders(form: &SaleForm, total: Money) -> Result<Vec<Tender>, TendersRefused> {
    let money = |typed: &str| Money::parse_decimal(typed, total.currency);
    if form.rest != "card" {
        let given = money(&form.given).ok_or(TendersRefused::GivenTooLittle)?;
        return Ok(vec![Tender::cash(total, Some(given))]);
    }
    let cash = match form.cash.trim() {
        "" => Money::zero(total.currency),
        typed => money(typed).ok_or(TendersRefused::Malformed)?,
    };
    let rest = total.minus(cash).map_err(|_| TendersRefused::Malformed)?;
    let parts = [Tender::cash(cash, None), Tender::card(rest)];
    Ok(parts.into_iter().filter(|part| !part.amount.is_zero()).collect())
}

pub async fn again(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = domain::code::parse(&code).unwrap_or_default();
    let Some((msisdn, offer, amount)) = shown::again(&site.world, &at, &code).await? else {
        return Ok(Redirect::to("/agent/sale").into_response());
    };
    let form = SaleForm {
        key: new_key(&site),
        msisdn: msisdn.digits().to_owned(),
        offer,
        amount: amount.map(render::format::decimal).unwrap_or_default(),
        ..SaleForm::default()
    };
    review_page(&site, &reader, &at, form, None).await
}

/// The press that sells. The key decides: whatever comes twice is one sale.
pub async fn sell(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<SaleForm>,
) -> Result<Response, Failure> {
    let msisdn = match form.number() {
        Ok(msisdn) => msisdn,
        Err(refusal) => return number_page(&site, &reader, &at, &form.msisdn, Some(&refusal)).await,
    };
    let catalogue = site.world.fresh_catalogue().await?;
    let Some(currency) =
        catalogue.market_of(&msisdn).map(|market| market.currency).filter(|_| is_key(&form.key))
    else {
        // A number of no market, or a key that no page of ours has drawn: nothing was sold by it, and nothing is.
        return review_page(&site, &reader, &at, form, None).await;
    };
    let total = Money::new(form.expected_total, currency);
    let tenders = match tenders(&form, total) {
        Ok(tenders) => tenders,
        Err(refused) => {
            let refusal = Refusal::Counter(CounterRefusal::Tenders(refused));
            return review_page(&site, &reader, &at, form, Some(&refusal)).await;
        }
    };
    let amount = Some(form.amount.trim()).filter(|amount| !amount.is_empty());
    let wanted = Wanted {
        msisdn,
        offer: form.offer.clone(),
        amount: amount.and_then(|amount| Money::parse_decimal(amount, currency)),
        quote: None,
        expected_total: Some(total),
        expected_bonus: Some(Money::new(form.expected_bonus, currency)),
        reference: None,
        locale: None,
    };
    let wish = Wish { at: at.0.clone(), key: form.key.clone(), wanted, tenders };
    if at.training() {
        return training::sell(&site, &reader, &at, form, wish).await;
    }
    let outcome = sale::sell(&site.world, wish).await?;
    told(&site, &reader, &at, form, outcome).await
}

async fn told(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    form: SaleForm,
    outcome: SaleOutcome,
) -> Result<Response, Failure> {
    match outcome {
        SaleOutcome::Told { sold: Ok(made), again } => {
            let told = if again { "again" } else { "now" };
            Ok(Redirect::to(&format!("/agent/sales/{}?told={told}", made.code)).into_response())
        }
        SaleOutcome::Told { sold: Err(refusal), .. } => {
            review_page(site, reader, at, form, Some(&refusal)).await
        }
        SaleOutcome::KeyReused => review_page(site, reader, at, form, Some(&Refusal::KeyReused)).await,
        SaleOutcome::InFlight => review_page(site, reader, at, form, Some(&Refusal::KeyInFlight)).await,
        SaleOutcome::Gone => number_page(site, reader, at, "", None).await,
    }
}

/// What became of a sale whose answer was lost: asked for, never repeated.
pub async fn asked(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    if !is_key(&key) {
        return sold::never_came(&site, &reader, &at).await;
    }
    if at.training() {
        return training::asked(&site, &reader, &at, &key).await;
    }
    match sale::ask(&site.world, &at, &key).await? {
        Some(SaleOutcome::Told { sold: Err(refusal), .. }) => {
            number_page(&site, &reader, &at, "", Some(&refusal)).await
        }
        Some(SaleOutcome::InFlight) => {
            number_page(&site, &reader, &at, "", Some(&Refusal::KeyInFlight)).await
        }
        Some(outcome) => told(&site, &reader, &at, SaleForm::default(), outcome).await,
        None => sold::never_came(&site, &reader, &at).await,
    }
}
