//! Rules for Rust text: the header, the words, the numbers, and which file may know what.
//! Each rule is a small function over the parts of one file; `check` runs them all.

use std::sync::LazyLock;

use regex::Regex;

use super::lexer::{Parts, split};
use crate::finding::{Finding, line_of};
use crate::tree::SourceFile;

/// A banned word of an identifier, the crates where others' vocabulary needs it, and what to say instead.
const BANNED_WORDS: &[(&str, &[&str], &str)] = &[
    ("utils", &["gateways", "receipts"], "name it by its subject"),
    ("helpers", &[], "name it by its subject"),
    ("helper", &[], "name it by what it does"),
    ("manager", &[], "name it by what it does"),
    ("recharge", &[], "say `top_up`"),
    ("customer", &["gateways", "simulator"], "say `subscriber`, `buyer` or `guest`"),
];

/// Crates in which every amount is exact.
const EXACT: &[&str] = &["domain", "store", "flows"];
/// Distances on a sphere are no amounts.
const INEXACT: &[&str] = &["crates/domain/src/place/geo.rs"];
/// Crates that must not know which database engine runs; within `store` only the files of `KNOWS_ENGINE`.
const ENGINE_BLIND: &[&str] = &["domain", "store", "gateways", "render", "flows", "web"];
const KNOWS_ENGINE: &[&str] = &[
    "crates/store/src/db.rs",
    "crates/store/src/db/",
    "crates/store/src/ledger.rs",
    "crates/store/src/ledger/",
    "crates/store/src/outbox.rs",
    "crates/store/src/outbox/",
    "crates/store/src/migrate.rs",
];
/// The only writers of the ledger's tables.
const LEDGER: &[&str] = &["crates/store/src/ledger.rs", "crates/store/src/ledger/"];
/// Crates that ask `store`; the measuring of `recarga` prepares tables of its own.
const ASKS_STORE: &[&str] = &["domain", "gateways", "render", "flows", "web", "recarga"];
const MEASURES: &[&str] = &["crates/recarga/src/bench/"];
/// Crates whose text people read, or whose subject is the people of the tests.
const SPEAKS: &[&str] = &["render", "simulator", "testkit"];

static IDENTIFIER: LazyLock<Regex> = LazyLock::new(|| expression(r"[A-Za-z_][A-Za-z0-9_]*"));
static WORD: LazyLock<Regex> = LazyLock::new(|| expression(r"[A-Z]?[a-z0-9]+|[A-Z]+"));
static FLOAT: LazyLock<Regex> = LazyLock::new(|| expression(r"\bf(?:32|64)\b|\b[0-9][0-9_.]*f(?:32|64)\b"));
static UNFINISHED: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\b(?:todo|unimplemented)\s*!|#\s*\[\s*ignore\b[^\]]*\]"));
static NOTE_TO_SELF: LazyLock<Regex> = LazyLock::new(|| expression(r"\b(?:TODO|FIXME|XXX)\b"));
static ENGINE: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)\w*(?:sqlite|postgres)\w*"));
static LEDGER_WRITE: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)\b(?:insert\s+into|update|delete\s+from)\s+(?:transfer|account|posting)\b")
});
static QUERY: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)\b(?:select\s[^\x00]*?\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\s")
});
static CJK: LazyLock<Regex> = LazyLock::new(|| expression(r"[\p{Han}\u{3000}-\u{303F}\u{FF00}-\u{FFEF}]+"));

fn expression(text: &str) -> Regex {
    Regex::new(text).expect("the expression is valid")
}

/// What is wrong with one Rust file.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let parts = split(&file.text);
    let mut found = Vec::new();
    found.extend(header(file));
    found.extend(banned_words(file, &parts));
    found.extend(hits(file, &parts.code, &UNFINISHED, "finish it or remove it"));
    found.extend(hits(file, &parts.comments, &NOTE_TO_SELF, "do it, or open an issue and remove the note"));
    found.extend(floats(file, &parts));
    found.extend(engine_words(file, &parts));
    found.extend(ledger_writes(file, &parts));
    found.extend(queries(file, &parts));
    found.extend(text_for_people(file));
    found
}

