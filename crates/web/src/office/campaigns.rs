//! Campaigns: the list, the form of a draft, and one campaign with its preview, its progress and the decisions about it.

use super::session::StaffMember;
use super::{care, frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::campaign::{CampaignState, Plan, PlanRefused, Words};
use domain::id::CampaignId;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::risk::{Limit, Switch};
use domain::staff::Role;
use domain::time::UnixMs;
use flows::campaign::decide::{self, Decision, cleaned};
use flows::campaign::readers;
use flows::campaign::{Refused, preview};
use http::StatusCode;
use render::view::{
    CampaignFields, CampaignRow, ErrorKind, LanguageFields, OfficeCampaign, OfficeCampaignForm,
    OfficeCampaigns, OfficeProblem, OfficeSection, Preview, ReachRow, Sayings, SmsPreview,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use store::campaign::{self, Campaign, Said};

/// So many of each state are listed.
const LISTED: i64 = 50;

/// For every member of staff.
pub fn inside() -> Router<Site> {
    Router::new()
        .route("/office/campaigns", get(list))
        .route("/office/campaigns/new", get(new).post(create))
        .route("/office/campaigns/{id}", get(show))
        .route("/office/campaigns/{id}/edit", get(edit).post(change))
        .route("/office/campaigns/{id}/ask", get(to_campaign).post(ask))
        .route("/office/campaigns/{id}/withdraw", get(to_campaign).post(withdraw))
        .route("/office/campaigns/{id}/stop", get(to_campaign).post(stop))
}

/// For supervisors.
pub fn for_supervisors() -> Router<Site> {
    Router::new()
        .route("/office/campaigns/{id}/approve", post(approve).get(to_campaign))
        .route("/office/campaigns/{id}/decline", post(decline).get(to_campaign))
}

async fn to_campaign(Path(id): Path<String>) -> Response {
    let id = CampaignId::parse(&id).ok();
    let own = id.map(|id| format!("/office/campaigns/{id}"));
    Redirect::to(own.as_deref().unwrap_or("/office/campaigns")).into_response()
}

type Names = HashMap<String, String>;

fn row(member: &StaffMember, names: &Names, campaign: &Campaign) -> CampaignRow {
    CampaignRow {
        id: campaign.id.to_string(),
        name: campaign.plan.name.clone(),
        state: campaign.state,
        channels: campaign.plan.channels.clone(),
        starts_at: campaign.plan.starts_at,
        ends_at: campaign.plan.ends_at.plus_ms(-1),
        written_by: care::name(names, &campaign.written_by),
        mine: campaign.written_by == member.id,
        fed: campaign.fed,
    }
}

async fn is_off(site: &Site) -> Result<bool, Failure> {
    Ok(!flows::risk::limits(&site.world).await?.on(Switch::Marketing))
}

async fn list(State(site): State<Site>, reader: Reader, member: StaffMember) -> Result<Response, Failure> {
    let read = site.world.db.read(|tx| {
        let mut all = Vec::new();
        for state in CampaignState::ALL {
            all.extend(campaign::list(tx, *state, LISTED)?);
        }
        Ok((all, care::names(tx)?))
    });
    let (all, names) = read.await.map_err(flows::Error::from)?;
    let of = |states: &[CampaignState]| {
        let mut listed: Vec<&Campaign> = all.iter().filter(|c| states.contains(&c.state)).collect();
        listed.sort_by_key(|campaign| std::cmp::Reverse(campaign.state_at));
        listed.into_iter().map(|campaign| row(&member, &names, campaign)).collect::<Vec<_>>()
    };
    use CampaignState as S;
    let view = OfficeCampaigns {
        office: frame(&member, OfficeSection::Campaigns),
        waiting: of(&[S::Asked]),
        sending: of(&[S::Approved]),
        // A draft is its writer's.
        drafts: of(&[S::Draft]).into_iter().filter(|row| row.mine).collect(),
        over: of(&[S::Done, S::Stopped, S::Declined, S::Withdrawn]),
        off: is_off(&site).await?,
        zone: care::zone(&site),
    };
    Ok(page(&site, &reader, &view))
}

/// The zone in which a campaign's days are meant: that of its first market.
fn zone_of(site: &Site, markets: &[String]) -> String {
    let catalogue = site.world.catalogue();
    let market = markets.first().and_then(|market| catalogue.market(market));
    market.map_or_else(|| care::zone(site), |market| market.seller.time_zone.clone())
}

fn no_fields(site: &Site) -> CampaignFields {
    let catalogue = site.world.catalogue();
    let language = |locale: &Locale| LanguageFields {
        locale: *locale,
        own_name: locale.own_name(),
        sms: String::new(),
        subject: String::new(),
        body: String::new(),
    };
    let today = preview::day_of(site.world.now(), &care::zone(site));
    CampaignFields {
        name: String::new(),
        by_sms: true,
        by_email: false,
        fallback: site.config.default_locale,
        languages: Locale::ALL.iter().map(language).collect(),
        promotion: String::new(),
        markets: catalogue.markets.first().map(|market| market.country.clone()).into_iter().collect(),
        from: today.clone(),
        until: today,
    }
}

fn fields_of(site: &Site, plan: &Plan) -> CampaignFields {
    let zone = zone_of(site, &plan.markets);
    let language = |locale: &Locale| {
        let words = plan.words.get(locale).cloned().unwrap_or_default();
        let Words { sms, subject, body } = words;
        LanguageFields { locale: *locale, own_name: locale.own_name(), sms, subject, body }
    };
    CampaignFields {
        name: plan.name.clone(),
        by_sms: plan.channels.contains(&NoticeChannel::Sms),
        by_email: plan.channels.contains(&NoticeChannel::Email),
        fallback: plan.fallback,
        languages: Locale::ALL.iter().map(language).collect(),
        promotion: plan.promotion.clone().unwrap_or_default(),
        markets: plan.markets.clone(),
        from: preview::day_of(plan.starts_at, &zone),
        until: preview::day_of(plan.ends_at.plus_ms(-1), &zone),
    }
}

/// What was typed, as it comes: markets come several times.
fn typed(site: &Site, body: &Bytes) -> CampaignFields {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    let of = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| cleaned(value)).unwrap_or_default()
    };
    let language = |locale: &Locale| LanguageFields {
        locale: *locale,
        own_name: locale.own_name(),
        sms: of(&format!("sms-{locale}")),
        subject: of(&format!("subject-{locale}")).replace('\n', " "),
        body: of(&format!("body-{locale}")),
    };
    let markets = pairs.iter().filter(|(key, _)| key == "markets").map(|(_, value)| value.clone());
    CampaignFields {
        name: of("name").replace('\n', " "),
        by_sms: !of("by_sms").is_empty(),
        by_email: !of("by_email").is_empty(),
        fallback: Locale::parse(&of("fallback")).unwrap_or(site.config.default_locale),
        languages: Locale::ALL.iter().map(language).collect(),
        promotion: of("promotion"),
        markets: markets.take(100).collect(),
        from: of("from"),
        until: of("until"),
    }
}

