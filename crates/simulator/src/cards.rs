//! The test cards, and what each of them makes happen. Stripe's own numbers where Stripe has one
//! (docs.stripe.com/testing), ours (4000 0099 ...) for the failures that Stripe does not offer.
//! Start reading at [`CARDS`]; docs/simulator.md shows the same list to people.

/// What a card makes happen when somebody pays with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Captured, events at once.
    Succeeds,
    /// Declined; the session stays open.
    Declined(Decline),
    /// A 3-D Secure page first; when approved, captured or declined.
    Challenged { then_declined: bool },
    /// Captured, but the browser sees a gateway error, events wait ten minutes, and the next two reads of
    /// the session and of its PaymentIntent fail.
    TakenAnswerLost { reads: FailingReads },
    /// The browser sees a gateway error and nothing was taken.
    NothingTakenAnswerLost,
    /// Captured; events wait thirty seconds or until asked for.
    WebhookLate,
    /// Captured; `checkout.session.completed` is sent five times at once.
    WebhookFiveTimes,
    /// Captured; `checkout.session.completed` is sent first, the older events after it.
    WebhooksReversed,
    /// Captured; two forged copies of `checkout.session.completed` are sent besides the true one.
    WebhookForged,
    /// Complete, with a `payment_status` nobody has heard of, until settled by the control API.
    UnknownStatus,
    /// Captured, but less than was asked.
    OtherAmount,
    /// Complete and unpaid; settled after twenty seconds or by the control API.
    SettlesLater { succeeds: bool },
    /// Captured; a refund succeeds, and fails ten seconds later or when settled by the control API.
    RefundFailsLater,
    /// Captured; a refund is pending and succeeds after ten seconds or when settled by the control API.
    RefundSucceedsLater,
    /// Captured; a refund is pending until settled by the control API.
    RefundStaysPending,
    /// Captured; the first answer to a refund request is lost although the refund happened.
    RefundAnswerLost,
}

/// How reads fail after [`Outcome::TakenAnswerLost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailingReads {
    /// With an HTTP 500.
    Error,
    /// By not answering.
    Hang,
}

/// The code, the issuer's code and the sentence of a decline (docs.stripe.com/declines/codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    /// `error.code`
    pub code: &'static str,
    /// `error.decline_code`, where the issuer gave one
    pub decline_code: Option<&'static str>,
    /// `error.message`
    pub message: &'static str,
}

/// One test card.
#[derive(Debug)]
pub struct Card {
    /// Sixteen digits.
    pub number: &'static str,
    /// As in `payment_method_details.card.brand`.
    pub brand: &'static str,
    /// Stripe's token for the same card in the PaymentIntents API, where there is one.
    pub token: Option<&'static str>,
    /// What it does.
    pub outcome: Outcome,
    /// One line for the payment page, in English.
    pub english: &'static str,
    /// The same in Chinese.
    pub chinese: &'static str,
}

impl Card {
    /// The last four digits.
    pub fn last4(&self) -> &'static str {
        &self.number[12..]
    }

    /// The same for the same number, as in `payment_method_details.card.fingerprint`.
    pub fn fingerprint(&self) -> String {
        format!("simfp{}", self.last4())
    }

    /// The number in groups of four.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..4).map(|at| &self.number[at * 4..at * 4 + 4]).collect();
        groups.join(" ")
    }
}

const GENERIC: Decline = Decline {
    code: "card_declined",
    decline_code: Some("generic_decline"),
    message: "Your card was declined.",
};
/// Used after an approved challenge on the card that is declined all the same.
pub const DECLINED_AFTER_CHALLENGE: Decline = GENERIC;
/// Used when the challenge is refused (docs.stripe.com/error-codes).
pub const AUTHENTICATION_FAILED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    message: "The provided PaymentMethod has failed authentication.",
};
const INSUFFICIENT: Decline = Decline {
    code: "card_declined",
    decline_code: Some("insufficient_funds"),
    message: "Your card has insufficient funds.",
};
const EXPIRED: Decline =
    Decline { code: "expired_card", decline_code: Some("expired_card"), message: "Your card has expired." };
const WRONG_CVC: Decline = Decline {
    code: "incorrect_cvc",
    decline_code: Some("incorrect_cvc"),
    message: "Your card's security code is incorrect.",
};
const PROCESSING_ERROR: Decline = Decline {
    code: "processing_error",
    decline_code: Some("processing_error"),
    message: "An error occurred while processing your card. Try again in a little bit.",
};

const fn card(number: &'static str, outcome: Outcome, english: &'static str, chinese: &'static str) -> Card {
    Card { number, brand: "visa", token: None, outcome, english, chinese }
}

const fn named(token: &'static str, card: Card) -> Card {
    Card { token: Some(token), ..card }
}

