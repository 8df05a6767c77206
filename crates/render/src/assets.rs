//! The files a page links to, each under a name that carries its hash, so that browsers may keep it for ever.

use std::sync::LazyLock;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
struct Files;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The name in the source tree: `app.css`.
    pub source: String,
    /// The name in addresses: `app-1a2b3c4d5e6f.css`.
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut assets: Vec<Asset> = Files::iter().filter_map(|source| read(&source)).collect();
    assets.sort_by(|a, b| a.source.cmp(&b.source));
    assets
});

/// All files, read and hashed once.
pub fn assets() -> &'static [Asset] {
    &ASSETS
}

/// The file of a source name.
pub fn asset(source: &str) -> Option<&'static Asset> {
    assets().iter().find(|asset| asset.source == source)
}

fn read(source: &str) -> Option<Asset> {
    let (stem, extension) = source.rsplit_once('.')?;
    let content_type = match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let file = Files::get(source)?;
    let hash: String = file.metadata.sha256_hash().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Some(Asset {
        source: source.to_owned(),
        name: format!("{stem}-{hash}.{extension}"),
        content_type,
        bytes: file.data.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_served_under_a_hashed_name() {
        for source in ["app.css", "app.js", "favicon.svg"] {
            let asset = asset(source).unwrap();
            assert_ne!(asset.name, asset.source);
            assert!(!asset.bytes.is_empty());
        }
    }
}
