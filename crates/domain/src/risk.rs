//! Risk: how much may be ordered, tried and asked for before people look, and what can be switched off.
//!
//! Every number that holds back abuse is a [`Limit`], with its unit, its usual value and its bounds; [`Switch`] is what
//! an operator turns off in an emergency. [`Mark`] is by what orders of one hand are told: one card, one number, one
//! browser. Start at [`Limits`], the values of now.

use crate::states;
use std::collections::{BTreeMap, BTreeSet};

states! {
    /// By what orders that belong together are told. None of it is stored in the clear.
    Mark {
        /// The provider's stable name of a card or payer account.
        Card = "card",
        /// The line that is topped up.
        Line = "line",
        /// The buyer's e-mail address.
        Email = "email",
        /// The network that the buyer comes from.
        Place = "place",
        /// The browser, by a random cookie.
        Device = "device",
    }
}

states! {
    /// A number that the operator may change.
    Limit {
        /// Security codes to one number or address in an hour.
        CodesPerTarget = "codes_per_target",
        /// Security codes to numbers that were handed out together, in an hour.
        CodesPerPrefix = "codes_per_prefix",
        /// Security codes asked for from one network address in an hour.
        CodesPerPlace = "codes_per_place",
        /// Security codes by text message in a day, in all.
        CodesBySms = "codes_by_sms",
        /// Orders of guests with one card or payer account in a day.
        GuestOrdersPerCard = "guest_orders_per_card",
        /// Orders of guests with one number in a day.
        GuestOrdersPerLine = "guest_orders_per_line",
        /// Orders of guests with one e-mail address in a day.
        GuestOrdersPerEmail = "guest_orders_per_email",
        /// Orders of guests with one network address in a day.
        GuestOrdersPerPlace = "guest_orders_per_place",
        /// Orders of guests with one browser in a day.
        GuestOrdersPerDevice = "guest_orders_per_device",
        /// Orders of people who are signed in, with one card or payer account in a day.
        MemberOrdersPerCard = "member_orders_per_card",
        /// Orders of people who are signed in, with one number in a day.
        MemberOrdersPerLine = "member_orders_per_line",
        /// Orders of people who are signed in, with one e-mail address in a day.
        MemberOrdersPerEmail = "member_orders_per_email",
        /// Orders of people who are signed in, with one network address in a day.
        MemberOrdersPerPlace = "member_orders_per_place",
        /// Orders of people who are signed in, with one browser in a day.
        MemberOrdersPerDevice = "member_orders_per_device",
        /// What guests may order with one card or payer account in a day.
        GuestMoneyPerCard = "guest_money_per_card",
        /// What guests may order with one number in a day.
        GuestMoneyPerLine = "guest_money_per_line",
        /// What guests may order with one e-mail address in a day.
        GuestMoneyPerEmail = "guest_money_per_email",
        /// What guests may order with one network address in a day.
        GuestMoneyPerPlace = "guest_money_per_place",
        /// What guests may order with one browser in a day.
        GuestMoneyPerDevice = "guest_money_per_device",
        /// What people who are signed in may order with one card or payer account in a day.
        MemberMoneyPerCard = "member_money_per_card",
        /// What people who are signed in may order with one number in a day.
        MemberMoneyPerLine = "member_money_per_line",
        /// What people who are signed in may order with one e-mail address in a day.
        MemberMoneyPerEmail = "member_money_per_email",
        /// What people who are signed in may order with one network address in a day.
        MemberMoneyPerPlace = "member_money_per_place",
        /// What people who are signed in may order with one browser in a day.
        MemberMoneyPerDevice = "member_money_per_device",
        /// Declined payments with one card or payer account in an hour.
        DeclinesPerCard = "declines_per_card",
        /// Declined payments with one number in an hour.
        DeclinesPerLine = "declines_per_line",
        /// Declined payments with one e-mail address in an hour.
        DeclinesPerEmail = "declines_per_email",
        /// Declined payments with one network address in an hour.
        DeclinesPerPlace = "declines_per_place",
        /// Declined payments with one browser in an hour.
        DeclinesPerDevice = "declines_per_device",
        /// Different cards tried with one number in a day.
        CardsPerLine = "cards_per_line",
        /// Different cards tried with one e-mail address in a day.
        CardsPerEmail = "cards_per_email",
        /// Different cards tried with one network address in a day.
        CardsPerPlace = "cards_per_place",
        /// Different cards tried with one browser in a day.
        CardsPerDevice = "cards_per_device",
        /// Up to here an order counts as small: thieves try cards with such.
        SmallOrder = "small_order",
        /// Small orders with one number in an hour.
        SmallOrdersPerLine = "small_orders_per_line",
        /// Small orders with one e-mail address in an hour.
        SmallOrdersPerEmail = "small_orders_per_email",
        /// Small orders with one network address in an hour.
        SmallOrdersPerPlace = "small_orders_per_place",
        /// Small orders with one browser in an hour.
        SmallOrdersPerDevice = "small_orders_per_device",
        /// The largest refund that a clerk may ask for.
        ClerkRefund = "clerk_refund",
        /// What one clerk may ask to be refunded in a day.
        ClerkRefundsPerDay = "clerk_refunds_per_day",
        /// More agents' float than this is filled or moved by one person more.
        FloatAlone = "float_alone",
        /// What may leave one agent's or outlet's float for others in a day.
        FloatMovedPerDay = "float_moved_per_day",
        /// What one agent may pay into its float by card in a day: who pays with a card that is not theirs must not sell
        /// it on before anybody notices.
        FloatByCardPerDay = "float_by_card_per_day",
        /// The largest sale that a clerk takes back at a counter without a supervisor.
        CounterUndo = "counter_undo",
        /// What one number gets at counters in a day.
        CounterPerNumber = "counter_number",
        /// What of it is paid in cash.
        CounterCashPerNumber = "counter_cash",
        /// Sales in cash to one number at counters in a day, before people look at the next one.
        CounterCashSales = "counter_cash_sales",
        /// Marketing messages to one person in a week.
        MarketingPerWeek = "marketing_per_week",
    }
}

