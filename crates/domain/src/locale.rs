//! The languages that people read, and how one is chosen.

use crate::states;

states! {
    /// A language with all its texts. The order is the order of the language menu.
    Locale {
        ZhCn = "zh-CN",
        En = "en",
    }
}

impl Locale {
    /// The language's name in itself, for the language menu.
    pub fn own_name(self) -> &'static str {
        match self {
            Locale::ZhCn => "\u{7b80}\u{4f53}\u{4e2d}\u{6587}",
            Locale::En => "English",
        }
    }

    /// The best of our languages for an `Accept-Language` header (RFC 9110 §12.5.4), if any fits.
    pub fn negotiate(header: &str) -> Option<Locale> {
        let mut wanted: Vec<(u32, &str)> = header
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.trim().split(';');
                let tag = pieces.next()?.trim();
                let quality = pieces.find_map(|p| p.trim().strip_prefix("q=")).map_or(1000, thousandths);
                (quality > 0 && !tag.is_empty()).then_some((quality, tag))
            })
            .collect();
        wanted.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        wanted.into_iter().find_map(|(_, tag)| Locale::of_tag(tag))
    }

    /// Our language for a language tag: every Chinese reads zh-CN, every English en.
    pub fn of_tag(tag: &str) -> Option<Locale> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Locale::ZhCn),
            "en" => Some(Locale::En),
            _ => None,
        }
    }
}

fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).saturating_mul(1000).saturating_add(digits.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_wanted_most_that_we_have() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Locale::ZhCn)),
            ("en-GB", Some(Locale::En)),
            ("fr;q=0.9, en;q=0.5, zh;q=0.7", Some(Locale::ZhCn)),
            ("en;q=0, zh-TW;q=0.1", Some(Locale::ZhCn)),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Locale::negotiate(header), expected, "{header}");
        }
    }
}
