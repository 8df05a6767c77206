//! A file that a customer added to a question, as it is handed to a browser: never taken for a page of ours.

use axum::response::{IntoResponse, Response};
use flows::care::files::{Named, Opened};
use http::header;
use render::view::CaseFile;

/// Nothing in it runs or is fetched, whatever it says it is.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A name for a header (RFC 8187 §3.2): everything but letters and digits by its bytes.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A picture is shown, everything else is saved.
pub fn response(file: Opened) -> Response {
    let manner = if file.kind.is_picture() { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, file.kind.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("{manner}; filename*=UTF-8''{}", encoded(&file.name))),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    (headers, file.bytes).into_response()
}

/// A file as a page names it.
pub fn listed(file: Named) -> CaseFile {
    CaseFile { n: file.n, picture: file.kind.is_picture(), kib: (file.bytes + 1023) / 1024, name: file.name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(encoded("收据 1.pdf"), "%E6%94%B6%E6%8D%AE%201.pdf");
        assert_eq!(encoded("a\"\r\nb;.png"), "a%22%0D%0Ab%3B.png");
    }
}
