//! An amount as the payment page shows it. Start reading at [`shown`].

/// `GBP 10.00`; currencies without or with three decimals by docs.stripe.com/currencies.
pub fn shown(minor: i64, currency: &str) -> String {
    let decimals: u32 = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd" | "vuv"
        | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let name = currency.to_ascii_uppercase();
    let unit = 10_i64.pow(decimals);
    match decimals {
        0 => format!("{name} {minor}"),
        2 => format!("{name} {}.{:02}", minor / unit, minor % unit),
        _ => format!("{name} {}.{:03}", minor / unit, minor % unit),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(shown(1005, "gbp"), "GBP 10.05");
        assert_eq!(shown(1005, "jpy"), "JPY 1005");
        assert_eq!(shown(1005, "kwd"), "KWD 1.005");
    }
}