fn plan_of(site: &Site, fields: &CampaignFields) -> Plan {
    let zone = zone_of(site, &fields.markets);
    let days = preview::window(&fields.from, &fields.until, &zone);
    // Days that cannot be read are no window.
    let (starts_at, ends_at) = days.unwrap_or((UnixMs(0), UnixMs(0)));
    let sms = fields.by_sms.then_some(NoticeChannel::Sms);
    let email = fields.by_email.then_some(NoticeChannel::Email);
    let words = |fields: &LanguageFields| {
        let LanguageFields { sms, subject, body, .. } = fields.clone();
        (fields.locale, Words { sms, subject, body })
    };
    Plan {
        name: fields.name.clone(),
        channels: sms.into_iter().chain(email).collect(),
        fallback: fields.fallback,
        words: fields.languages.iter().map(words).collect::<BTreeMap<_, _>>(),
        promotion: (!fields.promotion.is_empty()).then(|| fields.promotion.clone()),
        markets: fields.markets.clone(),
        starts_at,
        ends_at,
    }
}

async fn form(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: Option<&CampaignId>,
    fields: CampaignFields,
) -> Result<OfficeCampaignForm, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let shown = catalogue.promotions_shown(site.world.now());
    let named = |one: &domain::promotion::Promotion| (one.id.clone(), one.name_in(reader.locale).to_owned());
    Ok(OfficeCampaignForm {
        id: id.map(CampaignId::to_string),
        markets: catalogue.markets.iter().map(|market| market.country.clone()).collect(),
        promotions: shown.into_iter().map(named).collect(),
        ..OfficeCampaignForm::of(frame(member, OfficeSection::Campaigns), fields)
    })
}

