//! The account and what its owner changes there.

use super::countries;
use crate::problem::Problem;
use crate::view::{Country, View, sample};
use domain::account::{AccountRefusal, ConsentSource, ConsentState, ContactKind};
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::staff::Role;
use domain::time::UnixMs;
use serde::Serialize;

/// The page of an export that says what is what.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReadme {
    pub brand: String,
    pub made_at: UnixMs,
}

impl View for ExportReadme {
    const TEMPLATE: &'static str = "account/export_readme.txt";

    fn samples() -> Vec<ExportReadme> {
        vec![ExportReadme { brand: "Recarga".into(), made_at: sample::AT }]
    }
}

/// A contact as its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct ContactRow {
    pub kind: ContactKind,
    pub shown: String,
    pub verified_at: UnixMs,
}

/// A line in the account.
#[derive(Debug, Clone, Serialize)]
pub struct LineRow {
    pub id: String,
    pub label: String,
    pub last4: String,
    pub status: LineStatus,
}

/// A device that is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceRow {
    pub id: String,
    /// Empty where the browser did not say.
    pub device: String,
    pub created_at: UnixMs,
    pub seen_at: UnixMs,
    /// Is it this one?
    pub current: bool,
}

/// A look that somebody of the staff took.
#[derive(Debug, Clone, Serialize)]
pub struct LookRow {
    pub at: UnixMs,
    /// How often within the hour.
    pub count: usize,
    pub role: Option<Role>,
    pub initials: String,
    /// Was a number or an address shown in full?
    pub revealed: bool,
    pub reason: Option<String>,
    /// The end of the number that it was about.
    pub last4: Option<String>,
}

/// What was said last about promotions on one channel.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentRow {
    pub channel: NoticeChannel,
    pub state: ConsentState,
    pub changed_at: UnixMs,
    pub source: ConsentSource,
}

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flash {
    Saved,
    ContactChanged,
    LineAdded,
    LineRemoved,
    DeviceEnded,
    /// The code was right: the file can be fetched.
    ExportReady,
}

impl Flash {
    pub const ALL: &'static [Flash] = &[
        Flash::Saved,
        Flash::ContactChanged,
        Flash::LineAdded,
        Flash::LineRemoved,
        Flash::DeviceEnded,
        Flash::ExportReady,
    ];

    /// The word in the address after a form was taken.
    pub fn word(self) -> &'static str {
        match self {
            Flash::Saved => "saved",
            Flash::ContactChanged => "contact_changed",
            Flash::LineAdded => "line_added",
            Flash::LineRemoved => "line_removed",
            Flash::DeviceEnded => "device_ended",
            Flash::ExportReady => "export_ready",
        }
    }
}

/// The account page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPage {
    pub name: String,
    pub contacts: Vec<ContactRow>,
    pub lines: Vec<LineRow>,
    pub devices: Vec<DeviceRow>,
    pub looks: Vec<LookRow>,
    pub locale: Locale,
    pub by_sms: bool,
    pub by_email: bool,
    /// What was said last about each channel.
    pub consents: Vec<ConsentRow>,
    pub zone: String,
    pub done: Option<Flash>,
}

impl View for AccountPage {
    const TEMPLATE: &'static str = "account/account.html";

    fn samples() -> Vec<AccountPage> {
        let line = |id: &str, label: &str, status| LineRow {
            id: id.into(),
            label: label.into(),
            last4: "3456".into(),
            status,
        };
        let device = |id: &str, device: &str, current| DeviceRow {
            id: id.into(),
            device: device.into(),
            created_at: sample::AT,
            seen_at: sample::AT,
            current,
        };
        let look = |role, count| LookRow {
            at: sample::AT,
            count,
            role,
            initials: "AR".into(),
            revealed: true,
            reason: Some("The customer called.".into()),
            last4: Some("3456".into()),
        };
        let contact = |kind, shown: &str| ContactRow { kind, shown: shown.into(), verified_at: sample::AT };
        let said = |source: &ConsentSource| {
            let reply = *source == ConsentSource::Reply;
            let (channel, state) = if reply {
                (NoticeChannel::Sms, ConsentState::Withdrawn)
            } else {
                (NoticeChannel::Email, ConsentState::Given)
            };
            ConsentRow { channel, state, changed_at: sample::AT, source: *source }
        };
        let whole = AccountPage {
            name: "Ana <b>\"".into(),
            contacts: vec![
                contact(ContactKind::Email, "a•••@example.org"),
                contact(ContactKind::Phone, "••• 3456"),
            ],
            lines: vec![
                line("line_1", "Mum <i>", LineStatus::Active),
                line("line_2", "", LineStatus::Barred),
            ],
            devices: vec![device("ses_1", "Chrome, Android", true), device("ses_2", "", false)],
            looks: vec![
                look(Some(Role::Clerk), 3),
                LookRow { revealed: false, reason: None, ..look(Some(Role::Supervisor), 1) },
                LookRow { last4: None, ..look(None, 1) },
            ],
            locale: Locale::En,
            by_sms: true,
            by_email: false,
            consents: ConsentSource::ALL.iter().map(said).collect(),
            zone: sample::ZONE.into(),
            done: Some(Flash::Saved),
        };
        let new = AccountPage {
            name: String::new(),
            lines: Vec::new(),
            looks: Vec::new(),
            consents: Vec::new(),
            devices: vec![device("ses_1", "Safari, iPhone", true)],
            by_sms: false,
            done: None,
            ..whole.clone()
        };
        let mut all = vec![whole.clone(), new];
        all.extend(Flash::ALL.iter().map(|done| AccountPage { done: Some(*done), ..whole.clone() }));
        all
    }
}

