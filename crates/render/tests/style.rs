//! The style sheet and the script keep their promises: contrast, direction, size.

use std::collections::BTreeMap;

use render::assets::asset;

fn text_of(source: &str) -> String {
    let bytes = asset(source).expect("the asset exists").bytes.clone();
    String::from_utf8(bytes).expect("assets are UTF-8")
}

/// The custom properties of the block that opens with `selector`.
fn tokens(css: &str, selector: &str) -> BTreeMap<String, String> {
    let (_, from) = css.split_once(selector).expect("the sheet has this block");
    let (block, _) = from.split_once('}').expect("the block ends");
    block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Relative luminance (WCAG 2.2, definition).
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two hex digits")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_controls_stand_out_in_light_and_dark() {
    let css = text_of("app.css");
    let pairs = [
        ("text", "bg", 4.5),
        ("text", "surface", 4.5),
        ("muted", "bg", 4.5),
        ("muted", "surface", 4.5),
        ("muted", "accent-tint", 4.5),
        ("text", "accent-tint", 4.5),
        ("text", "err-tint", 4.5),
        ("accent", "bg", 4.5),
        ("accent", "surface", 4.5),
        ("accent", "accent-tint", 4.5),
        ("accent-strong", "surface", 4.5),
        ("accent-strong", "accent-tint", 4.5),
        ("accent-ink", "accent", 4.5),
        ("accent-ink", "accent-strong", 4.5),
        ("ok", "surface", 4.5),
        ("ok", "ok-tint", 4.5),
        ("warn", "surface", 4.5),
        ("warn", "warn-tint", 4.5),
        ("err", "surface", 4.5),
        ("err", "err-tint", 4.5),
        ("err", "accent-tint", 4.5),
        ("line", "surface", 3.0),
        ("line", "bg", 3.0),
    ];
    for theme in [":root {", ":root[data-theme=\"dark\"] {"] {
        let tokens = tokens(&css, theme);
        for (front, back, least) in pairs {
            let found = contrast(&tokens[front], &tokens[back]);
            assert!(found >= least, "{front} on {back} in {theme} has {found:.2}, needs {least}");
        }
    }
}

#[test]
fn dark_by_choice_and_dark_by_system_are_the_same() {
    let css = text_of("app.css");
    assert_eq!(
        tokens(&css, ":root[data-theme=\"dark\"] {"),
        tokens(&css, ":root:not([data-theme=\"light\"]) {")
    );
}

/// Printing with backgrounds from a dark screen would give black on navy.
#[test]
fn paper_is_light_whatever_the_screen_is() {
    let css = text_of("app.css");
    for block in [":root[data-theme=\"dark\"] {", ":root:not([data-theme=\"light\"]) {"] {
        let (before, _) = css.split_once(block).expect("the sheet has this block");
        let rule = before.trim_end().lines().next_back().unwrap_or_default().trim();
        assert!(rule.starts_with("@media screen"), "{block} stands in {rule:?}");
    }
}

/// A right-to-left language must not need a second sheet.
#[test]
fn only_logical_directions_are_used() {
    let css = text_of("app.css");
    for (n, line) in css.lines().enumerate() {
        for declaration in line.split(['{', ';']).filter_map(|part| part.split_once(':')) {
            let (property, value) = (declaration.0.trim(), declaration.1.trim());
            let sided = ["left", "right"]
                .iter()
                .any(|side| property == *side || property.ends_with(&format!("-{side}")) || value == *side);
            assert!(!sided, "line {}: {property}: {value}", n + 1);
            let physical = ["width", "height", "max-width", "min-height"].contains(&property);
            assert!(!physical, "line {}: {property}", n + 1);
        }
    }
}

#[test]
fn sheet_and_script_stay_small_and_name_no_other_host() {
    for (source, most) in [("app.css", 34_000), ("app.js", 9_000), ("favicon.svg", 1_000)] {
        let text = text_of(source);
        assert!(text.len() <= most, "{source} has {} bytes", text.len());
        let hosts = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!hosts.contains("://") && !hosts.contains("@import"), "{source} names a host");
    }
}
