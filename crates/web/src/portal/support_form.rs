//! A form with files, as browsers send it (multipart, RFC 7578), or the same form without them. Nothing is kept that
//! is larger than may be: the rest is read and dropped, so that the page can say so and still knows what was typed.

use crate::site::Site;
use axum::RequestExt as _;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use domain::agent::DocumentKind;
use domain::support_case::{FILE_BYTES_MAX, FILES_MAX};
use flows::care::files;
use http::{StatusCode, header};
use std::collections::HashMap;

/// As much of a field that was typed is kept.
const TYPED_BYTES_MAX: usize = 64 * 1024;
const PLAIN_BYTES_MAX: usize = 256 * 1024;
/// Files that are read of one form: a question takes three, an application one of each kind.
const FILES_READ: usize =
    if FILES_MAX > DocumentKind::ALL.len() { FILES_MAX } else { DocumentKind::ALL.len() };

/// What was typed, and the files.
#[derive(Debug, Default)]
pub struct Sent {
    fields: HashMap<String, String>,
    pub files: Vec<files::Sent>,
    /// The field that each file came in.
    came_in: Vec<String>,
}

impl Sent {
    /// What was typed in a field; empty when it is not there.
    pub fn of(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// The file that came in a field.
    pub fn take(&mut self, field: &str) -> Option<files::Sent> {
        let at = self.came_in.iter().position(|name| name == field)?;
        self.came_in.remove(at);
        Some(self.files.remove(at))
    }
}

impl FromRequest<Site> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, _: &Site) -> Result<Sent, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let body = axum::body::to_bytes(request.into_body(), PLAIN_BYTES_MAX).await;
            let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
            let fields = serde_urlencoded::from_bytes::<Vec<(String, String)>>(&body);
            let fields = fields.map_err(|_| StatusCode::UNPROCESSABLE_ENTITY.into_response())?;
            return Ok(Sent { fields: fields.into_iter().collect(), ..Sent::default() });
        }
        let multipart = request.extract::<Multipart, _>().await.map_err(IntoResponse::into_response)?;
        read(multipart).await.map_err(IntoResponse::into_response)
    }
}

async fn read(mut multipart: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file) = field.file_name().map(str::to_owned) else {
            let typed = kept(field, TYPED_BYTES_MAX).await?;
            sent.fields.insert(name, String::from_utf8_lossy(&typed).into_owned());
            continue;
        };
        // One byte and one file more than may be show that it is too much.
        let room = if sent.files.len() <= FILES_READ { FILE_BYTES_MAX + 1 } else { 0 };
        let bytes = kept(field, room).await?;
        // A browser sends a nameless empty one when none was chosen.
        if !bytes.is_empty() {
            sent.files.push(files::Sent { name: file, bytes });
            sent.came_in.push(name);
        }
    }
    Ok(sent)
}

/// The first bytes of a field; the rest is read all the same.
async fn kept(mut field: Field<'_>, max: usize) -> Result<Vec<u8>, MultipartError> {
    let mut kept = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        let room = max.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(&chunk[..room]);
    }
    Ok(kept)
}
