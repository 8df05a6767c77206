//! Rules for any file: its length, its size, its name, and what its text must not give away.

use std::sync::LazyLock;

use regex::Regex;

use crate::finding::{Finding, line_of};
use crate::tree::SourceFile;

/// Lines after which a file has more than one subject.
const MAX_LINES: usize = 500;
/// Files that are longer, with the length they must not outgrow. The list only ever shrinks.
const RATCHET: &[(&str, usize)] = &[];
/// Kinds of files that people write by hand and read from top to bottom.
const WRITTEN: &[&str] = &["rs", "mjs", "js", "py", "sh", "css", "html"];

/// Bytes above which a file is a blob that every clone pays for.
const MAX_BYTES: u64 = 200_000;
/// Where large files are expected.
const LARGE: &str = "docs/screenshots/";

/// Names that say nothing about the subject.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "misc"];

/// Package hosts and home folders: true on one machine, wrong in a repository.
static FOREIGN_PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"registry\.npmjs\.org|index\.crates\.io|files\.pythonhosted\.org|deb\.debian\.org|(?:^|[\s\x22'=:])/(?:root|home/\w+)/")
        .expect("the expression is valid")
});

/// What is wrong with one file, whatever its language.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(too_long(file, RATCHET));
    found.extend(too_large(file));
    found.extend(empty_name(file));
    found.extend(foreign_places(file));
    found
}

fn too_long(file: &SourceFile, ratchet: &[(&str, usize)]) -> Option<Finding> {
    if !WRITTEN.iter().any(|extension| file.has_extension(extension)) {
        return None;
    }
    let lines = file.text.lines().count();
    let limit = ratchet.iter().find(|(path, _)| *path == file.path).map_or(MAX_LINES, |(_, limit)| *limit);
    (lines > limit).then(|| {
        let what = format!("{lines} lines, at most {limit}: split the file by subject");
        Finding::at(&file.path, limit + 1, what)
    })
}

fn too_large(file: &SourceFile) -> Option<Finding> {
    (file.bytes > MAX_BYTES && !file.path.starts_with(LARGE)).then(|| {
        let what = format!("{} bytes, at most {MAX_BYTES}: fetch or generate it instead", file.bytes);
        Finding::at(&file.path, 1, what)
    })
}

fn empty_name(file: &SourceFile) -> Option<Finding> {
    let mut words = file.path.split(['/', '_', '-', '.']);
    let word = words.find(|word| EMPTY_NAMES.contains(&word.to_lowercase().as_str()))?;
    Some(Finding::at(&file.path, 1, format!("`{word}` in a path says nothing, name the file by its subject")))
}

fn foreign_places(file: &SourceFile) -> Vec<Finding> {
    let place = |hit: regex::Match<'_>| {
        let what = format!("`{}` names a host or folder of one machine, leave it out", hit.as_str().trim());
        Finding::at(&file.path, line_of(&file.text, hit.start()), what)
    };
    FOREIGN_PLACE.find_iter(&file.text).map(place).collect()
}

/// Ratchet entries that are no longer needed, or could be tighter.
pub fn stale_ratchet(files: &[SourceFile]) -> Vec<Finding> {
    stale(files, RATCHET)
}

fn stale(files: &[SourceFile], ratchet: &[(&str, usize)]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, limit) in ratchet {
        let lines = files.iter().find(|file| file.path == *path).map(|file| file.text.lines().count());
        let what = match lines {
            None => format!("the ratchet lists `{path}`, which is gone: remove the entry"),
            Some(lines) if lines <= MAX_LINES => {
                format!("`{path}` is short enough now: remove it from the ratchet")
            }
            Some(lines) if lines < *limit => format!("`{path}` has {lines} lines: lower its entry to that"),
            Some(_) => continue,
        };
        found.push(Finding::at("crates/xtask/src/tidy/files.rs", 1, what));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_fails_unless_the_ratchet_holds_it() {
        let long = SourceFile::sample("crates/a/src/b.rs", &"//\n".repeat(501));
        assert_eq!(too_long(&long, &[]).map(|found| found.line), Some(501));
        assert_eq!(too_long(&long, &[("crates/a/src/b.rs", 501)]), None);
        assert!(too_long(&long, &[("crates/a/src/b.rs", 500)]).is_some());
        assert_eq!(too_long(&SourceFile::sample("a.rs", &"//\n".repeat(500)), &[]), None);
        assert_eq!(too_long(&SourceFile::sample("Cargo.lock", &"x\n".repeat(501)), &[]), None);
    }

    #[test]
    fn the_ratchet_only_tightens() {
        let file = SourceFile::sample("a.rs", &"//\n".repeat(600));
        assert_eq!(stale(std::slice::from_ref(&file), &[("a.rs", 600)]), []);
        assert_eq!(stale(std::slice::from_ref(&file), &[("a.rs", 700)]).len(), 1);
        assert_eq!(stale(&[file], &[("gone.rs", 700)]).len(), 1);
        assert_eq!(stale(&[SourceFile::sample("a.rs", "//\n")], &[("a.rs", 700)]).len(), 1);
    }

    #[test]
    fn a_blob_fails_outside_the_screenshots() {
        let blob = |path: &str| SourceFile { path: path.into(), bytes: MAX_BYTES + 1, text: String::new() };
        assert!(too_large(&blob("docs/a.png")).is_some());
        assert_eq!(too_large(&blob("docs/screenshots/a.png")), None);
    }

    #[test]
    fn a_name_without_a_subject_fails() {
        assert!(empty_name(&SourceFile::sample("crates/a/src/string_utils.rs", "")).is_some());
        assert!(empty_name(&SourceFile::sample("crates/a/src/Helpers/b.rs", "")).is_some());
        assert_eq!(empty_name(&SourceFile::sample("crates/a/src/top_up.rs", "")), None);
    }

    #[test]
    fn machine_places_fail() {
        let host = ["https://registry.npmjs", ".org/htmx.org"].concat();
        let home = ["\"/ro", "ot/.cargo\""].concat();
        assert_eq!(foreign_places(&SourceFile::sample("package-lock.json", &host)).len(), 1);
        assert_eq!(
            foreign_places(&SourceFile::sample("a.sh", &format!("\n{home}"))),
            [Finding::at(
                "a.sh",
                2,
                ["`\"/ro", "ot/` names a host or folder of one machine, leave it out"].concat()
            )]
        );
        assert_eq!(foreign_places(&SourceFile::sample("a.rs", "the source root/tree")), []);
    }
}
