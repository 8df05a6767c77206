//! Which crate of ours may depend on which: the table that ARCHITECTURE.md draws.
//! A new edge fails here until it is written into the table on purpose.

use cargo_metadata::{DependencyKind, Metadata};

use crate::finding::Finding;

/// Crate, what it may use, and what its tests may use besides.
const EDGES: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &[]),
    ("store", &["domain"], &["testkit"]),
    ("gateways", &["domain"], &["simulator"]),
    ("simulator", &[], &[]),
    ("receipts", &[], &[]),
    ("render", &["domain", "receipts"], &[]),
    ("flows", &["domain", "store", "gateways", "render"], &["testkit", "simulator"]),
    ("web", &["domain", "flows", "render", "store"], &["testkit"]),
    ("recarga", &["domain", "store", "gateways", "simulator", "render", "flows", "web"], &["testkit"]),
    ("testkit", &["domain", "store"], &[]),
    ("xtask", &[], &[]),
];

/// Crates that would bring async, SQL, HTTP or randomness into the pure crate.
const IMPURE: &[&str] =
    &["tokio", "axum", "reqwest", "hyper", "rusqlite", "postgres", "rand", "futures-util"];

/// One crate of the workspace and what its manifest asks for.
#[derive(Debug)]
pub struct Manifest {
    pub name: String,
    pub path: String,
    /// Name and whether only tests use it.
    pub uses: Vec<(String, bool)>,
}

/// The workspace's manifests.
pub fn from_metadata(metadata: &Metadata) -> Vec<Manifest> {
    let packages = metadata.workspace_packages();
    let describe = |package: &&cargo_metadata::Package| Manifest {
        name: package.name.to_string(),
        path: format!("crates/{}/Cargo.toml", package.name),
        uses: package
            .dependencies
            .iter()
            .map(|used| (used.name.clone(), used.kind == DependencyKind::Development))
            .collect(),
    };
    packages.iter().map(describe).collect()
}

/// Edges that the table does not allow.
pub fn check(manifests: &[Manifest]) -> Vec<Finding> {
    let mut found = Vec::new();
    for manifest in manifests {
        let Some((_, allowed, in_tests)) = EDGES.iter().find(|(name, ..)| *name == manifest.name) else {
            let what =
                format!("crate `{}` is not in the table of allowed edges, add it there", manifest.name);
            found.push(Finding::at(&manifest.path, 1, what));
            continue;
        };
        for (used, only_tests) in &manifest.uses {
            if let Some(what) = refused(manifest, used, *only_tests, allowed, in_tests) {
                found.push(Finding::at(&manifest.path, 1, what));
            }
        }
    }
    for (name, ..) in EDGES {
        if !manifests.iter().any(|manifest| manifest.name == *name) {
            let what =
                format!("`{name}` is in the table of allowed edges but not in the workspace, remove it");
            found.push(Finding::at("crates/xtask/src/tidy/edges.rs", 1, what));
        }
    }
    found
}

fn refused(
    manifest: &Manifest,
    used: &str,
    only_tests: bool,
    allowed: &[&str],
    in_tests: &[&str],
) -> Option<String> {
    let name = &manifest.name;
    let ours = EDGES.iter().any(|(crate_name, ..)| *crate_name == used);
    if !ours {
        let impure = name == "domain" && !only_tests && IMPURE.contains(&used);
        return impure.then(|| format!("`domain` is pure, `{used}` does not belong there: take it outside"));
    }
    if allowed.contains(&used) || (only_tests && in_tests.contains(&used)) {
        return None;
    }
    Some(if in_tests.contains(&used) {
        format!("`{name}` may use `{used}` in tests only, move it to [dev-dependencies]")
    } else {
        format!("`{name}` must not depend on `{used}`, move the code to a crate that may")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole_workspace() -> Vec<Manifest> {
        let plain = |(name, uses, in_tests): &(&str, &[&str], &[&str])| Manifest {
            name: (*name).to_owned(),
            path: format!("crates/{name}/Cargo.toml"),
            uses: uses
                .iter()
                .map(|used| ((*used).to_owned(), false))
                .chain(in_tests.iter().map(|used| ((*used).to_owned(), true)))
                .collect(),
        };
        EDGES.iter().map(plain).collect()
    }

    fn with_edge(from: &str, to: &str, only_tests: bool) -> Vec<Finding> {
        let mut manifests = whole_workspace();
        let manifest = manifests.iter_mut().find(|manifest| manifest.name == from).unwrap();
        manifest.uses.push((to.to_owned(), only_tests));
        check(&manifests)
    }

    #[test]
    fn the_allowed_edges_pass() {
        assert_eq!(check(&whole_workspace()), []);
    }

    #[test]
    fn an_edge_outside_the_table_fails() {
        assert_eq!(with_edge("domain", "store", false).len(), 1);
        assert_eq!(with_edge("simulator", "gateways", true).len(), 1);
        assert_eq!(with_edge("web", "gateways", false).len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let found = with_edge("store", "testkit", false);
        assert!(found[0].what.contains("dev-dependencies"), "{found:?}");
        assert_eq!(with_edge("domain", "testkit", true).len(), 1);
    }

    #[test]
    fn the_pure_crate_takes_no_runtime() {
        assert_eq!(with_edge("domain", "tokio", false).len(), 1);
        assert_eq!(with_edge("store", "tokio", false), []);
    }

    #[test]
    fn a_crate_missing_from_either_side_fails() {
        let mut manifests = whole_workspace();
        manifests.remove(0);
        manifests.push(Manifest {
            name: "extra".into(),
            path: "crates/extra/Cargo.toml".into(),
            uses: vec![],
        });
        assert_eq!(check(&manifests).len(), 2);
    }
}
