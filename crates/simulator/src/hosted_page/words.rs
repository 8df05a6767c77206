//! The words of the pages in English and Chinese, and which of the two a payer gets.
//! Start reading at [`Language::of`].

use minijinja::Value;

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// en
    English,
    /// zh-CN
    Chinese,
}

impl Language {
    /// The session's locale decides; `auto` or none leaves it to the browser.
    pub fn of(locale: &str, accept_language: &str) -> Self {
        let wanted = match locale {
            "" | "auto" => accept_language.split([',', ';']).next().unwrap_or_default(),
            named => named,
        };
        if wanted.trim().to_ascii_lowercase().starts_with("zh") {
            Language::Chinese
        } else {
            Language::English
        }
    }

    /// The value of `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        }
    }

    /// The word of this language.
    pub fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    /// All words, for a template.
    pub fn words(self) -> Value {
        Value::from_pairs(WORDS.iter().map(|(key, english, chinese)| (*key, self.pick(english, chinese))))
    }

    /// One word by its key.
    pub fn word(self, key: &str) -> String {
        let found = WORDS.iter().find(|(name, ..)| *name == key);
        found.map(|(_, english, chinese)| self.pick(english, chinese).to_owned()).unwrap_or_default()
    }

    /// What a decline says.
    pub fn decline(self, code: &str, english: &str) -> String {
        if self == Language::English {
            return english.to_owned();
        }
        match code {
            "insufficient_funds" => "余额不足。您未被扣款。",
            "expired_card" => "此卡已过期。您未被扣款。",
            "incorrect_cvc" => "安全码不正确。您未被扣款。",
            "processing_error" => "处理时出错，请稍后再试。您未被扣款。",
            "payment_intent_authentication_failure" => "验证未通过。您未被扣款。",
            _ => "此卡被拒绝。您未被扣款。",
        }
        .to_owned()
    }
}

const WORDS: &[(&str, &str, &str)] = &[
    ("demo", "Simulator: no real money moves", "模拟器：不会真正扣款"),
    ("demo_more", "Never type a real card or account here.", "请勿在此输入真实卡号或账户。"),
    ("pay_title", "Test payment", "测试支付"),
    ("to_pay", "To pay", "应付金额"),
    ("choose", "Or choose a test card", "或选择测试卡"),
    (
        "choose_more",
        "Each card has one outcome. Clicking pays at once; where the merchant wants it, you confirm on the bank's page first.",
        "每张卡对应一种结果，点击即支付；商户要求时，先在银行页面确认。",
    ),
    ("type", "Type a test card", "输入测试卡"),
    ("number", "Card number", "卡号"),
    ("expiry", "Expiry (MM/YY)", "有效期（月/年）"),
    ("cvc", "Security code", "安全码"),
    ("pay", "Pay", "支付"),
    ("cancel", "Cancel and go back", "取消并返回"),
    (
        "challenge_title",
        "Your bank asks you to confirm (3-D Secure, simulated)",
        "银行请您确认此笔付款（模拟 3-D Secure）",
    ),
    ("approve", "Approve", "确认"),
    ("refuse", "Refuse", "拒绝"),
    ("bad_number", "This is not one of the test cards.", "这不是测试卡号。"),
    (
        "bad_expiry",
        "Type the expiry as month/year, not in the past.",
        "请按“月/年”填写有效期，且不得早于本月。",
    ),
    ("bad_cvc", "The security code has three or four digits.", "安全码为三或四位数字。"),
    ("paid_title", "This payment is finished", "此笔支付已完成"),
    ("expired_title", "This payment page has expired", "此支付页面已过期"),
    ("expired_more", "Nothing more can be paid here.", "此页面无法再支付。"),
    ("back", "Back to the merchant", "返回商户"),
    ("lost_title", "504 Gateway Time-out", "504 网关超时"),
    (
        "lost_more",
        "The answer was lost. Whether money was taken, only the merchant can find out.",
        "响应已丢失。是否已扣款，只有商户能够查明。",
    ),
    (
        "lost_hint",
        "The simulator does this on purpose. Do not pay again: go back to the page of your order at the merchant, \
         it finds out and tells you.",
        "这是模拟器有意为之。请勿重复付款：请回到商户的订单页面，那里会查明并显示结果。",
    ),
    ("error_title", "500 Internal Server Error", "500 内部服务器错误"),
    ("wallet_title", "Test PayPal payment (simulated)", "测试 PayPal 支付（模拟）"),
    ("invoice", "Invoice", "账单号"),
    ("log_in", "Approve with a test account", "使用测试账户确认"),
    ("address", "Account (e-mail)", "账户（电子邮箱）"),
    ("go_on", "Continue", "继续"),
    ("choose_account", "Or choose a test account", "或选择测试账户"),
    (
        "choose_account_more",
        "Each account has one outcome. Clicking approves at once.",
        "每个账户对应一种结果，点击即确认。",
    ),
    ("choose_again", "That account was declined. Choose another one.", "该账户被拒绝，请另选一个账户。"),
    ("bad_account", "This is not one of the test accounts.", "这不是测试账户。"),
    ("approved_title", "You approved this payment", "您已确认此笔支付"),
    ("back_to_tour", "Back to the tour", "返回演示导览"),
    ("wallet", "Wallets", "钱包账户"),
    ("reader_title", "Card reader (simulated)", "读卡器（模拟）"),
    ("readers_title", "Card readers", "读卡器"),
    ("no_readers", "No reader is registered.", "尚未登记读卡器。"),
    ("reader_idle", "Welcome", "欢迎光临"),
    ("reader_card", "Please insert, swipe or tap your card", "请插卡、刷卡或挥卡"),
    ("reader_pin", "Please type your PIN", "请输入密码"),
    ("reader_bank", "Please wait: the bank is asked", "请稍候，正在联系银行"),
    ("reader_approved", "Approved", "交易成功"),
    ("reader_failed", "Not paid", "未支付"),
    ("reader_updating", "Updating", "正在更新"),
    ("reader_off", "The screen is dark: no power", "屏幕无显示：已断电"),
    ("reader_insert", "Hold a test card to the reader", "出示测试卡"),
    ("pin_right", "Type the right PIN", "输入正确密码"),
    ("pin_wrong", "Type a wrong PIN", "输入错误密码"),
    ("bank_yes", "The bank says yes", "银行批准"),
    ("bank_no", "The bank says no", "银行拒绝"),
    ("pull_card", "Pull the card out", "拔出卡片"),
    ("red_key", "Press the red key (cancel)", "按红色取消键"),
    ("power_off", "Pull the plug", "拔掉电源"),
    ("power_on", "Plug it in again", "接通电源"),
    ("unknown_title", "There is no such payment page", "没有此支付页面"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_of_the_session_wins_over_the_browser() {
        assert_eq!(Language::of("zh", "en"), Language::Chinese);
        assert_eq!(Language::of("en", "zh-CN"), Language::English);
        assert_eq!(Language::of("auto", "zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::of("", "fr,en"), Language::English);
    }
}
