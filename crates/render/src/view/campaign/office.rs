//! Campaigns as staff sees them: the list, the form of a draft, and one campaign with its preview and what became of it.

use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View, sample};
use domain::campaign::{BODY_MAX, CampaignState, MessageState, NAME_MAX, SMS_MAX, SUBJECT_MAX};
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::time::{DAY_MS, UnixMs};
use serde::Serialize;

/// A campaign in a list.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignRow {
    pub id: String,
    pub name: String,
    pub state: CampaignState,
    pub channels: Vec<NoticeChannel>,
    pub starts_at: UnixMs,
    /// The last moment of its window.
    pub ends_at: UnixMs,
    pub written_by: String,
    /// Did the reader write it?
    pub mine: bool,
    /// How many readers it has had so far.
    pub fed: i64,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCampaigns {
    pub office: OfficeFrame,
    pub waiting: Vec<CampaignRow>,
    pub sending: Vec<CampaignRow>,
    pub drafts: Vec<CampaignRow>,
    pub over: Vec<CampaignRow>,
    /// Is marketing switched off?
    pub off: bool,
    pub zone: String,
}

/// What is typed in one language.
#[derive(Debug, Clone, Serialize)]
pub struct LanguageFields {
    pub locale: Locale,
    pub own_name: &'static str,
    pub sms: String,
    pub subject: String,
    pub body: String,
}

/// Everything that is typed.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignFields {
    pub name: String,
    pub by_sms: bool,
    pub by_email: bool,
    pub fallback: Locale,
    pub languages: Vec<LanguageFields>,
    pub promotion: String,
    pub markets: Vec<String>,
    /// Days as `2026-11-23`.
    pub from: String,
    pub until: String,
}

/// The form of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCampaignForm {
    pub office: OfficeFrame,
    /// The draft that is changed; a new one without.
    pub id: Option<String>,
    pub fields: CampaignFields,
    /// Countries of our markets.
    pub markets: Vec<String>,
    /// Promotions that run or come: id and name.
    pub promotions: Vec<(String, String)>,
    pub name_max: usize,
    pub sms_max: usize,
    pub subject_max: usize,
    pub body_max: usize,
    pub problem: Option<OfficeProblem>,
}

impl OfficeCampaignForm {
    pub fn of(office: OfficeFrame, fields: CampaignFields) -> OfficeCampaignForm {
        OfficeCampaignForm {
            office,
            id: None,
            fields,
            markets: Vec::new(),
            promotions: Vec::new(),
            name_max: NAME_MAX,
            sms_max: SMS_MAX,
            subject_max: SUBJECT_MAX,
            body_max: BODY_MAX,
            problem: None,
        }
    }
}

/// A text message as it will be.
#[derive(Debug, Clone, Serialize)]
pub struct SmsPreview {
    pub text: String,
    pub characters: usize,
    /// How many short messages carry it.
    pub parts: usize,
    /// Does it travel in the cheaper alphabet?
    pub gsm7: bool,
}

/// A campaign in one language, as its readers get it.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    pub locale: Locale,
    pub own_name: &'static str,
    pub sms: Option<SmsPreview>,
    /// Subject and text part of the mail.
    pub mail: Option<(String, String)>,
}

/// How many agreed on one channel and read one language.
#[derive(Debug, Clone, Serialize)]
pub struct ReachRow {
    pub channel: NoticeChannel,
    pub own_name: &'static str,
    pub tag: Locale,
    pub count: i64,
}

/// Who said what about a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Sayings {
    pub by: String,
    pub at: UnixMs,
    pub note: String,
}

/// One campaign.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCampaign {
    pub office: OfficeFrame,
    pub row: CampaignRow,
    pub fallback: &'static str,
    pub promotion: Option<String>,
    pub markets: Vec<String>,
    pub previews: Vec<Preview>,
    /// Who would get it now; only before it is sent.
    pub reach: Vec<ReachRow>,
    pub total: i64,
    /// Are there more than were counted?
    pub more: bool,
    /// What became of it: only once it is sent.
    pub progress: Vec<(MessageState, i64)>,
    pub decision: Option<Sayings>,
    pub stop: Option<Sayings>,
    pub may_edit: bool,
    pub may_ask: bool,
    pub may_decide: bool,
    pub may_withdraw: bool,
    pub may_stop: bool,
    /// Is marketing switched off?
    pub off: bool,
    /// As many marketing messages may somebody get in a week.
    pub per_week: i64,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Campaigns, ..OfficeFrame::sample() }
}

fn row(state: CampaignState) -> CampaignRow {
    CampaignRow {
        id: "cmp_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        name: "Autumn <b>data</b>".into(),
        state,
        channels: NoticeChannel::ALL.to_vec(),
        starts_at: sample::AT,
        ends_at: sample::AT.plus_ms(7 * DAY_MS),
        written_by: "Ana Reyes".into(),
        mine: state == CampaignState::Draft,
        fed: 1200,
    }
}

