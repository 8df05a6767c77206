//! Documents must not point at what is gone: every path in backticks exists.
//! A path may be written from the root, from `crates/`, or as crate and module (`flows/top_up/sell`).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::finding::{Finding, line_of};
use crate::tree::SourceFile;

/// Fenced blocks first, so that their backticks open nothing; then one span on one line.
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?ms)^\s*```.*?^\s*```|`(?P<span>[^`\n]+)`").expect("the expression is valid")
});
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_.][A-Za-z0-9_.\-/{},*]*$").expect("the expression is valid"));

/// What a build, a test or a demo makes.
const MADE: &[&str] = &["target", "data", "node_modules", ".venv", "tmp"];
/// A name with one of these endings is meant as a file even without a folder.
const DOCUMENT: &[&str] = &[".md"];
const KNOWN_ENDINGS: &[&str] = &[
    ".rs", ".md", ".toml", ".mjs", ".js", ".sh", ".ftl", ".sql", ".html", ".css", ".json", ".png", ".py",
    ".txt",
];

/// Paths in documents that do not exist.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    let known = Known::from(files);
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_document(&file.path)) {
        for capture in SPAN.captures_iter(&file.text) {
            let Some(span) = capture.name("span") else { continue };
            for path in paths_in(span.as_str()) {
                if known.looks_like_path(&path) && !known.exists(&path, &file.path) {
                    let what = format!("`{path}` does not exist, correct or remove it");
                    found.push(Finding::at(&file.path, line_of(&file.text, span.start()), what));
                }
            }
        }
    }
    found
}

fn is_document(path: &str) -> bool {
    let at_root = ["README.md", "ARCHITECTURE.md", "DESIGN.md", "CONTRIBUTING.md"].contains(&path);
    at_root || (path.starts_with("docs/") && path.ends_with(".md"))
}

/// The path in a span, without a line number; `{a,b}` is written out.
fn paths_in(span: &str) -> Vec<String> {
    let span = span.split_once(':').map_or(span, |(path, _)| path).trim_end_matches('/');
    if !PATH.is_match(span) {
        return Vec::new();
    }
    let Some((before, rest)) = span.split_once('{') else { return vec![span.to_owned()] };
    let Some((choices, after)) = rest.split_once('}') else { return Vec::new() };
    choices.split(',').map(|choice| format!("{before}{choice}{after}")).collect()
}

/// The files and folders of the repository.
struct Known {
    paths: BTreeSet<String>,
}

impl Known {
    fn from(files: &[SourceFile]) -> Self {
        let mut paths = BTreeSet::new();
        for file in files {
            for folder in Path::new(&file.path).ancestors() {
                paths.insert(folder.to_string_lossy().into_owned());
            }
        }
        Self { paths }
    }

    /// Whether a span is meant as a path of ours, and not as a media type or a URL.
    fn looks_like_path(&self, span: &str) -> bool {
        let Some((first, _)) = span.split_once('/') else {
            return DOCUMENT.iter().any(|ending| span.ends_with(ending));
        };
        if MADE.contains(&first) {
            return false;
        }
        KNOWN_ENDINGS.iter().any(|ending| span.ends_with(ending))
            || self.paths.contains(first)
            || self.paths.contains(&format!("crates/{first}"))
    }

    fn exists(&self, path: &str, document: &str) -> bool {
        let mut candidates = vec![path.to_owned(), format!("crates/{path}")];
        if let Some((folder, _)) = document.rsplit_once('/') {
            candidates.push(format!("{folder}/{path}"));
        }
        let inside = path.strip_prefix("crates/").unwrap_or(path);
        if let Some((first, rest)) = inside.split_once('/') {
            candidates.push(format!("crates/{first}/src/{rest}"));
        }
        candidates.iter().any(|candidate| self.has(candidate) || self.has(&format!("{candidate}.rs")))
    }

    fn has(&self, path: &str) -> bool {
        if !path.contains('*') {
            return self.paths.contains(path);
        }
        let pattern = regex::escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^/]*");
        let pattern = Regex::new(&format!("^{pattern}$")).expect("an escaped path is valid");
        self.paths.iter().any(|known| pattern.is_match(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let files = [
            SourceFile::sample("README.md", text),
            SourceFile::sample("docs/ledger.md", ""),
            SourceFile::sample("crates/flows/src/top_up/sell.rs", ""),
            SourceFile::sample("crates/flows/tests/it.rs", ""),
            SourceFile::sample("crates/render/locales/en/portal.ftl", ""),
        ];
        check(&files).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn real_paths_pass_in_every_way_of_writing_them() {
        let text = "`crates/flows/src/top_up/sell.rs:12` `flows/top_up/sell` `flows/top_up/` `docs/ledger.md` \
                    `README.md` `crates/*/tests` `render/locales/{en}/portal.ftl` `crates/flows/`";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_path_passes() {
        let text = "`/v1/top-ups` `application/json` `target/release/recarga` `a b/c.rs` `TopUp` `data/demo`\n\
                    ```\n`flows/gone.rs`\n```\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn a_path_that_is_gone_fails() {
        let gone = found(
            "x\n`flows/top_up/buy` and `crates/store/src/db.rs` and `GONE.md` and `flows/{top_up,gone}`",
        );
        assert_eq!(gone.len(), 4, "{gone:?}");
        assert!(gone[0].starts_with("README.md:2: `flows/top_up/buy`"), "{gone:?}");
    }
}
