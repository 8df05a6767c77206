//! Registering: the address and its code, then everything else and the phone's code.

use super::super::session::MaybeSignedIn;
use super::pending::{self, Pending};
use super::{asker, countries, html, refused, selected};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::AccountRefusal;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::security_code::CodePurpose;
use flows::account::register::{self, Begun, Details, Open};
use render::Problem;
use render::view::{Register, RegisterDetails};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    MaybeSignedIn(signed_in): MaybeSignedIn,
    jar: CookieJar,
) -> Result<Response, Failure> {
    if signed_in.is_some() {
        return Ok(Redirect::to("/me").into_response());
    }
    let before = Pending::of(&site, &jar).filter(|pending| pending.purpose == CodePurpose::RegisterEmail);
    let email = before.map(|pending| pending.typed).unwrap_or_default();
    Ok(html(&site, &reader, &Register { email, problem: None }))
}

#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(form): Form<EmailForm>,
) -> Result<Response, Failure> {
    let typed: String = form.email.chars().take(254).collect();
    match register::begin(&site.world, &asker(&reader), &typed).await? {
        Ok(Begun { registration, sent }) => {
            let pending = Pending::new(sent, "/me", &typed).registering(&registration);
            Ok((pending.keep(&site, jar)?, Redirect::to("/code")).into_response())
        }
        Err(refusal) => email_refused(&site, &reader, typed, refusal).await,
    }
}

async fn email_refused(
    site: &Site,
    reader: &Reader,
    email: String,
    refusal: AccountRefusal,
) -> Result<Response, Failure> {
    let problem = Some(Problem::account(refusal, "email", &zone(site, reader).await?));
    Ok(refused(site, reader, refusal, &Register { email, problem }))
}

#[derive(Deserialize)]
pub struct Resumed {
    resumed: Option<String>,
}

/// The registration that this browser goes on with.
async fn open(site: &Site, jar: &CookieJar) -> Result<Option<Open>, Failure> {
    let Some(id) = pending::registration(site, jar) else { return Ok(None) };
    Ok(register::open(&site.world, &id).await?)
}

async fn view(
    site: &Site,
    reader: &Reader,
    open: Open,
    form: Option<&DetailsForm>,
) -> Result<RegisterDetails, Failure> {
    let countries = countries(site).await?;
    let country = selected(&countries, form.map_or("", |form| form.country.as_str()), reader);
    let typed = form.map(|form| form.msisdn.chars().take(40).collect());
    Ok(RegisterDetails {
        email: open.email,
        countries,
        country,
        msisdn: typed.or(open.phone).unwrap_or_default(),
        name: form.map(|form| form.name.clone()).or(open.name).unwrap_or_default(),
        locale: form.map_or(open.locale, DetailsForm::locale),
        by_sms: form.map_or(open.marketing.contains(&NoticeChannel::Sms), |form| form.by_sms.is_some()),
        by_email: form.map_or(open.marketing.contains(&NoticeChannel::Email), |form| form.by_email.is_some()),
        resumed: false,
        problem: None,
    })
}

pub async fn details(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Query(resumed): Query<Resumed>,
) -> Result<Response, Failure> {
    let Some(open) = open(&site, &jar).await? else { return Ok(Redirect::to("/register").into_response()) };
    let view = view(&site, &reader, open, None).await?;
    Ok(html(&site, &reader, &RegisterDetails { resumed: resumed.resumed.is_some(), ..view }))
}

#[derive(Deserialize)]
pub struct DetailsForm {
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    locale: String,
    by_sms: Option<String>,
    by_email: Option<String>,
}

impl DetailsForm {
    fn locale(&self) -> Locale {
        Locale::parse(&self.locale).unwrap_or(Locale::ZhCn)
    }

    fn details(&self) -> Details {
        Details {
            number: self.msisdn.clone(),
            country: self.country.clone(),
            name: self.name.clone(),
            locale: self.locale(),
            marketing: super::own::marketing(self.by_sms.is_some(), self.by_email.is_some()),
        }
    }
}

pub async fn submit_details(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Failure> {
    let Some(id) = pending::registration(&site, &jar) else {
        return Ok(Redirect::to("/register").into_response());
    };
    match register::fill_in(&site.world, &asker(&reader), &id, &form.details()).await? {
        Ok(sent) => {
            let pending = Pending::new(sent, "/me", "").registering(&id);
            Ok((pending.keep(&site, jar)?, Redirect::to("/code")).into_response())
        }
        Err(refusal) => {
            let Some(open) = open(&site, &jar).await? else {
                return email_refused(&site, &reader, String::new(), AccountRefusal::RegistrationGone).await;
            };
            let problem = Some(Problem::account(refusal, "msisdn", &zone(&site, &reader).await?));
            let view = RegisterDetails { problem, ..view(&site, &reader, open, Some(&form)).await? };
            Ok(refused(&site, &reader, refusal, &view))
        }
    }
}
