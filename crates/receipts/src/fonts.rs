//! Finds the three families that our languages need in a folder of fonts and loads them once.
//! Nothing is embedded: an operator's machine has the fonts, or the error names the package that brings them.

use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::{Font, FontStyle};

use crate::error::{Error, Result};

/// Folders deep, and files looked at by name: more is not a folder of fonts.
const DEEPEST: usize = 6;
const MOST_FILES: usize = 20_000;
const LARGEST_FILE: u64 = 64 << 20;
const MOST_LOADED: usize = 24;

/// A script, the families that serve it (the first one found is used), and how to get one.
struct Wanted {
    script: &'static str,
    families: &'static [&'static str],
    package: &'static str,
    file: &'static str,
}

/// In the order in which a line asks them; Han letters in their mainland shapes.
const WANTED: [Wanted; 3] = [
    Wanted {
        script: "Latin letters",
        families: &["Noto Sans"],
        package: "fonts-noto-core",
        file: "NotoSans-Regular.ttf",
    },
    Wanted {
        script: "simplified Chinese",
        families: &["Noto Sans CJK SC", "Noto Sans SC"],
        package: "fonts-noto-cjk",
        file: "NotoSansCJK-Regular.ttc",
    },
    Wanted {
        script: "Arabic",
        families: &["Noto Sans Arabic"],
        package: "fonts-noto-core",
        file: "NotoSansArabic-Regular.ttf",
    },
];

/// The loaded faces and the names of their families, in the order of `WANTED`.
pub struct Fonts {
    pub faces: Vec<Font>,
    pub families: Vec<&'static str>,
}

impl Fonts {
    /// Can any face draw this character?
    pub fn draw(&self, letter: char) -> bool {
        self.faces.iter().any(|face| face.info().coverage.contains(u32::from(letter)))
    }
}

/// Loads what is wanted from a folder and the folders in it.
pub fn load(folder: &Path) -> Result<Fonts> {
    let mut files = Vec::new();
    let mut left = MOST_FILES;
    collect(folder, DEEPEST, &mut left, &mut files)?;
    files.sort();
    let mut faces = Vec::new();
    for path in files.iter().take(MOST_LOADED) {
        let bytes = std::fs::read(path).map_err(|source| Error::Folder { path: path.clone(), source })?;
        let held = Font::iter(Bytes::new(bytes)).filter(|face| {
            let info = face.info();
            info.variant.style == FontStyle::Normal
                && WANTED.iter().any(|one| one.families.contains(&info.family.as_str()))
        });
        faces.extend(held);
    }
    let mut families = Vec::new();
    for one in &WANTED {
        let held = |family: &&&str| faces.iter().any(|face| face.info().family == **family);
        match one.families.iter().find(held) {
            Some(family) => families.push(*family),
            None => {
                let folder = folder.to_owned();
                let Wanted { script, package, file, .. } = *one;
                return Err(Error::NoFont { script, folder, package, file });
            }
        }
    }
    Ok(Fonts { faces, families })
}

fn collect(folder: &Path, deep: usize, left: &mut usize, found: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Some(rest) = left.checked_sub(1) else { return Ok(()) };
        *left = rest;
        let path = entry.path();
        // Follows links: distributions link fonts into place.
        let Ok(about) = std::fs::metadata(&path) else { continue };
        if about.is_dir() && deep > 0 {
            // A folder inside that we may not read is no reason to do without the rest.
            match collect(&path, deep - 1, left, found) {
                Ok(()) | Err(_) => {}
            }
        } else if about.is_file() && about.len() <= LARGEST_FILE && looks_right(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// By its name, so that hundreds of other fonts are never opened.
fn looks_right(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let lower = name.to_ascii_lowercase();
    let Some(stem) = [".ttf", ".otf", ".ttc", ".otc"].iter().find_map(|ending| lower.strip_suffix(ending))
    else {
        return false;
    };
    let Some(rest) = stem.strip_prefix("notosans") else { return false };
    let rest =
        ["cjksc", "cjk", "sc", "arabic"].iter().find_map(|script| rest.strip_prefix(script)).unwrap_or(rest);
    let plain = rest.split(['[', '(']).next().unwrap_or_default();
    matches!(plain, "" | "-regular" | "-bold" | "-variablefont_wght" | "-vf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_that_are_wanted_are_opened() {
        for wanted in
            ["NotoSans-Regular.ttf", "NotoSansCJK-Bold.ttc", "NotoSansArabic-Bold.ttf", "NotoSans[wght].ttf"]
        {
            assert!(looks_right(Path::new(wanted)), "{wanted}");
        }
        for other in
            ["NotoSansMono-Regular.ttf", "NotoSans-Italic.ttf", "NotoSansThai-Regular.ttf", "NotoSans.txt"]
        {
            assert!(!looks_right(Path::new(other)), "{other}");
        }
    }
}