fn header(file: &SourceFile) -> Option<Finding> {
    (file.is_crate_source() && !file.text.starts_with("//!")).then(|| {
        Finding::at(&file.path, 1, "no `//!` header, say what the file is and where to start reading")
    })
}

fn banned_words(file: &SourceFile, parts: &Parts) -> Vec<Finding> {
    let mut found = Vec::new();
    for identifier in IDENTIFIER.find_iter(&parts.code) {
        for word in WORD.find_iter(identifier.as_str()) {
            let word = word.as_str().to_lowercase();
            let banned = BANNED_WORDS.iter().find(|(banned, ..)| *banned == word);
            let Some((_, except, instead)) = banned else { continue };
            if file.crate_name().is_some_and(|name| except.contains(&name)) {
                continue;
            }
            let what = format!("`{word}` in `{}` is not one of our words, {instead}", identifier.as_str());
            found.push(Finding::at(&file.path, line_of(&file.text, identifier.start()), what));
        }
    }
    found
}

fn floats(file: &SourceFile, parts: &Parts) -> Vec<Finding> {
    if !in_crates(file, EXACT) || stands_in(file, INEXACT) {
        return Vec::new();
    }
    hits(file, &parts.code, &FLOAT, "money and allowances are exact, use an integer or a decimal")
}

fn engine_words(file: &SourceFile, parts: &Parts) -> Vec<Finding> {
    if !in_crates(file, ENGINE_BLIND) || stands_in(file, KNOWS_ENGINE) {
        return Vec::new();
    }
    hits(
        file,
        program_only(&parts.code),
        &ENGINE,
        "only the database's door knows the engine, go through `store::db`",
    )
}

fn ledger_writes(file: &SourceFile, parts: &Parts) -> Vec<Finding> {
    if !file.is_crate_source() || stands_in(file, LEDGER) || file.crate_name() == Some("xtask") {
        return Vec::new();
    }
    hits(file, &parts.strings, &LEDGER_WRITE, "a balance changes only through the ledger's `record`")
}

fn queries(file: &SourceFile, parts: &Parts) -> Vec<Finding> {
    if !in_crates(file, ASKS_STORE) || stands_in(file, MEASURES) {
        return Vec::new();
    }
    hits(file, program_only(&parts.strings), &QUERY, "what is asked of the database stands in `store`")
}

fn text_for_people(file: &SourceFile) -> Vec<Finding> {
    let speaks = file.crate_name().is_some_and(|name| SPEAKS.contains(&name));
    if speaks || file.path.contains("/tests/") || file.path.ends_with("/tests.rs") {
        return Vec::new();
    }
    hits(file, program_only(&file.text), &CJK, "text for people belongs into crates/render/locales")
}

/// The text up to the file's unit tests, which may name what the program must not.
fn program_only(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |tests| &text[..tests])
}

fn in_crates(file: &SourceFile, crates: &[&str]) -> bool {
    file.is_crate_source() && file.crate_name().is_some_and(|name| crates.contains(&name))
}

fn stands_in(file: &SourceFile, places: &[&str]) -> bool {
    places.iter().any(|place| file.path == *place || (place.ends_with('/') && file.path.starts_with(place)))
}

