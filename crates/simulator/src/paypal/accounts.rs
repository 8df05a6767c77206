//! The test accounts of the wallet, and what each of them makes happen. PayPal steers its sandbox by headers and
//! by accounts that one makes oneself; here the payer's address names the outcome.
//! Start reading at [`ACCOUNTS`]; docs/simulator.md shows the same list to people.

use crate::cards::FailingReads;

/// What an account makes happen when it approves an order and the merchant captures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Captured, events at once.
    Pays,
    /// The capture is refused with `INSTRUMENT_DECLINED`; the payer can choose again.
    InstrumentDeclined,
    /// The capture is refused once with `PAYER_ACTION_REQUIRED`; after a second approval it is taken.
    AsksForAction,
    /// The order completes with a capture that is `DECLINED`; no money moves.
    CaptureDeclined,
    /// The capture is pending and ends after twenty seconds or when settled by the control API.
    Pending { completes: bool },
    /// Approved, but the browser sees a gateway error and never returns to the merchant.
    NeverReturns,
    /// Captured, but the answer is lost, events wait ten minutes, and the next two reads of the order and of its
    /// capture fail.
    TakenAnswerLost { reads: FailingReads },
    /// The first capture does nothing and its answer is lost.
    NothingTakenAnswerLost,
    /// Captured; events wait thirty seconds or until asked for.
    WebhookLate,
    /// Captured; `PAYMENT.CAPTURE.COMPLETED` is sent five times at once.
    WebhookFiveTimes,
    /// Captured; `PAYMENT.CAPTURE.COMPLETED` comes first, the older events after it.
    WebhooksReversed,
    /// Captured; two forged copies of `PAYMENT.CAPTURE.COMPLETED` are sent besides the true one.
    WebhookForged,
    /// The capture has a status nobody has heard of, until settled by the control API.
    UnknownStatus,
    /// Captured, but less than was asked.
    OtherAmount,
    /// Captured; a refund is pending and ends after ten seconds or when settled by the control API.
    RefundPending { completes: bool },
    /// Captured; a refund is pending until settled by the control API.
    RefundStaysPending,
    /// Captured; the first answer to a refund request is lost although the refund happened.
    RefundAnswerLost,
}

/// One test account.
#[derive(Debug)]
pub struct Account {
    /// The name before the `@`.
    pub name: &'static str,
    /// What it does.
    pub outcome: Outcome,
    /// One line for the page, in English.
    pub english: &'static str,
    /// The same in Chinese.
    pub chinese: &'static str,
}

/// The domain of every account; reserved, so that it belongs to nobody (RFC 2606).
const DOMAIN: &str = "payer.example";
/// The letters of a payer id (`account_id` of the Orders document).
const PAYER_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl Account {
    /// The address that the payer types.
    pub fn email(&self) -> String {
        format!("{}@{DOMAIN}", self.name)
    }

    /// Thirteen letters that are always the same for this account.
    pub fn payer_id(&self) -> String {
        // FNV-1a spread over the letters: a name for people, no secret.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let letter = |at: u32| {
            let index = usize::try_from((hash >> (at * 4)) % 32).unwrap_or_default();
            char::from(PAYER_LETTERS[index])
        };
        (0..13).map(letter).collect()
    }
}

const fn account(
    name: &'static str,
    outcome: Outcome,
    english: &'static str,
    chinese: &'static str,
) -> Account {
    Account { name, outcome, english, chinese }
}

