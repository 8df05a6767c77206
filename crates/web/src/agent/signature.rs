//! Signed requests of devices: HTTP Message Signatures (RFC 9421) with `ecdsa-p256-sha256` over method, authority, path,
//! query and the digest of the body (RFC 9530), with a time and a nonce.
//!
//! Pure: what was said is read by [`Said::read`] and checked by [`Said::verify`]. Whether the time is near enough and the
//! nonce new is decided in `session.rs`.

use aws_lc_rs::{digest, signature};
use domain::device::is_nonce;
use domain::time::UnixMs;
use http::HeaderMap;
use sfv::{BareItem, Dictionary, InnerList, ListEntry, ListSerializer, Parser};

/// What has to be covered: nothing of a request that means something may be left out.
const COVERED: [&str; 5] = ["@method", "@authority", "@path", "@query", "content-digest"];

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// There is none.
    Missing,
    /// One of its headers cannot be read, or has not all that we ask for.
    Unreadable,
    /// The body is another than the one that was signed.
    Digest,
    /// Signed by another key, or something was altered.
    Wrong,
}

/// A request as far as it is signed.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub method: &'a str,
    /// The names under which we may have been called; one of them was signed.
    pub authorities: Vec<String>,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What a signature says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub key: String,
    pub nonce: String,
    pub created: UnixMs,
    /// The covered components in their order, and how they and the parameters are written.
    components: Vec<String>,
    parameters: String,
    signature: Vec<u8>,
}

impl Said {
    /// Reads the signature of a request.
    pub fn read(headers: &HeaderMap) -> Result<Said, Unfit> {
        let input = dictionary(headers, "signature-input")?.ok_or(Unfit::Missing)?;
        let signatures = dictionary(headers, "signature")?.ok_or(Unfit::Missing)?;
        let Some((label, ListEntry::InnerList(list))) = input.first() else { return Err(Unfit::Unreadable) };
        let Some(ListEntry::Item(item)) = signatures.get(label) else { return Err(Unfit::Unreadable) };
        let signature = item.bare_item.as_byte_sequence().ok_or(Unfit::Unreadable)?.to_vec();
        let text = |name: &str| {
            let value = list.params.get(name).and_then(BareItem::as_string);
            value.map(|text| text.as_str().to_owned())
        };
        let created = list.params.get("created").and_then(BareItem::as_integer).ok_or(Unfit::Unreadable)?;
        let known = text("alg").is_none_or(|alg| alg == "ecdsa-p256-sha256");
        let nonce = text("nonce").filter(|nonce| is_nonce(nonce)).ok_or(Unfit::Unreadable)?;
        let components = components(list).filter(|_| known).ok_or(Unfit::Unreadable)?;
        Ok(Said {
            key: text("keyid").ok_or(Unfit::Unreadable)?,
            nonce,
            created: UnixMs(i64::from(created).saturating_mul(1_000)),
            components,
            parameters: written(list),
            signature,
        })
    }

    /// Is it a signature of this message by this key? The key is an uncompressed point in hex.
    pub fn verify(&self, message: &Message<'_>, public_key: &str) -> Result<(), Unfit> {
        let digest = message.headers.get("content-digest").and_then(|value| value.to_str().ok());
        let digest = digest.ok_or(Unfit::Unreadable)?;
        if !is_digest_of(digest, message.body)? {
            return Err(Unfit::Digest);
        }
        let point = hex::decode(public_key).map_err(|_| Unfit::Wrong)?;
        let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
        let fits = |authority: &String| {
            key.verify(self.base(message, authority, digest).as_bytes(), &self.signature).is_ok()
        };
        if message.authorities.iter().any(fits) { Ok(()) } else { Err(Unfit::Wrong) }
    }

    /// The signature base (RFC 9421 §2.5).
    fn base(&self, message: &Message<'_>, authority: &str, digest: &str) -> String {
        let mut base = String::new();
        for component in &self.components {
            let query = format!("?{}", message.query.unwrap_or(""));
            let value = match component.as_str() {
                "@method" => message.method,
                "@authority" => authority,
                "@path" => message.path,
                "@query" => &query,
                _ => digest.trim(),
            };
            base.push_str(&format!("\"{component}\": {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {}", self.parameters));
        base
    }
}

/// A name as it is signed (RFC 9421 §2.2.3): lower case, without the usual port.
pub fn authority(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let bare = text.strip_suffix(":443").or_else(|| text.strip_suffix(":80"));
    bare.unwrap_or(&text).to_owned()
}

/// The components, if they are exactly those that have to be covered, without parameters of their own.
fn components(list: &InnerList) -> Option<Vec<String>> {
    let name = |item: &sfv::Item| {
        item.bare_item.as_string().filter(|_| item.params.is_empty()).map(|text| text.as_str().to_owned())
    };
    let names: Vec<String> = list.items.iter().map(name).collect::<Option<_>>()?;
    let all = COVERED.iter().all(|needed| names.iter().any(|name| name == needed));
    (all && names.len() == COVERED.len()).then_some(names)
}

/// An inner list as it is written (RFC 9651 §4.1.1.1).
fn written(list: &InnerList) -> String {
    let mut serializer = ListSerializer::new();
    let mut inner = serializer.inner_list();
    inner.items(&list.items);
    inner.finish().parameters(list.params.iter().map(|(name, value)| (name.as_ref(), value)));
    serializer.finish().unwrap_or_default()
}

fn dictionary(headers: &HeaderMap, name: &str) -> Result<Option<Dictionary>, Unfit> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() || value.len() > 2_000 {
        return Err(Unfit::Unreadable);
    }
    Parser::new(value.as_bytes()).parse::<Dictionary>().map(Some).map_err(|_| Unfit::Unreadable)
}

