//! The repository as the checks see it: the files that git knows or would add, with their text.
//! Ignored files (build output, dependencies) are never looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// One file of the repository.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path relative to the root, with `/`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Contents, empty where they are not UTF-8.
    pub text: String,
}

impl SourceFile {
    /// Whether the name ends in `.ext`.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| it == extension)
    }

    /// The crate a path under `crates/` belongs to.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Whether this is Rust that goes into a program: under a crate's `src`.
    pub fn is_crate_source(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.next() == Some("crates") && parts.nth(1) == Some("src") && self.has_extension("rs")
    }

    #[cfg(test)]
    /// A file for a test of a check.
    pub fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), bytes: u64::try_from(text.len()).unwrap(), text: text.to_owned() }
    }
}

/// The repository's root: this crate stands two folders below it.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/xtask stands two folders below the root").to_owned()
}

/// Every file that git tracks or would add, in path order.
pub fn read() -> Result<Vec<SourceFile>> {
    let root = root();
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .context("git is needed to list the files")?;
    ensure!(listing.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listing.stderr).trim());
    let names = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
    let mut files = Vec::new();
    for path in names.split('\0').filter(|name| !name.is_empty()) {
        // A tracked file that was deleted but not yet staged is simply not there.
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        let size = u64::try_from(bytes.len()).context("file size")?;
        let text = String::from_utf8(bytes).unwrap_or_default();
        files.push(SourceFile { path: path.to_owned(), bytes: size, text });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crate_source_is_told_from_tests_and_scripts() {
        assert!(SourceFile::sample("crates/flows/src/a/b.rs", "").is_crate_source());
        assert!(!SourceFile::sample("crates/flows/tests/a.rs", "").is_crate_source());
        assert!(!SourceFile::sample("scripts/src/a.rs", "").is_crate_source());
        assert_eq!(SourceFile::sample("crates/flows/src/a.rs", "").crate_name(), Some("flows"));
    }

    #[test]
    fn this_very_file_is_in_the_tree() {
        let files = read().unwrap();
        assert!(files.iter().any(|file| file.path == "crates/xtask/src/tree.rs"));
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
    }
}
