//! The look at a document between choosing the product and paying: shown only where the market's rule asks for this sale.
//! What is typed of a document goes to the flow and never back to the page; the sale itself refuses what was not looked at.

use super::sale::{self, SaleForm};
use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use domain::counter::CounterRefusal;
use domain::identity::{Kind, Typed};
use domain::line::Line;
use domain::offer::Pricing;
use domain::refusal::Refusal;
use domain::top_up::Channel;
use flows::counter::card;
use flows::id_check::{self, Asked, Checked, Input, Needed, Scan, Standing};
use flows::top_up::quote::{self, Quote};
use render::view::{IdCheck, RefusedShown, SaleCarried, TypedBefore};
use serde::Deserialize;

/// Products that need no document are named up to so many.
const WITHOUT: usize = 5;

/// What a sale meets before it is paid.
pub(super) enum Gate {
    /// It may be paid; `passed`: after a look.
    Open { passed: bool },
    /// First a look: this page asks for it.
    Ask(Box<Response>),
}

/// May this sale be paid? `refusal`: why the last try did not sell; only a missing look leads back here.
pub(super) async fn gate(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    (form, quote): (&SaleForm, &Quote),
    refusal: Option<&Refusal>,
) -> Result<Gate, Failure> {
    let missing = refusal == Some(&Refusal::Counter(CounterRefusal::IdCheckNeeded));
    // With a card reader the sale says itself how much of it is cash; without one all of it is.
    let cash = if missing || !card::takes_cards(&site.world, at) { quote.prices.total.minor } else { 0 };
    let msisdn = form.number().map_err(flows::Error::Refused)?;
    match id_check::missing(&site.world, at, &msisdn, quote, cash).await? {
        Standing::NotAsked => Ok(Gate::Open { passed: false }),
        Standing::Passed => Ok(Gate::Open { passed: true }),
        Standing::Missing(_) if refusal.is_some() && !missing => Ok(Gate::Open { passed: false }),
        Standing::Missing(needed) => {
            let asked = (carried(site, form, missing), TypedBefore::default());
            let page = page_of(site, reader, at, (&needed, quote), asked, None).await?;
            Ok(Gate::Ask(Box::new(page)))
        }
    }
}

/// What was refused stays refused under its key: after that, another try is another request.
fn carried(site: &Site, form: &SaleForm, refused: bool) -> SaleCarried {
    SaleCarried {
        key: if refused { sale::new_key(site) } else { form.key(site) },
        msisdn: form.msisdn.clone(),
        offer: form.offer.clone(),
        amount: form.amount.clone(),
    }
}

async fn page_of(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    (needed, quote): (&Needed, &Quote),
    (sale, typed): (SaleCarried, TypedBefore),
    refused: Option<RefusedShown>,
) -> Result<Response, Failure> {
    let (counter, _) = with_purse(site, at).await?;
    let view = IdCheck {
        typed,
        refused,
        without: without(site, reader, at, &quote.line).await?,
        ..IdCheck::of(counter, sale, needed, quote.prices.total.currency)
    };
    Ok(show(site, reader, &view))
}

/// Products for this line that need no document.
async fn without(site: &Site, reader: &Reader, at: &AtCounter, line: &Line) -> Result<Vec<String>, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let msisdn = flows::lines::msisdn(&site.world, line)?;
    let mut names = Vec::new();
    for offer in catalogue.offers_for(line, Channel::Agent, site.world.now()) {
        let Pricing::Fixed { .. } = offer.pricing else { continue };
        let quoted = quote::price(&site.world, line.clone(), &offer.id, None, Channel::Agent).await;
        let quote = match quoted {
            Ok(quote) => quote,
            Err(flows::Error::Refused(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let cash = quote.prices.total.minor;
        if id_check::missing(&site.world, at, &msisdn, &quote, cash).await? == Standing::NotAsked {
            names.push(offer.name_in(reader.locale).to_owned());
        }
        if names.len() == WITHOUT {
            break;
        }
    }
    Ok(names)
}

/// The form of the look. It does not print.
#[derive(Deserialize, Default)]
pub struct LookForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    offer: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    scan: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    expires: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    face: String,
}

impl LookForm {
    fn typed_before(&self) -> TypedBefore {
        let short = |text: &str, most: usize| text.trim().chars().take(most).collect();
        TypedBefore {
            kind: Kind::parse(&self.kind),
            country: short(&self.country, 3),
            expires: short(&self.expires, 7),
        }
    }

    /// A scan is taken before what is typed.
    fn input(&mut self) -> Input {
        let take = std::mem::take::<String>;
        if !self.scan.trim().is_empty() {
            return Input::Scan(Scan(take(&mut self.scan)));
        }
        Input::Typed(Typed {
            kind: take(&mut self.kind),
            country: take(&mut self.country),
            expires: take(&mut self.expires),
            number: take(&mut self.number),
            name: take(&mut self.name),
        })
    }
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(mut look): Form<LookForm>,
) -> Result<Response, Failure> {
    let form = SaleForm::of(&look.key, &look.msisdn, &look.offer, &look.amount);
    let (msisdn, line) = match sale::line_of(&site, form.number()).await? {
        Ok(found) => found,
        Err(refusal) => return sale::number_page(&site, &reader, &at, &form.msisdn, Some(&refusal)).await,
    };
    let quote = match sale::price(&site, &line, &form).await? {
        Ok(quote) => quote,
        Err(refusal) => {
            return sale::offers_page(&site, &reader, &at, (&form, &msisdn, &line), Some(&refusal)).await;
        }
    };
    let cash = quote.prices.total.minor;
    let Standing::Missing(needed) = id_check::missing(&site.world, &at, &msisdn, &quote, cash).await? else {
        return sale::review_page(&site, &reader, &at, form, None).await;
    };
    let typed = look.typed_before();
    let face_matches = !look.face.is_empty();
    let market = quote.market.country.clone();
    let asked =
        Asked { at: at.0.clone(), market, msisdn, needed: needed.clone(), input: look.input(), face_matches };
    let refused = if at.training() {
        match id_check::rehearse(&site.world, &asked)? {
            Ok(()) => return sale::pay_page(&site, &reader, &at, form, (quote, true), None).await,
            Err(refused) => RefusedShown::of(refused),
        }
    } else {
        match id_check::check(&site.world, asked).await? {
            Checked::Passed(_) => return sale::review_page(&site, &reader, &at, form, None).await,
            Checked::Refused(_, refused) => RefusedShown::of(refused),
            Checked::TooMany => RefusedShown::too_many(),
        }
    };
    let carried = (carried(&site, &form, false), typed);
    page_of(&site, &reader, &at, (&needed, &quote), carried, Some(refused)).await
}
