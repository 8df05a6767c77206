//! The audit: who in the office did, saw and changed what. Closed lists, so that every word has its text.

use crate::id::LineId;
use crate::states;

states! {
    /// What somebody did.
    AuditAction {
        SignedIn = "signed_in",
        SignedOut = "signed_out",
        /// The first sign-in: passphrase and second factor were set.
        Joined = "joined",
        /// A wrong passphrase or code for a login that there is.
        SignInRefused = "sign_in_refused",
        /// A person's record was looked at, masked.
        Looked = "looked",
        /// A number or an address was shown in full.
        Revealed = "revealed",
        StaffAdded = "staff_added",
        StaffDisabled = "staff_disabled",
        /// A new one-time token; the passphrase and the second factor are gone.
        StaffReset = "staff_reset",
        SessionsEnded = "sessions_ended",
        /// A customer was answered, or asked something back.
        CaseAnswered = "case_answered",
        CaseNoted = "case_noted",
        CaseAssigned = "case_assigned",
        /// A case was closed or opened again.
        CaseMoved = "case_moved",
        /// A file that a customer added was opened.
        FileOpened = "file_opened",
        RefundAsked = "refund_asked",
        RefundApproved = "refund_approved",
        RefundDeclined = "refund_declined",
        RefundWithdrawn = "refund_withdrawn",
        /// A provider was asked how something stands.
        AskedProvider = "asked_provider",
        /// A call, a piece of work or a message was sent again under its own key.
        SentAgain = "sent_again",
        /// A paid order that was kept back was let through.
        Released = "released",
        /// A credit was booked as given because the host network confirmed it in writing.
        NetworkConfirmed = "network_confirmed",
        /// A sale was given up because the host network denied it in writing.
        NetworkDenied = "network_denied",
        /// Something that was given up was looked at and left.
        SeenTo = "seen_to",
        /// A limit or a switch.
        SettingChanged = "setting_changed",
        /// Staff agreed to an application; a second person has to.
        AgentAgreed = "agent_agreed",
        AgentApproved = "agent_approved",
        AgentRefused = "agent_refused",
        AgentSuspended = "agent_suspended",
        AgentLifted = "agent_lifted",
        AgentClosed = "agent_closed",
        /// What was agreed with an agent, an outlet's limits, or a commission plan.
        TermsChanged = "terms_changed",
        /// A document was added to an agent's.
        DocumentAdded = "document_added",
        OutletProposed = "outlet_proposed",
        OutletApproved = "outlet_approved",
        OutletRefused = "outlet_refused",
        OutletSuspended = "outlet_suspended",
        OutletLifted = "outlet_lifted",
        OutletClosed = "outlet_closed",
        /// What the public sees of an outlet was changed.
        OutletDescribed = "outlet_described",
        FloatAsked = "float_asked",
        /// The first of two people agreed.
        FloatAgreed = "float_agreed",
        /// The money is in the float.
        FloatDone = "float_done",
        FloatDeclined = "float_declined",
        FloatWithdrawn = "float_withdrawn",
        CampaignAsked = "campaign_asked",
        CampaignApproved = "campaign_approved",
        CampaignDeclined = "campaign_declined",
        CampaignWithdrawn = "campaign_withdrawn",
        CampaignStopped = "campaign_stopped",
        /// A subscriber ended marketing messages, by a reply or from a mail.
        ConsentWithdrawn = "consent_withdrawn",
        /// A receipt joined the account of whoever proved its number.
        ReceiptClaimed = "receipt_claimed",
    }
}

states! {
    /// What it was done to.
    SubjectKind {
        TopUp = "top_up",
        Line = "line",
        Subscriber = "subscriber",
        Staff = "staff",
        /// A support case.
        Case = "case",
        Refund = "refund",
        /// A piece of work that was given up.
        Work = "work",
        Campaign = "campaign",
        Agent = "agent",
        Outlet = "outlet",
        /// A request to fill or move float.
        Float = "float",
        /// A limit, a switch, an offer or a promotion.
        Setting = "setting",
    }
}

/// What is written down of one act. Free text and `detail` hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `Actor::Staff`, or `Actor::Operator` on the command line, or `Actor::System`.
    pub actor: crate::actor::Actor,
    pub action: AuditAction,
    pub kind: SubjectKind,
    /// The id of what it was done to.
    pub subject: String,
    /// The line whose owner's data was seen or changed.
    pub line: Option<LineId>,
    pub reason: Option<String>,
    /// JSON: what it was before and after.
    pub detail: Option<String>,
}

impl Entry {
    /// An act without reason and detail.
    pub fn of(
        actor: crate::actor::Actor,
        action: AuditAction,
        kind: SubjectKind,
        subject: impl Into<String>,
    ) -> Entry {
        Entry { actor, action, kind, subject: subject.into(), line: None, reason: None, detail: None }
    }

    pub fn about(self, line: &LineId) -> Entry {
        Entry { line: Some(line.clone()), ..self }
    }

    pub fn because(self, reason: &str) -> Entry {
        Entry { reason: Some(reason.to_owned()), ..self }
    }

    /// `detail` is JSON without personal data.
    pub fn with(self, detail: impl Into<String>) -> Entry {
        Entry { detail: Some(detail.into()), ..self }
    }
}
