//! `cargo xtask tidy`: the rules of the source tree that no compiler enforces.
//! `edges.rs` holds which crate may use which, `rust.rs` the rules for Rust text, `files.rs` those for any file,
//! `docs.rs` that documents name real paths. `lexer.rs` tells code, strings and comments apart.

mod docs;
mod edges;
mod files;
mod lexer;
mod rust;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::finding::Finding;
use crate::tree;

/// Everything that is untidy in the repository.
pub fn run() -> Result<Vec<Finding>> {
    let metadata = MetadataCommand::new()
        .manifest_path(tree::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    let files = tree::read()?;
    let mut found = edges::check(&edges::from_metadata(&metadata));
    for file in &files {
        found.extend(files::check(file));
        if file.has_extension("rs") {
            found.extend(rust::check(file));
        }
    }
    found.extend(files::stale_ratchet(&files));
    found.extend(docs::check(&files));
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(found)
}
