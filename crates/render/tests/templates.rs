//! Every template is shown by a view or is part of one that is, and every view is rendered by the tests beside this
//! file, with all its samples in all languages. Mails have the same test in `emails.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of this crate") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

fn below(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut all = Vec::new();
    files(&root, &mut all);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below its root").to_str().expect("UTF-8").to_owned();
        (name, fs::read_to_string(&path).expect("a text"))
    };
    all.into_iter().map(named).collect()
}

/// What stands between two texts, each time.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

/// Each view with its template.
fn views() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (_, source) in below("src") {
        for part in source.split("impl View for ").skip(1) {
            let name = part.split([' ', '{']).next().expect("a name");
            let template = between(part, "const TEMPLATE: &'static str = \"", '"').next();
            all.insert(name.to_owned(), template.expect("a template").to_owned());
        }
    }
    all
}

#[test]
fn every_template_is_reached_from_a_view() {
    let texts: BTreeMap<String, String> = below("templates").into_iter().collect();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = views().into_values().collect();
    while let Some(name) = next.pop() {
        let text = texts.get(&name).unwrap_or_else(|| panic!("{name} is no template"));
        if reached.insert(name) {
            let led = ["{% include \"", "{% import \"", "{% extends \""];
            next.extend(led.into_iter().flat_map(|before| between(text, before, '"').map(str::to_owned)));
        }
    }
    let lost: Vec<&String> =
        texts.keys().filter(|name| !name.starts_with("email/") && !reached.contains(*name)).collect();
    assert!(lost.is_empty(), "no view shows {lost:?}");
}

#[test]
fn every_view_is_rendered_by_a_test() {
    let tests: String = below("tests").into_iter().map(|(_, text)| text).collect();
    let named =
        |name: &str| [format!("{name}>"), format!("{name}::samples")].iter().any(|use_| tests.contains(use_));
    let unseen: Vec<String> = views().into_keys().filter(|name| !named(name)).collect();
    assert!(unseen.is_empty(), "add to the lists of tests/views.rs: {unseen:?}");
}
