//! The frame around every page: brand, language links, theme, addresses of the assets, request id.
//! The brand is a value of the operator; no template names one.

use domain::locale::Locale;
use serde::Serialize;

/// Light or dark, where the reader chose one; otherwise the system decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
}

/// Where search engines find a page that everybody may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its address from outside, for readers of any language.
    pub address: String,
    /// The address of what is shown: the same, or the one of the language that was asked for.
    pub canonical: String,
}

/// Where the link to the account leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountLink {
    /// To sign in.
    SignIn,
    /// To the personal centre.
    Own,
}

/// What the frame of a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chrome {
    /// The operator's name.
    pub brand: String,
    /// Path and query of this page; the language links lead back to it.
    pub path_and_query: String,
    pub request_id: String,
    /// Shows the strip that says that no real money moves.
    pub demo: bool,
    pub theme: Option<Theme>,
    /// Where help is found, if there is such a page.
    pub help_url: Option<String>,
    /// `None` for pages that are somebody's own: search engines are asked to leave them out.
    pub listed: Option<Listed>,
    /// Is the page read inside WeChat?
    pub in_wechat: bool,
    /// Is paying switched off? Then every page says so, before anybody fills anything in.
    pub paused: bool,
    /// Where the link to the account leads; `None` where there is none.
    pub account: Option<AccountLink>,
    /// Addresses of the assets, with their hashes.
    pub css_url: String,
    pub js_url: String,
    pub htmx_url: String,
    pub favicon_url: String,
}

/// One entry of the language menu.
#[derive(Debug, Serialize)]
pub struct LanguageLink {
    pub tag: &'static str,
    pub own_name: &'static str,
    pub href: String,
    pub current: bool,
}

impl Chrome {
    /// The language menu for this page.
    pub fn languages(&self, current: Locale) -> Vec<LanguageLink> {
        Locale::ALL
            .iter()
            .map(|locale| LanguageLink {
                tag: locale.as_str(),
                own_name: locale.own_name(),
                href: self.in_language(*locale),
                current: *locale == current,
            })
            .collect()
    }

    fn in_language(&self, locale: Locale) -> String {
        let (path, query) = self.path_and_query.split_once('?').unwrap_or((&self.path_and_query, ""));
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let lang = format!("lang={locale}");
        let query: Vec<&str> = kept.chain(std::iter::once(lang.as_str())).collect();
        format!("{path}?{}", query.join("&"))
    }

    /// A frame for tests and the kit.
    pub fn sample() -> Chrome {
        Chrome {
            brand: "Luma Mobile".into(),
            path_and_query: "/o?code=7K2M9-QX4TB&lang=en".into(),
            request_id: "01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            demo: true,
            theme: None,
            help_url: None,
            listed: None,
            in_wechat: false,
            paused: false,
            account: Some(AccountLink::Own),
            css_url: "/assets/app.css".into(),
            js_url: "/assets/app.js".into(),
            htmx_url: "/assets/htmx.js".into(),
            favicon_url: "/assets/favicon.svg".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_link_keeps_the_page_and_replaces_the_language() {
        let hrefs: Vec<String> =
            Chrome::sample().languages(Locale::En).into_iter().map(|link| link.href).collect();
        assert_eq!(hrefs, ["/o?code=7K2M9-QX4TB&lang=zh-CN", "/o?code=7K2M9-QX4TB&lang=en"]);
        let start = Chrome { path_and_query: "/".into(), ..Chrome::sample() };
        assert_eq!(start.languages(Locale::ZhCn)[1].href, "/?lang=en");
    }
}