async fn new(State(site): State<Site>, reader: Reader, member: StaffMember) -> Result<Response, Failure> {
    site.world.fresh_catalogue().await?;
    let view = form(&site, &reader, &member, None, no_fields(&site)).await?;
    Ok(page(&site, &reader, &view))
}

async fn create(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    body: Bytes,
) -> Result<Response, Failure> {
    written(&site, &reader, &member, None, &body).await
}

async fn found(site: &Site, id: &str) -> Result<(Campaign, Names), Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = CampaignId::parse(id).map_err(|_| missing())?;
    let read = site.world.db.read(move |tx| Ok((campaign::find(tx, &id)?, care::names(tx)?)));
    let (campaign, names) = read.await.map_err(flows::Error::from)?;
    Ok((campaign.ok_or_else(missing)?, names))
}

async fn edit(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (campaign, _) = found(&site, &id).await?;
    if campaign.state != CampaignState::Draft || campaign.written_by != member.id {
        return Ok(Redirect::to(&format!("/office/campaigns/{}", campaign.id)).into_response());
    }
    let fields = fields_of(&site, &campaign.plan);
    let view = form(&site, &reader, &member, Some(&campaign.id), fields).await?;
    Ok(page(&site, &reader, &view))
}

async fn change(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let id = CampaignId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    written(&site, &reader, &member, Some(id), &body).await
}

async fn written(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: Option<CampaignId>,
    body: &Bytes,
) -> Result<Response, Failure> {
    let fields = typed(site, body);
    let plan = plan_of(site, &fields);
    match decide::write(&site.world, &care::colleague(member), id.as_ref(), plan).await? {
        Ok(id) => Ok(Redirect::to(&format!("/office/campaigns/{id}")).into_response()),
        Err(refused) => {
            let view = form(site, reader, member, id.as_ref(), fields).await?;
            let view = OfficeCampaignForm { problem: Some(problem(refused)), ..view };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(site, reader, &view)).into_response())
        }
    }
}

/// Why it was refused, in words, and at which field.
fn problem(refused: Refused) -> OfficeProblem {
    let text = |locale: Locale| match locale {
        Locale::ZhCn => "sms-zh-CN",
        Locale::En => "sms-en",
    };
    match refused {
        Refused::Unknown => OfficeProblem::of("campaign_unknown"),
        Refused::Plan(PlanRefused::NameMissing) => OfficeProblem::at("campaign_name_missing", "name"),
        Refused::Plan(PlanRefused::NameTooLong) => OfficeProblem::at("campaign_name_too_long", "name"),
        Refused::Plan(PlanRefused::NoChannel) => OfficeProblem::at("campaign_no_channel", "by_sms"),
        Refused::Plan(PlanRefused::NoMarket) => OfficeProblem::at("campaign_no_market", "markets"),
        Refused::Plan(PlanRefused::WindowWrong) => OfficeProblem::at("campaign_window_wrong", "from"),
        Refused::Plan(PlanRefused::FallbackMissing) => {
            OfficeProblem::at("campaign_fallback_missing", "fallback")
        }
        Refused::Plan(PlanRefused::Incomplete(locale)) => {
            OfficeProblem::at("campaign_incomplete", text(locale))
        }
        Refused::Plan(PlanRefused::TooLong(locale)) => OfficeProblem::at("campaign_too_long", text(locale)),
        Refused::LinkUnknown => OfficeProblem::at("campaign_link_unknown", "promotion"),
        Refused::NotNow => OfficeProblem::of("campaign_not_now"),
        Refused::SamePerson => OfficeProblem::of("campaign_same_person"),
        Refused::NotTheirs => OfficeProblem::of("campaign_not_theirs"),
        Refused::NotSupervisor => OfficeProblem::of("campaign_not_supervisor"),
        Refused::NoteMissing => OfficeProblem::at("campaign_note_missing", "note"),
        Refused::NoteTooLong => OfficeProblem::at("campaign_note_too_long", "note"),
        Refused::SwitchedOff => OfficeProblem::of("campaign_switched_off"),
    }
}

async fn show(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    shown(&site, &reader, &member, &id, None).await
}