states! {
    /// What can be switched off at once.
    Switch {
        /// Security codes by text message; those by e-mail go on.
        CodesBySms = "codes_by_sms",
        /// Every new payment on a hosted page.
        Payments = "payments",
        /// New payments by card.
        Card = "card",
        /// New payments with PayPal.
        Paypal = "paypal",
        /// Refunds that staff asks for.
        RefundsByStaff = "refunds_by_staff",
        /// Registrations.
        NewAccounts = "new_accounts",
        /// Marketing messages.
        Marketing = "marketing",
    }
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitUnit {
    /// How often something may happen.
    Count,
    /// Whole units of the order's currency; each currency is counted apart.
    Money,
}

impl Limit {
    fn usual(self) -> (i64, LimitUnit) {
        match self {
            Limit::CodesPerTarget => (5, LimitUnit::Count),
            Limit::CodesPerPrefix => (200, LimitUnit::Count),
            Limit::CodesPerPlace => (30, LimitUnit::Count),
            Limit::CodesBySms => (5000, LimitUnit::Count),
            Limit::GuestOrdersPerCard => (20, LimitUnit::Count),
            Limit::GuestOrdersPerLine => (20, LimitUnit::Count),
            Limit::GuestOrdersPerEmail => (20, LimitUnit::Count),
            Limit::GuestOrdersPerPlace => (200, LimitUnit::Count),
            Limit::GuestOrdersPerDevice => (20, LimitUnit::Count),
            Limit::MemberOrdersPerCard => (40, LimitUnit::Count),
            Limit::MemberOrdersPerLine => (40, LimitUnit::Count),
            Limit::MemberOrdersPerEmail => (40, LimitUnit::Count),
            Limit::MemberOrdersPerPlace => (400, LimitUnit::Count),
            Limit::MemberOrdersPerDevice => (40, LimitUnit::Count),
            Limit::GuestMoneyPerCard => (500, LimitUnit::Money),
            Limit::GuestMoneyPerLine => (500, LimitUnit::Money),
            Limit::GuestMoneyPerEmail => (500, LimitUnit::Money),
            Limit::GuestMoneyPerPlace => (5000, LimitUnit::Money),
            Limit::GuestMoneyPerDevice => (500, LimitUnit::Money),
            Limit::MemberMoneyPerCard => (1000, LimitUnit::Money),
            Limit::MemberMoneyPerLine => (1000, LimitUnit::Money),
            Limit::MemberMoneyPerEmail => (1000, LimitUnit::Money),
            Limit::MemberMoneyPerPlace => (10000, LimitUnit::Money),
            Limit::MemberMoneyPerDevice => (1000, LimitUnit::Money),
            Limit::DeclinesPerCard => (5, LimitUnit::Count),
            Limit::DeclinesPerLine => (10, LimitUnit::Count),
            Limit::DeclinesPerEmail => (10, LimitUnit::Count),
            Limit::DeclinesPerPlace => (40, LimitUnit::Count),
            Limit::DeclinesPerDevice => (10, LimitUnit::Count),
            Limit::CardsPerLine => (6, LimitUnit::Count),
            Limit::CardsPerEmail => (5, LimitUnit::Count),
            Limit::CardsPerPlace => (30, LimitUnit::Count),
            Limit::CardsPerDevice => (5, LimitUnit::Count),
            Limit::SmallOrder => (5, LimitUnit::Money),
            Limit::SmallOrdersPerLine => (6, LimitUnit::Count),
            Limit::SmallOrdersPerEmail => (6, LimitUnit::Count),
            Limit::SmallOrdersPerPlace => (60, LimitUnit::Count),
            Limit::SmallOrdersPerDevice => (8, LimitUnit::Count),
            Limit::ClerkRefund => (100, LimitUnit::Money),
            Limit::ClerkRefundsPerDay => (500, LimitUnit::Money),
            Limit::FloatAlone => (1000, LimitUnit::Money),
            Limit::FloatMovedPerDay => (50_000, LimitUnit::Money),
            Limit::FloatByCardPerDay => (2_000, LimitUnit::Money),
            Limit::CounterUndo => (50, LimitUnit::Money),
            Limit::CounterPerNumber => (1000, LimitUnit::Money),
            Limit::CounterCashPerNumber => (800, LimitUnit::Money),
            Limit::CounterCashSales => (40, LimitUnit::Count),
            Limit::MarketingPerWeek => (2, LimitUnit::Count),
        }
    }

    /// The value while nobody set another.
    pub fn default_value(self) -> i64 {
        self.usual().0
    }

    pub fn unit(self) -> LimitUnit {
        self.usual().1
    }

    /// The least that may be set; 0 allows nothing at all.
    pub fn least(self) -> i64 {
        0
    }

    /// The most that may be set.
    pub fn greatest(self) -> i64 {
        match self.unit() {
            LimitUnit::Count => 100_000,
            LimitUnit::Money => 10_000_000,
        }
    }

    /// Orders in a day with one mark.
    pub fn orders(mark: Mark, signed_in: bool) -> Limit {
        match (mark, signed_in) {
            (Mark::Card, false) => Limit::GuestOrdersPerCard,
            (Mark::Card, true) => Limit::MemberOrdersPerCard,
            (Mark::Line, false) => Limit::GuestOrdersPerLine,
            (Mark::Line, true) => Limit::MemberOrdersPerLine,
            (Mark::Email, false) => Limit::GuestOrdersPerEmail,
            (Mark::Email, true) => Limit::MemberOrdersPerEmail,
            (Mark::Place, false) => Limit::GuestOrdersPerPlace,
            (Mark::Place, true) => Limit::MemberOrdersPerPlace,
            (Mark::Device, false) => Limit::GuestOrdersPerDevice,
            (Mark::Device, true) => Limit::MemberOrdersPerDevice,
        }
    }

    /// Money ordered in a day with one mark.
    pub fn money(mark: Mark, signed_in: bool) -> Limit {
        match (mark, signed_in) {
            (Mark::Card, false) => Limit::GuestMoneyPerCard,
            (Mark::Card, true) => Limit::MemberMoneyPerCard,
            (Mark::Line, false) => Limit::GuestMoneyPerLine,
            (Mark::Line, true) => Limit::MemberMoneyPerLine,
            (Mark::Email, false) => Limit::GuestMoneyPerEmail,
            (Mark::Email, true) => Limit::MemberMoneyPerEmail,
            (Mark::Place, false) => Limit::GuestMoneyPerPlace,
            (Mark::Place, true) => Limit::MemberMoneyPerPlace,
            (Mark::Device, false) => Limit::GuestMoneyPerDevice,
            (Mark::Device, true) => Limit::MemberMoneyPerDevice,
        }
    }

    /// Declined payments in an hour with one mark.
    pub fn declines(mark: Mark) -> Limit {
        match mark {
            Mark::Card => Limit::DeclinesPerCard,
            Mark::Line => Limit::DeclinesPerLine,
            Mark::Email => Limit::DeclinesPerEmail,
            Mark::Place => Limit::DeclinesPerPlace,
            Mark::Device => Limit::DeclinesPerDevice,
        }
    }

    /// Different cards in a day with one mark; a card has no cards.
    pub fn cards(mark: Mark) -> Option<Limit> {
        match mark {
            Mark::Card => None,
            Mark::Line => Some(Limit::CardsPerLine),
            Mark::Email => Some(Limit::CardsPerEmail),
            Mark::Place => Some(Limit::CardsPerPlace),
            Mark::Device => Some(Limit::CardsPerDevice),
        }
    }

    /// Small orders in an hour with one mark; a card is known too late to hold an order back.
    pub fn small_orders(mark: Mark) -> Option<Limit> {
        match mark {
            Mark::Card => None,
            Mark::Line => Some(Limit::SmallOrdersPerLine),
            Mark::Email => Some(Limit::SmallOrdersPerEmail),
            Mark::Place => Some(Limit::SmallOrdersPerPlace),
            Mark::Device => Some(Limit::SmallOrdersPerDevice),
        }
    }
}

/// A value that the operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Limit(Limit, i64),
    /// `false` switches it off.
    Switch(Switch, bool),
}