/// Does a `Content-Digest` name the SHA-256 of this body?
fn is_digest_of(header: &str, body: &[u8]) -> Result<bool, Unfit> {
    let digests = Parser::new(header).parse::<Dictionary>().map_err(|_| Unfit::Unreadable)?;
    let Some(ListEntry::Item(item)) = digests.get("sha-256") else { return Err(Unfit::Unreadable) };
    let said = item.bare_item.as_byte_sequence().ok_or(Unfit::Unreadable)?;
    Ok(said == digest::digest(&digest::SHA256, body).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use http::HeaderValue;

    const PARAMETERS: &str = "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");\
         created=1700000000;keyid=\"dev_1\";nonce=\"0123456789abcdef\";alg=\"ecdsa-p256-sha256\"";

    struct Signer {
        pair: EcdsaKeyPair,
    }

    impl Signer {
        fn new() -> Signer {
            Signer { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
        }

        fn public_key(&self) -> String {
            hex::encode(self.pair.public_key().as_ref())
        }

        /// The base is written out here by hand, as the standard shows it, and not by the code under test.
        fn headers(&self, parameters: &str, body: &[u8]) -> HeaderMap {
            let digest = STANDARD.encode(digest::digest(&digest::SHA256, body));
            let digest = format!("sha-256=:{digest}:");
            let base = format!(
                "\"@method\": POST\n\"@authority\": shop.example\n\"@path\": /agent/lock\n\"@query\": ?\n\
                 \"content-digest\": {digest}\n\"@signature-params\": {parameters}"
            );
            let signed = self.pair.sign(&SystemRandom::new(), base.as_bytes()).unwrap();
            let mut headers = HeaderMap::new();
            let text = |text: String| HeaderValue::from_str(&text).unwrap();
            headers.insert("content-digest", text(digest));
            headers.insert("signature-input", text(format!("sig={parameters}")));
            headers.insert("signature", text(format!("sig=:{}:", STANDARD.encode(signed))));
            headers
        }
    }

    fn message<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Message<'a> {
        let authorities = vec!["other.example".into(), authority("Shop.Example:443")];
        Message { method: "POST", authorities, path: "/agent/lock", query: None, headers, body }
    }

    #[test]
    fn a_request_signed_by_its_device_is_taken() {
        let signer = Signer::new();
        let headers = signer.headers(PARAMETERS, b"idle=1");
        let said = Said::read(&headers).unwrap();
        assert_eq!((said.key.as_str(), said.nonce.as_str()), ("dev_1", "0123456789abcdef"));
        assert_eq!(said.created, UnixMs(1_700_000_000_000));
        assert_eq!(said.verify(&message(&headers, b"idle=1"), &signer.public_key()), Ok(()));
    }

    #[test]
    fn what_was_altered_after_signing_is_refused() {
        let signer = Signer::new();
        let headers = signer.headers(PARAMETERS, b"amount=10");
        let said = Said::read(&headers).unwrap();
        let key = signer.public_key();
        let right = message(&headers, b"amount=10");
        assert_eq!(said.verify(&message(&headers, b"amount=90"), &key), Err(Unfit::Digest));
        for other in [
            Message { method: "PUT", ..right.clone() },
            Message { path: "/agent/here", ..right.clone() },
            Message { query: Some("a=1"), ..right.clone() },
            Message { authorities: vec!["elsewhere.example".into()], ..right.clone() },
        ] {
            assert_eq!(said.verify(&other, &key), Err(Unfit::Wrong), "{other:?}");
        }
        assert_eq!(
            said.verify(&right, &Signer::new().public_key()),
            Err(Unfit::Wrong),
            "another device's key"
        );
        let later = Said { parameters: PARAMETERS.replace("1700000000", "1700000060"), ..said };
        assert_eq!(later.verify(&right, &key), Err(Unfit::Wrong), "another time");
    }

    #[test]
    fn a_signature_that_leaves_something_out_is_refused() {
        let signer = Signer::new();
        for parameters in [
            PARAMETERS.replace(" \"content-digest\"", ""),
            PARAMETERS.replace("\"@path\" ", ""),
            PARAMETERS.replace("nonce=\"0123456789abcdef\";", ""),
            PARAMETERS.replace("created=1700000000;", ""),
            PARAMETERS.replace("keyid=\"dev_1\";", ""),
            PARAMETERS.replace("ecdsa-p256-sha256", "hmac-sha256"),
            PARAMETERS.replace("\"@method\"", "\"@method\";req"),
            "rubbish(".to_owned(),
        ] {
            let headers = signer.headers(&parameters, b"");
            assert_eq!(Said::read(&headers), Err(Unfit::Unreadable), "{parameters}");
        }
        assert_eq!(Said::read(&HeaderMap::new()), Err(Unfit::Missing));
    }
}