/// The new contact is typed.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeContact {
    pub kind: ContactKind,
    /// What may be shown of the one that it replaces.
    pub old: String,
    pub countries: Vec<Country>,
    pub country: String,
    pub value: String,
    pub problem: Option<Problem>,
}

impl View for ChangeContact {
    const TEMPLATE: &'static str = "account/contact.html";

    fn samples() -> Vec<ChangeContact> {
        let of = |kind, old: &str, problem| ChangeContact {
            kind,
            old: old.into(),
            countries: countries(),
            country: "GB".into(),
            value: String::new(),
            problem,
        };
        let wrong = |refusal, field| Some(Problem::account(refusal, field, sample::ZONE));
        vec![
            of(ContactKind::Email, "a•••@example.org", None),
            of(ContactKind::Phone, "••• 3456", None),
            of(ContactKind::Email, "a•••@example.org", wrong(AccountRefusal::ContactSame, "email")),
            of(ContactKind::Phone, "", wrong(AccountRefusal::CountryNotServed, "msisdn")),
            of(ContactKind::Phone, "", wrong(AccountRefusal::MailPaused, "msisdn")),
        ]
    }
}

/// The number of a line that is to be added.
#[derive(Debug, Clone, Serialize)]
pub struct AddLine {
    pub countries: Vec<Country>,
    pub country: String,
    pub msisdn: String,
    /// The receipt that is to join the account afterwards.
    pub claim: Option<String>,
    pub problem: Option<Problem>,
}

impl View for AddLine {
    const TEMPLATE: &'static str = "account/line.html";

    fn samples() -> Vec<AddLine> {
        let of = |problem| AddLine {
            countries: countries(),
            country: "GB".into(),
            msisdn: "07400 \"<b>".into(),
            claim: Some(sample::CODE.into()),
            problem,
        };
        let wrong = |refusal| Some(Problem::account(refusal, "msisdn", sample::ZONE));
        vec![
            of(None),
            of(wrong(AccountRefusal::LineUnknown)),
            of(wrong(AccountRefusal::LinesFull)),
            of(wrong(AccountRefusal::NotBefore(sample::AT))),
        ]
    }
}

/// A code is needed first: to which contact?
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmFirst {
    pub contacts: Vec<ContactRow>,
    /// Where to go afterwards.
    pub next: String,
    pub problem: Option<Problem>,
}

impl View for ConfirmFirst {
    const TEMPLATE: &'static str = "account/confirm.html";

    fn samples() -> Vec<ConfirmFirst> {
        let contacts = AccountPage::samples()[0].contacts.clone();
        let of =
            |problem| ConfirmFirst { contacts: contacts.clone(), next: "/account/erase".into(), problem };
        let later = Problem::account(AccountRefusal::NotBefore(sample::AT), "contact", sample::ZONE);
        vec![of(None), of(Some(later)), ConfirmFirst { contacts: Vec::new(), ..of(None) }]
    }
}

/// What erasing means, before it is done.
#[derive(Debug, Clone, Serialize)]
pub struct EraseAccount {
    pub problem: Option<Problem>,
}

impl View for EraseAccount {
    const TEMPLATE: &'static str = "account/erase.html";

    fn samples() -> Vec<EraseAccount> {
        let waiting = [AccountRefusal::OrderWaiting, AccountRefusal::RefundWaiting, AccountRefusal::CaseOpen];
        let waiting = waiting.map(|why| Some(Problem::account(why, "sure", sample::ZONE)));
        let problems = [None, Some(Problem::erase_unsure())].into_iter().chain(waiting);
        problems.map(|problem| EraseAccount { problem }).collect()
    }
}
