//! An amount as the pages show it. Start reading at [`shown`].

/// The symbols of the demo's currencies and a few more; the others are written by their code.
const SYMBOLS: &[(&str, &str)] =
    &[("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("HKD", "HK$"), ("JPY", "JP\u{a5}"), ("USD", "US$")];

/// `£10.00`; currencies without or with three decimals by docs.stripe.com/currencies.
pub fn shown(minor: i64, currency: &str) -> String {
    let decimals: u32 = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd" | "vuv"
        | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let unit = 10_i64.pow(decimals);
    let amount = match decimals {
        0 => minor.to_string(),
        2 => format!("{}.{:02}", minor / unit, minor % unit),
        _ => format!("{}.{:03}", minor / unit, minor % unit),
    };
    written(&currency.to_ascii_uppercase(), &amount)
}

/// A decimal amount with its currency's symbol, or its three letters where there is none.
pub fn written(currency: &str, amount: &str) -> String {
    let symbol = SYMBOLS.iter().find(|(code, _)| *code == currency);
    symbol.map_or_else(|| format!("{currency} {amount}"), |(_, symbol)| format!("{symbol}{amount}"))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(shown(1005, "gbp"), "£10.05");
        assert_eq!(shown(1005, "jpy"), "JP¥1005");
        assert_eq!(shown(1005, "kwd"), "KWD 1.005");
        assert_eq!(shown(530, "pln"), "PLN 5.30");
    }
}
