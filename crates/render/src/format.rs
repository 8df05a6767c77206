//! Amounts, dates and allowances as each language writes them (Unicode CLDR).
//! `money.rs` has the currency symbols, `time.rs` the dates, `allowance.rs` data, minutes and messages.

mod allowance;
mod money;
mod time;

use anyhow::{Context, Result};
use domain::locale::Locale;
use icu_decimal::DecimalFormatter;

pub use money::{decimal, decimal_places};
pub use time::local_time;

/// How one language writes values. English is written as outside the United States: day before month, 24 hours.
pub struct Formats {
    locale: Locale,
    number: DecimalFormatter,
    time: time::TimeFormats,
}

impl Formats {
    /// The formats of a language; fails only when its data is not compiled in.
    pub fn of(locale: Locale) -> Result<Formats> {
        let tag = match locale {
            Locale::En => "en-GB",
            Locale::ZhCn => "zh-CN",
        };
        let cldr: icu_locale_core::Locale = tag.parse().context("language tag")?;
        let number =
            DecimalFormatter::try_new((&cldr).into(), Default::default()).context("number format")?;
        Ok(Formats { locale, number, time: time::TimeFormats::of(&cldr)? })
    }
}
