//! `cargo xtask licences`: what goes into the program may be given away under our licence, and brings one TLS stack.
//! Walks the normal and build dependencies of the program; tests' own dependencies are not shipped.
//! `expression.rs` reads licence expressions; deny.toml says the same to cargo-deny.

mod expression;

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::finding::Finding;
use crate::tree;

/// The program that is shipped.
const PROGRAM: &str = "recarga";
/// Crates that must not be in it, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("openssl-sys", "TLS is rustls, find the feature that brings OpenSSL and switch it off"),
    ("native-tls", "TLS is rustls, find the feature that brings the system's TLS and switch it off"),
];
/// Two crates of which at most one may be in it.
const ONE_OF: (&str, &str) = ("ring", "aws-lc-rs");

/// One package that is shipped.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shipped {
    name: String,
    version: String,
    licence: Option<String>,
}

/// What may not be shipped.
pub fn run() -> Result<Vec<Finding>> {
    let mut found = check_crates(&shipped_crates()?);
    let read = |name: &str| -> Result<Value> {
        let text =
            std::fs::read_to_string(tree::root().join(name)).with_context(|| format!("read {name}"))?;
        serde_json::from_str(&text).with_context(|| format!("parse {name}"))
    };
    found.extend(check_npm(&read("package.json")?, &read("package-lock.json")?));
    Ok(found)
}

/// The program and everything it is built from, on every platform. Asked of `cargo tree`: the graph of
/// `cargo metadata` also holds what is switched off.
fn shipped_crates() -> Result<Vec<Shipped>> {
    let listing = Command::new("cargo")
        .args([
            "tree",
            "--locked",
            "--package",
            PROGRAM,
            "--all-features",
            "--edges",
            "normal,build",
            "--target",
            "all",
        ])
        .args(["--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(tree::root())
        .output()
        .context("run cargo tree")?;
    ensure!(listing.status.success(), "cargo tree: {}", String::from_utf8_lossy(&listing.stderr).trim());
    let lines = String::from_utf8(listing.stdout).context("cargo tree is not UTF-8")?;
    let mut shipped: Vec<Shipped> = lines.lines().filter_map(parse_line).collect();
    shipped.sort();
    shipped.dedup();
    Ok(shipped)
}

/// A line such as `itoa v1.0.19|MIT OR Apache-2.0`, where ` (*)` marks a repetition.
fn parse_line(line: &str) -> Option<Shipped> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    let licence = licence.trim_end_matches("(*)").trim();
    Some(Shipped {
        name: name.to_owned(),
        version: version.trim_start_matches('v').to_owned(),
        licence: (!licence.is_empty()).then(|| licence.to_owned()),
    })
}

fn check_crates(shipped: &[Shipped]) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        shipped.iter().filter_map(|one| refused_licence("Cargo.lock", one)).collect();
    let has = |name: &str| shipped.iter().any(|one| one.name == name);
    for (name, why) in REFUSED {
        if has(name) {
            found.push(Finding::at("Cargo.lock", 1, format!("`{name}` is linked: {why}")));
        }
    }
    if has(ONE_OF.0) && has(ONE_OF.1) {
        let what = format!("`{}` and `{}` are both linked, keep the latter alone", ONE_OF.0, ONE_OF.1);
        found.push(Finding::at("Cargo.lock", 1, what));
    }
    found
}

/// The npm packages that the program embeds: those that package.json lists as dependencies. Each of them is
/// embedded as its own published bundle, so its own licence is the one that counts.
fn check_npm(manifest: &Value, lock: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    let embedded = manifest["dependencies"].as_object().into_iter().flat_map(|it| it.keys());
    for name in embedded {
        let package = &lock["packages"][format!("node_modules/{name}")];
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let one = Shipped {
            name: name.clone(),
            version: text("version").unwrap_or_default(),
            licence: text("license"),
        };
        found.extend(refused_licence("package-lock.json", &one));
    }
    found
}

fn refused_licence(place: &str, one: &Shipped) -> Option<Finding> {
    let Shipped { name, version, licence } = one;
    let what = match licence {
        None => format!("`{name}` {version} names no licence, find it out or do without"),
        Some(licence) => match expression::allowed(licence) {
            Ok(true) => return None,
            Ok(false) => format!("`{name}` {version} is under {licence}, which we do not ship: do without"),
            Err(error) => {
                format!("`{name}` {version} has a licence that cannot be read ({error}), do without")
            }
        },
    };
    Some(Finding::at(place, 1, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(name: &str, licence: Option<&str>) -> Shipped {
        Shipped { name: name.into(), version: "1.0.0".into(), licence: licence.map(str::to_owned) }
    }

    #[test]
    fn free_licences_pass_and_others_fail() {
        let good = [shipped("a", Some("MIT")), shipped("b", Some("GPL-3.0 OR Apache-2.0"))];
        assert_eq!(check_crates(&good), []);
        assert_eq!(check_crates(&[shipped("c", Some("GPL-3.0-only"))]).len(), 1);
        assert_eq!(check_crates(&[shipped("d", None)]).len(), 1);
        assert_eq!(check_crates(&[shipped("e", Some("MIT OR"))]).len(), 1);
    }

    #[test]
    fn openssl_and_a_second_provider_fail() {
        assert_eq!(check_crates(&[shipped("openssl-sys", Some("MIT"))]).len(), 1);
        assert_eq!(check_crates(&[shipped("ring", Some("ISC"))]), []);
        assert_eq!(check_crates(&[shipped("ring", Some("ISC")), shipped("aws-lc-rs", Some("ISC"))]).len(), 1);
    }

    #[test]
    fn the_test_dependencies_are_not_shipped() {
        let names: Vec<String> = shipped_crates().unwrap().into_iter().map(|one| one.name).collect();
        assert!(names.iter().any(|name| name == "domain"));
        assert!(names.iter().any(|name| name == "aws-lc-rs"));
        assert!(!names.iter().any(|name| name == "testkit" || name == "xtask" || name == "proptest"));
    }

    #[test]
    fn a_line_of_cargo_tree_is_understood() {
        let expected =
            Some(Shipped { version: "1.0.19".into(), ..shipped("itoa", Some("MIT OR Apache-2.0")) });
        assert_eq!(parse_line("itoa v1.0.19|MIT OR Apache-2.0"), expected);
        assert_eq!(parse_line("itoa v1.0.19|MIT OR Apache-2.0 (*)"), expected);
        assert_eq!(parse_line("a v1.0.0 (proc-macro)|"), Some(shipped("a", None)));
        assert_eq!(parse_line(""), None);
    }

    #[test]
    fn an_embedded_npm_package_needs_a_free_licence_and_a_test_one_does_not() {
        let manifest = serde_json::json!({"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}});
        let lock = |licence: &str| serde_json::json!({"packages": {"node_modules/a": {"version": "1", "license": licence}}});
        assert_eq!(check_npm(&manifest, &lock("0BSD")), []);
        assert_eq!(check_npm(&manifest, &lock("SSPL-1.0")).len(), 1);
        assert_eq!(check_npm(&manifest, &serde_json::json!({})).len(), 1);
    }
}
