//! Views: for each template one struct with all that it shows, and samples of every case it can be in.
//! A page passes amounts, dates and states; the template writes them in the reader's language.

mod account;
mod agent;
mod agents;
mod bonus;
mod campaign;
mod care;
mod choose;
mod demo;
mod email;
mod error;
mod help;
mod id_check;
mod invoice;
mod me;
mod office;
mod order;
mod promotions;
mod proof;
mod receipt;
mod receipt_check;
mod review;
mod shops;
mod sms;
mod start;
mod status;
mod terms;
mod verify;

use serde::Serialize;

pub use account::{
    AccountPage, AddLine, ChangeContact, CodeEntry, ConfirmFirst, ConsentRow, ContactRow, DeviceRow,
    EraseAccount, ExportReadme, Flash, LineRow, LookRow, Register, RegisterDetails, Resend, SignIn,
    SignInNote,
};
pub use agent::*;
pub use agents::*;
pub use bonus::BonusShown;
pub use campaign::*;
pub use care::*;
pub use choose::{Choose, Coming, NoOffers, OfferCard};
pub use demo::{BooksChecked, Demo, DemoDoor, DemoProps};
pub use email::{
    EmailFrame, EmailText, EmailView, OrderEmail, Paying, ReceiptEmail, SecurityCodeEmail,
    SecurityNoticeEmail, SurplusEmail,
};
pub use error::{ErrorKind, ErrorPage};
pub use help::{Contact, Help, Support};
pub use id_check::{IdCheck, MonthShown, RefusedShown, SaleCarried, TypedBefore, WhyAsked};
pub use invoice::{BuyerAsked, BuyerTyped, InvoicePage, InvoiceSheet};
pub use me::{
    Alert, BucketBar, ClaimPage, Ends, GroupChoice, HistoryCsv, HistoryPage, HistoryRow, Known, LineCard,
    LineChoice, LineEntry, LinePage, Me, Offline, PastBucket, Quantity, Repeat,
};
pub use office::*;
pub use order::{
    Going, Mailing, Moment, Order, OrderState, Purchase, ReceiptMail, Review as OrderReview, Surplus,
};
pub use promotions::{Giving, PromotedOffer, PromotionShown, PromotionWords, Promotions, YourLine};
pub use proof::{OrderLookup, OrderProof, OwnOrder};
pub use receipt::{Now, ReceiptPage, RefundShown};
pub use receipt_check::{BackShown, BooksSay, Checker, ProofSays, QrShown, ReceiptCheck, ReceiptProof};
pub use review::Review;
pub use shops::*;
pub use sms::{
    CounterNews, CounterSms, CreditedSms, RefundNews, RefundSms, SecurityCodeSms, SecurityNoticeSms,
    SurplusReturningSms,
};
pub use start::{Country, Start};
pub use status::{Health, Service, ServiceLine, Status};
pub use terms::{TaxShown, TaxesShown, TermsShown, ZoneShown};
pub use verify::{Community, Official, Verify};

/// What one template shows.
pub trait View: Serialize + Sized {
    /// Path in `templates/`; pages end in `.html`, which turns escaping on.
    const TEMPLATE: &'static str;

    /// Every case that looks different. Tests render them in all languages, the kit shows them.
    fn samples() -> Vec<Self>;
}

/// Values that samples share.
pub(crate) mod sample {
    use domain::money::{BasisPoints, Money};
    use domain::offer::{Allowance, Benefit};
    use domain::price::PriceLines;
    use domain::time::UnixMs;
    use domain::unit::Unit;

    pub const ZONE: &str = "Europe/London";
    pub const CODE: &str = "7K2M9-QX4TB";
    pub const NUMBER: &str = "+44 7400 123456";
    /// 22 Nov 2026, 16:15 GMT
    pub const AT: UnixMs = UnixMs(1_795_364_100_000);

    pub fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().expect("GBP is in ISO 4217"))
    }

    pub fn prices(value: i64, bonus: i64, fee: i64) -> PriceLines {
        PriceLines::of(gbp(value), gbp(bonus), gbp(fee), BasisPoints(2000)).expect("one currency")
    }

    pub fn bonus() -> super::BonusShown {
        super::BonusShown { name: "Autumn".into(), money: Some(gbp(400)), allowance: None, days: Some(30) }
    }

    /// £10 more on a line that nobody may look into.
    pub fn credit_after() -> crate::AfterwardsValues {
        let credit = domain::afterwards::CreditAfter { added: gbp(1100), balance: None };
        let after = domain::afterwards::Afterwards { credit: Some(credit), allowances: Vec::new() };
        crate::AfterwardsValues { after, time_zone: ZONE.into() }
    }

    /// A bundle, for its owner or for a stranger.
    pub fn bundle_after(owner: bool, ends: domain::afterwards::Ends) -> crate::AfterwardsValues {
        let allowance = |unit, added: i64| domain::afterwards::AllowanceAfter {
            unit,
            added,
            amount: owner.then_some(added * 2),
            besides: owner.then_some(added),
            zone: None,
            ends,
        };
        let allowances = vec![
            allowance(Unit::Octets, 5_000_000_000),
            allowance(Unit::Seconds, 30_000),
            allowance(Unit::Messages, 1_000),
        ];
        let after = domain::afterwards::Afterwards { credit: None, allowances };
        crate::AfterwardsValues { after, time_zone: ZONE.into() }
    }

    pub fn bundle() -> Benefit {
        let allowances = vec![
            Allowance { unit: Unit::Octets, amount: 5_000_000_000 },
            Allowance { unit: Unit::Seconds, amount: 30_000 },
            Allowance { unit: Unit::Messages, amount: 1_000 },
        ];
        Benefit::Bundle { allowances, valid_for_days: 30 }
    }
}