fn hits(file: &SourceFile, part: &str, rule: &Regex, mend: &str) -> Vec<Finding> {
    let finding = |hit: regex::Match<'_>| {
        let seen = hit.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
        Finding::at(&file.path, line_of(&file.text, hit.start()), format!("`{seen}`: {mend}"))
    };
    rule.find_iter(part).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [usize; 0] = [];

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&SourceFile::sample(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_plain_file_passes() {
        let text = "//! Header.\n// recharge and 3.0f64 in prose\npub fn top_up() { log(\"utils\") }\n";
        assert_eq!(found("crates/flows/src/a.rs", text), NOTHING);
    }

    #[test]
    fn a_file_without_header_fails() {
        assert_eq!(found("crates/flows/src/a.rs", "use domain;\n"), [1]);
        assert_eq!(found("crates/flows/tests/it/a.rs", "use domain;\n"), NOTHING);
    }

    #[test]
    fn banned_words_fail_in_any_case_of_identifier() {
        let text = "//! H\nfn recharge_line() {}\nstruct CardManager;\nmod utils;\nlet futures_util = 1;\n";
        assert_eq!(found("crates/web/src/a.rs", text), [2, 3, 4]);
        assert_eq!(found("crates/web/src/a.rs", "//! H\nlet customer_email = 1;\n"), [2]);
        assert_eq!(found("crates/gateways/src/a.rs", "//! H\nlet customer_email = 1;\n"), NOTHING);
    }

    #[test]
    fn floats_fail_where_amounts_are_exact() {
        let text = "//! H\nfn a(b: f64) {}\nlet c = 1.5_f32;\nlet d = e.as_secs_f64();\n";
        assert_eq!(found("crates/domain/src/a.rs", text), [2, 3]);
        assert_eq!(found("crates/web/src/a.rs", text), NOTHING);
    }

    #[test]
    fn unfinished_work_fails() {
        let text = "//! H\nfn a() { todo!() }\nfn b() { unimplemented!(\"x\") }\n#[ignore = \"slow\"]\n// TODO: later\n";
        assert_eq!(found("crates/web/tests/a.rs", text), [2, 3, 4, 5]);
    }

    #[test]
    fn engine_words_fail_outside_the_door() {
        let text = "//! H\nuse rusqlite::Connection;\nif engine == Engine::Postgres {}\n";
        assert_eq!(found("crates/store/src/receipt.rs", text), [2, 3]);
        assert_eq!(found("crates/flows/src/a.rs", text), [2, 3]);
        assert_eq!(found("crates/store/src/db/engine.rs", text), NOTHING);
        assert_eq!(found("crates/store/src/ledger/write.rs", text), NOTHING);
        assert_eq!(found("crates/store/src/migrate.rs", text), NOTHING);
        assert_eq!(found("crates/recarga/src/doctor.rs", text), NOTHING);
        let tested = "//! H\n#[cfg(test)]\nmod tests { use rusqlite; }\n";
        assert_eq!(found("crates/store/src/receipt.rs", tested), NOTHING);
    }

    #[test]
    fn a_write_beside_the_ledger_fails() {
        let text =
            "//! H\nlet a = \"update account set debits = 1\";\nlet b = \"insert\n into   transfer\";\n";
        assert_eq!(found("crates/store/src/receipt.rs", text), [2, 3]);
        assert_eq!(found("crates/store/src/ledger/record.rs", text), NOTHING);
        assert_eq!(
            found("crates/store/src/receipt.rs", "//! H\nlet a = \"update account_name set b = 1\";\n"),
            NOTHING
        );
        assert_eq!(found("crates/store/src/receipt.rs", "//! H\nf(\"for update\", \"account\");\n"), NOTHING);
    }

    #[test]
    fn a_query_outside_the_store_fails() {
        let text = "//! H\nfn a() { ask(\"select id from line\") }\n";
        assert_eq!(found("crates/web/src/portal/status.rs", text), [2]);
        assert_eq!(found("crates/store/src/line.rs", text), [0; 0]);
        assert_eq!(found("crates/flows/src/a.rs", "//! H\nfn a() { b(\"update your number\") }\n"), [0; 0]);
    }

    #[test]
    fn text_for_people_fails_outside_render() {
        let text = "//! H\nlet a = \"\u{5145}\u{503c}\";\n";
        assert_eq!(found("crates/web/src/a.rs", text), [2]);
        assert_eq!(found("crates/render/src/a.rs", text), NOTHING);
        assert_eq!(found("crates/web/tests/a.rs", text), NOTHING);
    }
}