fn fields() -> CampaignFields {
    let language = |locale: &Locale| LanguageFields {
        locale: *locale,
        own_name: locale.own_name(),
        sms: "20% more data until Sunday.".into(),
        subject: "20% more data".into(),
        body: "Top up £10 \"or\" more.\nNo code needed.".into(),
    };
    CampaignFields {
        name: "Autumn data".into(),
        by_sms: true,
        by_email: true,
        fallback: Locale::En,
        languages: Locale::ALL.iter().map(language).collect(),
        promotion: "autumn".into(),
        markets: vec!["GB".into()],
        from: "2026-11-23".into(),
        until: "2026-11-30".into(),
    }
}

/// Why something is refused: every word that has a text.
const REFUSALS: &[&str] = &[
    "campaign_unknown",
    "campaign_name_missing",
    "campaign_name_too_long",
    "campaign_no_channel",
    "campaign_no_market",
    "campaign_window_wrong",
    "campaign_fallback_missing",
    "campaign_incomplete",
    "campaign_too_long",
    "campaign_link_unknown",
    "campaign_not_now",
    "campaign_same_person",
    "campaign_not_theirs",
    "campaign_not_supervisor",
    "campaign_note_missing",
    "campaign_note_too_long",
    "campaign_switched_off",
];

impl View for OfficeCampaigns {
    const TEMPLATE: &'static str = "office/campaigns.html";

    fn samples() -> Vec<OfficeCampaigns> {
        let empty = OfficeCampaigns {
            office: frame(),
            waiting: Vec::new(),
            sending: Vec::new(),
            drafts: Vec::new(),
            over: Vec::new(),
            off: false,
            zone: sample::ZONE.into(),
        };
        let full = OfficeCampaigns {
            waiting: vec![row(CampaignState::Asked)],
            sending: vec![row(CampaignState::Approved)],
            drafts: vec![row(CampaignState::Draft)],
            over: CampaignState::ALL.iter().map(|state| row(*state)).collect(),
            off: true,
            ..empty.clone()
        };
        vec![empty, full]
    }
}

impl View for OfficeCampaignForm {
    const TEMPLATE: &'static str = "office/campaign_form.html";

    fn samples() -> Vec<OfficeCampaignForm> {
        let form = OfficeCampaignForm {
            markets: vec!["GB".into(), "ES".into()],
            promotions: vec![("autumn".into(), "Autumn <i>".into())],
            ..OfficeCampaignForm::of(frame(), fields())
        };
        let wrong = REFUSALS.iter().map(|code| OfficeCampaignForm {
            id: Some(row(CampaignState::Draft).id),
            problem: Some(OfficeProblem::at(code, "name")),
            ..form.clone()
        });
        wrong.chain([form.clone()]).collect()
    }
}

impl View for OfficeCampaign {
    const TEMPLATE: &'static str = "office/campaign.html";

    fn samples() -> Vec<OfficeCampaign> {
        let preview = |locale: &Locale| Preview {
            locale: *locale,
            own_name: locale.own_name(),
            sms: Some(SmsPreview { text: "Luma: <b>".into(), characters: 161, parts: 2, gsm7: true }),
            mail: Some(("20% more".into(), "Top up.\n\n-- \nLuma".into())),
        };
        let reach = |locale: &Locale| ReachRow {
            channel: NoticeChannel::Sms,
            own_name: locale.own_name(),
            tag: *locale,
            count: 12,
        };
        let said = || Sayings { by: "Ben Okafor".into(), at: sample::AT, note: "Agreed <i>".into() };
        let page = |state: CampaignState| OfficeCampaign {
            office: frame(),
            row: row(state),
            fallback: Locale::En.own_name(),
            promotion: Some("Autumn".into()),
            markets: vec!["GB".into(), "ES".into()],
            previews: Locale::ALL.iter().map(preview).collect(),
            reach: Locale::ALL.iter().map(reach).collect(),
            total: 24,
            more: false,
            progress: Vec::new(),
            decision: None,
            stop: None,
            may_edit: false,
            may_ask: false,
            may_decide: false,
            may_withdraw: false,
            may_stop: false,
            off: false,
            per_week: 2,
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeCampaign> = CampaignState::ALL.iter().map(|state| page(*state)).collect();
        samples.push(OfficeCampaign {
            may_edit: true,
            may_ask: true,
            may_withdraw: true,
            more: true,
            off: true,
            ..page(CampaignState::Draft)
        });
        samples.push(OfficeCampaign { may_decide: true, reach: Vec::new(), ..page(CampaignState::Asked) });
        samples.push(OfficeCampaign {
            may_stop: true,
            progress: MessageState::ALL.iter().map(|state| (*state, 3)).collect(),
            decision: Some(said()),
            ..page(CampaignState::Approved)
        });
        samples.push(OfficeCampaign {
            stop: Some(said()),
            decision: Some(Sayings { note: String::new(), ..said() }),
            ..page(CampaignState::Stopped)
        });
        samples.extend(REFUSALS.iter().map(|code| OfficeCampaign {
            problem: Some(OfficeProblem::of(code)),
            ..page(CampaignState::Asked)
        }));
        samples
    }
}