fn saying(names: &Names, said: Option<&Said>) -> Option<Sayings> {
    said.map(|said| Sayings { by: care::name(names, &said.by), at: said.at, note: said.note.clone() })
}

fn previews(site: &Site, plan: &Plan) -> Vec<Preview> {
    let of = |written: preview::Written| Preview {
        locale: written.locale,
        own_name: written.locale.own_name(),
        sms: written.sms.map(|text| {
            let cut = domain::sms::segments(&text);
            SmsPreview {
                characters: text.chars().count(),
                parts: cut.parts.len(),
                gsm7: cut.encoding == domain::sms::Encoding::Gsm7,
                text,
            }
        }),
        mail: written.mail.map(|mail| (mail.subject, mail.text)),
    };
    preview::written(&site.world, plan).into_iter().map(of).collect()
}

async fn shown(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: &str,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let (campaign, names) = found(site, id).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let limits = flows::risk::limits(&site.world).await?;
    use CampaignState as S;
    let (state, plan) = (campaign.state, &campaign.plan);
    let before = matches!(state, S::Draft | S::Asked);
    let reach = if before { readers::reach(&site.world, plan).await? } else { readers::Reach::default() };
    let progress = if matches!(state, S::Approved | S::Stopped | S::Done) {
        let wanted = campaign.id.clone();
        let counted = site.world.db.read(move |tx| campaign::counts(tx, &wanted)).await;
        counted.map_err(flows::Error::from)?
    } else {
        Vec::new()
    };
    let promotion = plan.promotion.as_ref().map(|id| {
        let known = catalogue.promotions.iter().find(|promotion| promotion.id == *id);
        known.map_or_else(|| id.clone(), |promotion| promotion.name_in(reader.locale).to_owned())
    });
    let total = reach.total();
    let own = campaign.written_by == member.id;
    let view = OfficeCampaign {
        office: frame(member, OfficeSection::Campaigns),
        row: row(member, &names, &campaign),
        fallback: plan.fallback.own_name(),
        promotion,
        markets: plan.markets.clone(),
        previews: previews(site, plan),
        reach: reach.by.iter().map(reach_row).collect(),
        total,
        more: reach.more,
        progress,
        decision: saying(&names, campaign.decision.as_ref()),
        stop: saying(&names, campaign.stop.as_ref()),
        may_edit: own && state == S::Draft,
        may_ask: own && state == S::Draft,
        may_decide: !own && state == S::Asked && member.role == Role::Supervisor,
        may_withdraw: own && before,
        may_stop: state == S::Approved,
        off: !limits.on(Switch::Marketing),
        per_week: limits.of(Limit::MarketingPerWeek),
        zone: zone_of(site, &plan.markets),
        problem,
    };
    Ok(page(site, reader, &view))
}

fn reach_row(((channel, locale), count): (&(NoticeChannel, Locale), &i64)) -> ReachRow {
    ReachRow { channel: *channel, own_name: locale.own_name(), tag: *locale, count: *count }
}

#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    note: String,
}

/// What a decision needs besides itself.
struct Desk {
    site: Site,
    reader: Reader,
    member: StaffMember,
    id: String,
}

impl Desk {
    async fn decide(&self, decision: Decision, note: &str) -> Result<Response, Failure> {
        let id = CampaignId::parse(&self.id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
        let by = care::colleague(&self.member);
        match decide::decide(&self.site.world, &by, &id, decision, note).await? {
            Ok(_) => Ok(Redirect::to(&format!("/office/campaigns/{id}")).into_response()),
            Err(refused) => {
                let told = Some(problem(refused));
                let again = shown(&self.site, &self.reader, &self.member, &self.id, told).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
            }
        }
    }
}

macro_rules! decisions {
    ($($name:ident = $decision:expr;)*) => {$(
        async fn $name(
            State(site): State<Site>,
            reader: Reader,
            member: StaffMember,
            Path(id): Path<String>,
            Form(form): Form<Decided>,
        ) -> Result<Response, Failure> {
            Desk { site, reader, member, id }.decide($decision, &form.note).await
        }
    )*};
}

decisions! {
    ask = Decision::Ask;
    withdraw = Decision::Withdraw;
    stop = Decision::Stop;
    approve = Decision::Approve;
    decline = Decision::Decline;
}
