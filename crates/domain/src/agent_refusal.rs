//! Why something about an agent, an outlet or a float was not done: a closed list, so that every word has its text.

use crate::states;

states! {
    /// Why something about an agent, an outlet or a float was not done.
    Refused {
        Unknown = "agent_unknown",
        /// The business's name is missing or too long.
        Name = "agent_name",
        ContactMissing = "agent_contact_missing",
        EmailUnfit = "agent_email_unfit",
        PhoneUnfit = "agent_phone_unfit",
        MarketUnknown = "agent_market_unknown",
        DocumentMissing = "agent_document_missing",
        /// No kind of file that is taken, or a damaged one.
        DocumentUnfit = "agent_document_unfit",
        DocumentTooLarge = "agent_document_too_large",
        /// The agent has as many documents as are kept.
        DocumentsTooMany = "agent_documents_too_many",
        /// A document is over already, or its date cannot be read.
        DocumentExpired = "agent_document_expired",
        NoteMissing = "agent_note_missing",
        NoteTooLong = "agent_note_too_long",
        NotSupervisor = "agent_not_supervisor",
        /// Whoever asked or agreed first does not decide.
        SamePerson = "agent_same_person",
        /// Only the one who asked takes it back.
        NotTheirs = "agent_not_theirs",
        /// It is no longer in the state that it was seen in.
        AlreadyDecided = "agent_already_decided",
        /// The distributor is not one, is of another market, or is not approved.
        ParentUnfit = "agent_parent_unfit",
        PlanUnknown = "agent_plan_unknown",
        /// The commission plan cannot be read one way only.
        PlanUnfit = "agent_plan_unfit",
        /// The agent owes more than the new credit line.
        CreditUsed = "agent_credit_used",
        /// Money that cannot be read, is zero, or is in another currency.
        AmountUnfit = "agent_amount_unfit",
        /// A fact of the outlet is missing or cannot be right.
        FactsUnfit = "agent_facts_unfit",
        /// Where the outlet is cannot be read.
        PointUnfit = "agent_point_unfit",
        /// When the outlet is open cannot be read.
        HoursUnfit = "agent_hours_unfit",
        /// No place of the operator's file that is this agent's has the number, or another outlet has it.
        NumberUnfit = "agent_number_unfit",
        /// Name and address of an approved outlet are the staff's to change.
        FactsFixed = "agent_facts_fixed",
        /// Commission is paid for months that are over.
        MonthNotOver = "agent_month_not_over",
        /// Nothing of that month is left to be paid, or its pay-out was asked for.
        CommissionPaid = "agent_commission_paid",
        /// What is due is not what was agreed to any more.
        CommissionChanged = "agent_commission_changed",
        OutletsTooMany = "agent_outlets_too_many",
        /// Float moves between parent and child only.
        NotInLine = "agent_not_in_line",
        /// One of both sides may not sell now.
        NotActive = "agent_not_active",
        /// Not so much is there.
        FloatShort = "agent_float_short",
        /// More than may leave this float in a day.
        OverDay = "agent_over_day",
        /// More than may be paid into this float by card in a day.
        CardOverDay = "agent_card_over_day",
        /// No provider takes cards here.
        NoCards = "agent_no_cards",
        /// The card's provider decides, nobody else.
        ByProvider = "agent_by_provider",
        ReferenceUnfit = "agent_reference_unfit",
        /// The bank's reference stands in another request: the same transfer does not fill twice.
        ReferenceUsed = "agent_reference_used",
        ProofMissing = "agent_proof_missing",
        /// The form was sent before, with something else in it.
        KeyReused = "agent_key_reused",
        /// In training nothing touches money.
        Training = "agent_training",
        /// Too many applications from one network.
        TooOften = "agent_too_often",
    }
}