/// Every card there is; any other number is refused as incorrect.
pub const CARDS: &[Card] = &[
    named("pm_card_visa", card("4242424242424242", Outcome::Succeeds, "Pays", "支付成功")),
    Card {
        number: "5555555555554444",
        brand: "mastercard",
        token: Some("pm_card_mastercard"),
        outcome: Outcome::Succeeds,
        english: "Pays (Mastercard)",
        chinese: "支付成功（万事达卡）",
    },
    named(
        "pm_card_authenticationRequired",
        card(
            "4000002500003155",
            Outcome::Challenged { then_declined: false },
            "Asks for 3-D Secure, then pays",
            "需要 3-D Secure 验证，然后支付成功",
        ),
    ),
    card(
        "4000008400001629",
        Outcome::Challenged { then_declined: true },
        "Asks for 3-D Secure, then is declined",
        "需要 3-D Secure 验证，然后被拒",
    ),
    named(
        "pm_card_chargeDeclined",
        card("4000000000000002", Outcome::Declined(GENERIC), "Declined by the bank", "被银行拒绝"),
    ),
    named(
        "pm_card_chargeDeclinedInsufficientFunds",
        card("4000000000009995", Outcome::Declined(INSUFFICIENT), "Insufficient funds", "余额不足"),
    ),
    named(
        "pm_card_chargeDeclinedExpiredCard",
        card("4000000000000069", Outcome::Declined(EXPIRED), "Expired card", "卡已过期"),
    ),
    named(
        "pm_card_chargeDeclinedIncorrectCvc",
        card("4000000000000127", Outcome::Declined(WRONG_CVC), "Wrong security code", "安全码错误"),
    ),
    named(
        "pm_card_chargeDeclinedProcessingError",
        card("4000000000000119", Outcome::Declined(PROCESSING_ERROR), "Processing error", "处理出错"),
    ),
    named(
        "pm_card_refundFail",
        card(
            "4000000000005126",
            Outcome::RefundFailsLater,
            "Pays; a refund succeeds, then fails",
            "支付成功；退款先成功后失败",
        ),
    ),
    named(
        "pm_card_pendingRefund",
        card(
            "4000000000007726",
            Outcome::RefundSucceedsLater,
            "Pays; a refund is pending, then succeeds",
            "支付成功；退款先处理中后成功",
        ),
    ),
    card(
        "4000009900000012",
        Outcome::TakenAnswerLost { reads: FailingReads::Error },
        "Money taken, answer lost; reads fail for a while",
        "已扣款但响应丢失；查询暂时报错",
    ),
    card(
        "4000009900000020",
        Outcome::TakenAnswerLost { reads: FailingReads::Hang },
        "Money taken, answer lost; reads hang for a while",
        "已扣款但响应丢失；查询暂时无响应",
    ),
    card(
        "4000009900000038",
        Outcome::NothingTakenAnswerLost,
        "Nothing taken, answer lost",
        "未扣款且响应丢失",
    ),
    card("4000009900000046", Outcome::WebhookLate, "Pays; webhook comes late", "支付成功；通知延迟"),
    card(
        "4000009900000053",
        Outcome::WebhookFiveTimes,
        "Pays; webhook comes five times at once",
        "支付成功；通知同时到达五次",
    ),
    card("4000009900000061", Outcome::WebhooksReversed, "Pays; webhooks out of order", "支付成功；通知乱序"),
    card(
        "4000009900000079",
        Outcome::WebhookForged,
        "Pays; forged webhooks besides the true one",
        "支付成功；另有伪造的通知",
    ),
    card("4000009900000087", Outcome::UnknownStatus, "A status nobody knows", "未知的支付状态"),
    card("4000009900000095", Outcome::OtherAmount, "Takes another amount", "扣款金额不符"),
    card(
        "4000009900000103",
        Outcome::SettlesLater { succeeds: true },
        "Processing, then pays",
        "处理中，之后支付成功",
    ),
    card(
        "4000009900000111",
        Outcome::SettlesLater { succeeds: false },
        "Processing, then fails",
        "处理中，之后支付失败",
    ),
    card(
        "4000009900000129",
        Outcome::RefundStaysPending,
        "Pays; a refund stays pending",
        "支付成功；退款一直处理中",
    ),
    card(
        "4000009900000137",
        Outcome::RefundAnswerLost,
        "Pays; the answer to a refund is lost",
        "支付成功；退款响应丢失",
    ),
];

/// The card of this number; spaces and dashes do not matter.
pub fn by_number(typed: &str) -> Option<&'static Card> {
    let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    CARDS.iter().find(|card| card.number == digits)
}

/// The card of a PaymentIntents API token, or of `pm_sim_` followed by its number.
pub fn by_token(token: &str) -> Option<&'static Card> {
    match token.strip_prefix("pm_sim_") {
        Some(number) => by_number(number),
        None => {
            // Stripe has had the declines under both spellings.
            let token = token.replace("pm_card_visa_charge", "pm_card_charge");
            CARDS.iter().find(|card| card.token == Some(token.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_number_has_a_valid_check_digit_and_is_listed_once() {
        for card in CARDS {
            let sum: u32 = card
                .number
                .bytes()
                .rev()
                .enumerate()
                .map(|(at, byte)| {
                    let digit = u32::from(byte - b'0');
                    let doubled = if at % 2 == 1 { digit * 2 } else { digit };
                    doubled / 10 + doubled % 10
                })
                .sum();
            assert_eq!(sum % 10, 0, "{}", card.number);
            assert_eq!(CARDS.iter().filter(|other| other.number == card.number).count(), 1);
        }
    }

    #[test]
    fn a_card_is_found_by_its_typed_number_and_by_its_token() {
        assert_eq!(by_number("4242 4242-4242 4242").unwrap().outcome, Outcome::Succeeds);
        assert_eq!(by_token("pm_sim_4000009900000095").unwrap().outcome, Outcome::OtherAmount);
        assert_eq!(by_token("pm_card_visa_chargeDeclined").unwrap().number, "4000000000000002");
        assert!(by_number("4111111111111111").is_none());
    }
}