/// What is stored for a setting cannot be read, or is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such setting, or a value out of its bounds")]
pub struct NotASetting;

impl Setting {
    /// The key under which it is stored.
    pub fn key(&self) -> String {
        match self {
            Setting::Limit(limit, _) => format!("limit.{limit}"),
            Setting::Switch(switch, _) => format!("switch.{switch}"),
        }
    }

    pub fn value(&self) -> i64 {
        match self {
            Setting::Limit(_, value) => *value,
            Setting::Switch(_, on) => i64::from(*on),
        }
    }

    /// Reads a key with its value; a value outside its bounds is none.
    pub fn parse(key: &str, value: i64) -> Result<Setting, NotASetting> {
        let setting = match key.split_once('.') {
            Some(("limit", word)) => Setting::Limit(Limit::parse(word).ok_or(NotASetting)?, value),
            Some(("switch", word)) => Setting::Switch(Switch::parse(word).ok_or(NotASetting)?, value == 1),
            Some(_) | None => return Err(NotASetting),
        };
        setting.is_within().then_some(setting).ok_or(NotASetting)
    }

    fn is_within(&self) -> bool {
        match self {
            Setting::Limit(limit, value) => (limit.least()..=limit.greatest()).contains(value),
            Setting::Switch(..) => true,
        }
    }
}

