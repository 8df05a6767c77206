//! `cargo xtask i18n`: every locale says everything, with the same placeholders, and nothing that no screen asks for.
//! `en` is the source. Messages, terms (`-name`) and attributes (`key.attribute`) are all entries.
//! `fluent.rs` reads one file; here the locales are compared and the keys looked up in the program.

mod fluent;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use fluent::Entry;

use crate::finding::Finding;
use crate::tree::{self, SourceFile};

const LOCALES: &str = "crates/render/locales/";
const SOURCE: &str = "en";

/// Entries by key.
type Locale = BTreeMap<String, Entry>;

/// What is missing, extra, unequal, doubled or unused in the locales.
pub fn run() -> Result<Vec<Finding>> {
    let files = tree::read()?;
    let locale_files =
        files.iter().filter(|file| file.path.starts_with(LOCALES) && file.has_extension("ftl"));
    ensure!(locale_files.count() > 0, "no locale files under {LOCALES}");
    Ok(check(&files))
}

fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut found = Vec::new();
    let locales = collect(files, &mut found);
    let Some(source) = locales.get(SOURCE) else {
        found.push(Finding::at(format!("{LOCALES}{SOURCE}"), 1, "the source locale is missing, add it"));
        return found;
    };
    for (name, locale) in locales.iter().filter(|(name, _)| *name != SOURCE) {
        found.extend(compare(name, source, locale));
    }
    found.extend(unused(source, files));
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    found
}

/// Entries of every locale; what does not parse or stands twice is reported.
fn collect(files: &[SourceFile], found: &mut Vec<Finding>) -> BTreeMap<String, Locale> {
    let mut locales: BTreeMap<String, Locale> = BTreeMap::new();
    for file in files.iter().filter(|file| file.has_extension("ftl")) {
        let Some((name, _)) = file.path.strip_prefix(LOCALES).and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let locale = locales.entry(name.to_owned()).or_default();
        let (entries, errors) = fluent::read(file);
        found.extend(errors);
        for entry in entries {
            if let Some(first) = locale.get(&entry.key) {
                let what =
                    format!("`{}` stands in {}:{} already, remove one", entry.key, first.path, first.line);
                found.push(Finding::at(&entry.path, entry.line, what));
                continue;
            }
            locale.insert(entry.key.clone(), entry);
        }
    }
    locales
}

fn compare(name: &str, source: &Locale, locale: &Locale) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, entry) in source {
        match locale.get(key) {
            None => {
                let what = format!("`{key}` is missing in {name}, translate it");
                found.push(Finding::at(&entry.path, entry.line, what));
            }
            Some(theirs) if theirs.placeholders != entry.placeholders => {
                let what = format!(
                    "`{key}` has placeholders {} but the source has {}, use the same ones",
                    listed(&theirs.placeholders),
                    listed(&entry.placeholders)
                );
                found.push(Finding::at(&theirs.path, theirs.line, what));
            }
            Some(_) => {}
        }
    }
    for (key, entry) in locale.iter().filter(|(key, _)| !source.contains_key(*key)) {
        let what = format!("`{key}` is not in the source locale, remove it or add it to {SOURCE}");
        found.push(Finding::at(&entry.path, entry.line, what));
    }
    found
}

fn listed(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "(none)".to_owned();
    }
    names.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ")
}

/// Keys that neither a template, nor the program, nor another entry asks for.
fn unused(source: &Locale, files: &[SourceFile]) -> Vec<Finding> {
    let usage = usage::read(files);
    let referenced: BTreeSet<&str> =
        source.values().flat_map(|e| e.references.iter().map(String::as_str)).collect();
    let mut found = Vec::new();
    for (key, entry) in source {
        let message = key.split_once('.').map_or(key.as_str(), |(message, _)| message);
        if usage.asks_for(key) || usage.asks_for(message) || referenced.contains(message) {
            continue;
        }
        let what = format!("`{key}` is used nowhere, remove it from every locale");
        found.push(Finding::at(&entry.path, entry.line, what));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(en: &str, zh: &str, template: &str) -> Vec<String> {
        let files = [
            SourceFile::sample("crates/render/locales/en/portal.ftl", en),
            SourceFile::sample("crates/render/locales/zh-CN/portal.ftl", zh),
            SourceFile::sample("crates/render/templates/portal/a.html", template),
        ];
        check(&files).into_iter().map(|finding| finding.to_string()).collect()
    }

    const TEMPLATE: &str = "{{ t('title') }} {{ t(\"paid\", amount=x) }}";
    const EN: &str = "title = Top up\npaid = { $amount } arrived\n";

    #[test]
    fn equal_locales_pass() {
        assert_eq!(found(EN, "paid = \u{5df2} { $amount }\ntitle = T\n", TEMPLATE), Vec::<String>::new());
    }

    #[test]
    fn a_missing_key_fails() {
        let found = found(EN, "title = T\n", TEMPLATE);
        assert_eq!(
            found,
            ["crates/render/locales/en/portal.ftl:2: `paid` is missing in zh-CN, translate it"]
        );
    }

    #[test]
    fn an_extra_key_fails() {
        let found = found(EN, "title = T\npaid = { $amount }\nmore = M\n", TEMPLATE);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("crates/render/locales/zh-CN/portal.ftl:3: `more` is not in the source")
        );
    }

    #[test]
    fn unequal_placeholders_fail() {
        let found = found(EN, "title = T\npaid = { $sum }\n", TEMPLATE);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("placeholders $sum but the source has $amount"), "{found:?}");
    }

    #[test]
    fn a_key_that_stands_twice_fails() {
        let found = found(&format!("{EN}title = Again\n"), "title = T\npaid = { $amount }\n", TEMPLATE);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains(":3: `title` stands in"), "{found:?}");
    }

    #[test]
    fn a_key_that_nobody_asks_for_fails() {
        let found = found(EN, "title = T\npaid = { $amount }\n", "{{ t('title') }}");
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`paid` is used nowhere"), "{found:?}");
    }

    #[test]
    fn a_key_that_another_entry_refers_to_is_used() {
        let en = "title = { name } { -brand }\nname = N\n-brand = R\n";
        assert_eq!(found(en, en, "{{ t('title') }}"), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_does_not_parse_fails() {
        let found = found("title = T\npaid = { $amount\n", "title = T\n", "{{ t('title') }}");
        assert!(found.iter().any(|line| line.contains("not valid Fluent")), "{found:?}");
    }

    #[test]
    fn a_missing_source_locale_fails() {
        assert_eq!(check(&[]).len(), 1);
    }
}
