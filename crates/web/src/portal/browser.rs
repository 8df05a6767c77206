//! Browsers that need a word. Pages work in every browser; these are hints, and nothing depends on them.
//!
//! WeChat opens links in a browser of its own, in which payment pages can fail; it names itself `MicroMessenger` in
//! its user agent, on phones and desktops, and WeCom does so too. A browser that is too old is not told by its name:
//! the style sheet hides the hint, and a browser that cannot read the sheet shows it (`shared/base.html`).

/// Does this user agent belong to WeChat's own browser?
pub fn in_wechat(user_agent: &str) -> bool {
    user_agent.to_ascii_lowercase().contains("micromessenger/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wechat_is_known_by_its_name_and_no_other_browser_is() {
        let wechat = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                      Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN";
        assert!(in_wechat(wechat));
        assert!(in_wechat(&wechat.to_uppercase()));
        assert!(!in_wechat("Mozilla/5.0 (Linux; Android 14) Chrome/130.0.0.0 Mobile Safari/537.36"));
        assert!(!in_wechat(""));
    }
}