/// The values of now: what was set, and the usual for everything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    set: BTreeMap<Limit, i64>,
    off: BTreeSet<Switch>,
}

impl Limits {
    pub fn new(settings: impl IntoIterator<Item = Setting>) -> Limits {
        let mut limits = Limits::default();
        for setting in settings {
            match setting {
                Setting::Limit(limit, value) => drop(limits.set.insert(limit, value)),
                Setting::Switch(switch, false) => drop(limits.off.insert(switch)),
                Setting::Switch(switch, true) => drop(limits.off.remove(&switch)),
            }
        }
        limits
    }

    pub fn of(&self, limit: Limit) -> i64 {
        self.set.get(&limit).copied().unwrap_or_else(|| limit.default_value())
    }

    /// Is it switched on?
    pub fn on(&self, switch: Switch) -> bool {
        !self.off.contains(&switch)
    }

    /// Can be paid at this provider now?
    pub fn sells_by(&self, provider: &str) -> bool {
        let own = if provider == "paypal" { Switch::Paypal } else { Switch::Card };
        self.on(Switch::Payments) && self.on(own)
    }
}

states! {
    /// What was noticed about an order.
    RiskKind {
        /// A payment of it was declined.
        Declined = "declined",
        /// It was paid over a cap and waits for people.
        OverCap = "over_cap",
        /// It was paid while its marks showed how thieves try cards, and waits for people.
        Testing = "testing",
        /// It was paid at a counter in cash while the number's sales of the day showed how large sums are split, and
        /// waits for people.
        Structuring = "structuring",
        /// People let it through.
        Released = "released",
    }
}

impl RiskKind {
    /// Does an order of which this was noticed wait for people, until they let it through?
    pub fn holds(self) -> bool {
        match self {
            RiskKind::OverCap | RiskKind::Testing | RiskKind::Structuring => true,
            RiskKind::Declined | RiskKind::Released => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read_back_from_its_key() {
        for limit in Limit::ALL {
            assert!((limit.least()..=limit.greatest()).contains(&limit.default_value()), "{limit}");
            let setting = Setting::Limit(*limit, limit.default_value());
            assert_eq!(Setting::parse(&setting.key(), setting.value()), Ok(setting));
        }
        for switch in Switch::ALL {
            for on in [true, false] {
                let setting = Setting::Switch(*switch, on);
                assert_eq!(Setting::parse(&setting.key(), setting.value()), Ok(setting));
            }
        }
        assert_eq!(Setting::parse("limit.nothing", 1), Err(NotASetting));
        assert_eq!(Setting::parse("limit.codes_per_target", -1), Err(NotASetting));
    }

    #[test]
    fn what_is_not_set_is_usual_and_on() {
        let limits =
            Limits::new([Setting::Limit(Limit::SmallOrder, 9), Setting::Switch(Switch::Paypal, false)]);
        assert_eq!(limits.of(Limit::SmallOrder), 9);
        assert_eq!(limits.of(Limit::CodesPerTarget), 5);
        assert!(limits.sells_by("stripe") && !limits.sells_by("paypal"));
        let limits = Limits::new([Setting::Switch(Switch::Payments, false)]);
        assert!(!limits.sells_by("stripe") && !limits.sells_by("paypal"));
    }

    #[test]
    fn somebody_signed_in_may_do_at_least_what_a_guest_may() {
        for mark in Mark::ALL {
            let limits = Limits::default();
            assert!(limits.of(Limit::orders(*mark, true)) >= limits.of(Limit::orders(*mark, false)));
            assert!(limits.of(Limit::money(*mark, true)) >= limits.of(Limit::money(*mark, false)));
        }
    }
}
