//! What the browser shows without a network where it has kept nothing.

use serde::Serialize;

use crate::view::View;

/// No network, and nothing kept.
#[derive(Debug, Clone, Serialize)]
pub struct Offline {
    pub manifest_url: String,
}

impl View for Offline {
    const TEMPLATE: &'static str = "me/offline.html";

    fn samples() -> Vec<Offline> {
        vec![Offline { manifest_url: "/manifest.webmanifest".into() }]
    }
}