/// Every account there is; any other address is refused.
pub const ACCOUNTS: &[Account] = &[
    account("pays", Outcome::Pays, "Pays", "支付成功"),
    account(
        "declined",
        Outcome::InstrumentDeclined,
        "Approves; the capture is refused, choose again",
        "确认后扣款被拒，可另选账户",
    ),
    account(
        "action",
        Outcome::AsksForAction,
        "Approves; has to come back once, then pays",
        "确认后须再回来一次，然后支付成功",
    ),
    account(
        "denied",
        Outcome::CaptureDeclined,
        "Approves; the capture is declined for good",
        "确认后扣款最终被拒",
    ),
    account(
        "pending",
        Outcome::Pending { completes: true },
        "The capture is pending, then completes",
        "扣款处理中，之后成功",
    ),
    account(
        "pending-denied",
        Outcome::Pending { completes: false },
        "The capture is pending, then denied",
        "扣款处理中，之后被拒",
    ),
    account("no-return", Outcome::NeverReturns, "Approves; never returns to the shop", "确认后未返回商户"),
    account(
        "lost-taken",
        Outcome::TakenAnswerLost { reads: FailingReads::Error },
        "Money taken, answer lost; reads fail for a while",
        "已扣款但响应丢失；查询暂时报错",
    ),
    account(
        "lost-taken-hang",
        Outcome::TakenAnswerLost { reads: FailingReads::Hang },
        "Money taken, answer lost; reads hang for a while",
        "已扣款但响应丢失；查询暂时无响应",
    ),
    account(
        "lost-nothing",
        Outcome::NothingTakenAnswerLost,
        "Nothing taken, answer lost",
        "未扣款且响应丢失",
    ),
    account("late", Outcome::WebhookLate, "Pays; webhook comes late", "支付成功；通知延迟"),
    account(
        "five",
        Outcome::WebhookFiveTimes,
        "Pays; webhook comes five times at once",
        "支付成功；通知同时到达五次",
    ),
    account("reordered", Outcome::WebhooksReversed, "Pays; webhooks out of order", "支付成功；通知乱序"),
    account(
        "forged",
        Outcome::WebhookForged,
        "Pays; forged webhooks besides the true one",
        "支付成功；另有伪造的通知",
    ),
    account("unknown", Outcome::UnknownStatus, "A status nobody knows", "未知的支付状态"),
    account("other-amount", Outcome::OtherAmount, "Takes another amount", "扣款金额不符"),
    account(
        "refund-pending",
        Outcome::RefundPending { completes: true },
        "Pays; a refund is pending, then completes",
        "支付成功；退款先处理中后成功",
    ),
    account(
        "refund-fails",
        Outcome::RefundPending { completes: false },
        "Pays; a refund is pending, then fails",
        "支付成功；退款先处理中后失败",
    ),
    account(
        "refund-stays",
        Outcome::RefundStaysPending,
        "Pays; a refund stays pending",
        "支付成功；退款一直处理中",
    ),
    account(
        "refund-lost",
        Outcome::RefundAnswerLost,
        "Pays; the answer to a refund is lost",
        "支付成功；退款响应丢失",
    ),
];

/// The account of an address, or of the name before its `@`.
pub fn by_address(typed: &str) -> Option<&'static Account> {
    let typed = typed.trim().to_ascii_lowercase();
    let name = typed.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix('@')).unwrap_or(&typed);
    ACCOUNTS.iter().find(|account| account.name == name)
}

/// The account with an outcome, for the faults that stand for one.
pub fn by_outcome(outcome: Outcome) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.outcome == outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_a_name_and_a_payer_id_of_its_own() {
        for account in ACCOUNTS {
            let id = account.payer_id();
            assert!(id.len() == 13 && id.bytes().all(|letter| PAYER_LETTERS.contains(&letter)), "{id}");
            let same = |other: &&Account| other.name == account.name || other.payer_id() == id;
            assert_eq!(ACCOUNTS.iter().filter(same).count(), 1, "{}", account.name);
        }
    }

    #[test]
    fn an_account_is_found_by_its_address_and_by_its_name() {
        assert_eq!(by_address(" Pays@payer.example ").unwrap().outcome, Outcome::Pays);
        assert_eq!(by_address("other-amount").unwrap().outcome, Outcome::OtherAmount);
        assert!(by_address("somebody@gmail.example").is_none());
        assert!(by_outcome(Outcome::UnknownStatus).is_some());
    }
}
