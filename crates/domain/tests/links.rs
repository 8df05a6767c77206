//! Links that leave the house lead somewhere: each meets a route of the web crate, read from its source.
//!
//! The source, and not a running server, so that whoever renames a route learns it within seconds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

/// The paths of `.route("…"` in a folder and the folders in it.
fn routes(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let parts = text.split(".route(").skip(1);
            let quoted = parts.filter_map(|part| part.trim_start().strip_prefix('"'));
            found.extend(quoted.filter_map(|part| part.split_once('"')).map(|(route, _)| route.to_owned()));
        }
    }
}

/// Does a path meet a route, segment by segment?
fn meets(path: &str, route: &str) -> bool {
    let (path, route): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len()
        && path.iter().zip(&route).all(|(own, wanted)| own == wanted || wanted.starts_with('{'))
}

#[test]
fn every_link_meets_a_route_of_the_web_crate() {
    let mut found = Vec::new();
    routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src"), &mut found);
    assert!(found.len() > 100, "the routes are written another way now: {} found", found.len());
    for link in domain::links::all("https://recarga.example", "7K2M9-QX4TB") {
        let path = link.strip_prefix("https://recarga.example").unwrap();
        let path = path.split('?').next().unwrap();
        assert!(found.iter().any(|route| meets(path, route)), "{link} leads nowhere");
    }
    assert!(!found.iter().any(|route| meets("/nowhere/at/all", route)));
}
