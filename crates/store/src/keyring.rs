//! The keyring: one file of secrets from which everything is sealed, hashed and signed. Each ciphertext and
//! hash carries its key's id, so that keys can be rotated.
//!
//! Sealing is AES-256-GCM (NIST SP 800-38D) with a random nonce; hashes are HMAC-SHA-256 (RFC 2104) under a
//! key derived per purpose, so that equal values of different purposes never look equal. `receipt_key.rs` has the keys
//! that sign receipts.

pub mod receipt_key;

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::{aead, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Id of the key that is used for new values.
    current: String,
    keys: Vec<Key>,
    #[serde(default)]
    receipt_keys: Vec<receipt_key::Stored>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: String,
    /// 32 random bytes in URL-safe base 64.
    secret: String,
}

/// The keys in memory. `Debug` shows their ids only.
pub struct Keyring {
    current: usize,
    keys: Vec<Loaded>,
    receipt_keys: Vec<receipt_key::Signing>,
}

struct Loaded {
    id: String,
    secret: Vec<u8>,
    /// The derived sealing keys, made once: sealing is then one call of the cipher.
    seals: Vec<(Purpose, aead::RandomizedNonceKey)>,
}

impl Loaded {
    fn new(id: String, secret: Vec<u8>) -> Result<Loaded> {
        let seals = Purpose::ALL.iter().map(|purpose| {
            let derived = derive(&secret, b"seal", *purpose);
            Ok((*purpose, aead::RandomizedNonceKey::new(&aead::AES_256_GCM, &derived)?))
        });
        let seals = seals.collect::<Result<Vec<_>>>()?;
        Ok(Loaded { id, secret, seals })
    }

    fn cipher(&self, purpose: Purpose) -> Result<&aead::RandomizedNonceKey> {
        let found = self.seals.iter().find(|(of, _)| *of == purpose);
        found.map(|(_, cipher)| cipher).context("a purpose without its sealing key")
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

/// What a value is sealed or hashed for. Values of one purpose cannot be read as another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Msisdn,
    Email,
    Cart,
    OrderPass,
    ApiKey,
    /// A stored answer.
    Response,
    /// What a subscriber is called.
    Name,
    /// The secret of a session, and what the portal keeps in a browser about a code that it waits for.
    Session,
    SecurityCode,
    /// The secret of a session of staff, and the second factor.
    Staff,
    /// What customers and staff write to each other, and where a guest is told of an answer.
    SupportText,
    /// Lets a browser see a support case.
    CasePass,
    /// By what orders of one hand are told.
    Risk,
    /// Ends the marketing mails of one reader.
    Unsubscribe,
    /// The one-time codes, devices and unlockings of a counter.
    Counter,
    /// What agents show and how they are reached, and proofs of bank transfers.
    Agent,
    /// What is to be printed on a slip.
    PrintJob,
    /// To whom an invoice is written.
    Buyer,
    /// The number of an identity document, where a law asks for its hash.
    IdDocument,
}

impl Purpose {
    const ALL: &'static [Purpose] = &[
        Purpose::Msisdn,
        Purpose::Email,
        Purpose::Cart,
        Purpose::OrderPass,
        Purpose::ApiKey,
        Purpose::Response,
        Purpose::Name,
        Purpose::Session,
        Purpose::SecurityCode,
        Purpose::Staff,
        Purpose::SupportText,
        Purpose::CasePass,
        Purpose::Risk,
        Purpose::Unsubscribe,
        Purpose::Counter,
        Purpose::Agent,
        Purpose::PrintJob,
        Purpose::Buyer,
        Purpose::IdDocument,
    ];

    fn label(self) -> &'static [u8] {
        match self {
            Purpose::Msisdn => b"msisdn",
            Purpose::Email => b"email",
            Purpose::Cart => b"cart",
            Purpose::OrderPass => b"order pass",
            Purpose::ApiKey => b"api key",
            Purpose::Response => b"response",
            Purpose::Name => b"name",
            Purpose::Session => b"session",
            Purpose::SecurityCode => b"security code",
            Purpose::Staff => b"staff",
            Purpose::SupportText => b"support text",
            Purpose::CasePass => b"case pass",
            Purpose::Risk => b"risk",
            Purpose::Unsubscribe => b"unsubscribe",
            Purpose::Counter => b"counter",
            Purpose::Agent => b"agent",
            Purpose::PrintJob => b"print job",
            Purpose::Buyer => b"buyer",
            Purpose::IdDocument => b"id document",
        }
    }
}

impl Keyring {
    /// Reads the file, or makes one with a first key. The file is readable by its owner only.
    pub fn open_or_make(path: &Path) -> Result<Keyring> {
        if !path.exists() {
            let keys = vec![Key { id: "k1".into(), secret: fresh()? }];
            let receipt_keys = vec![receipt_key::first()?];
            write(path, &File { current: "k1".into(), keys, receipt_keys })?;
        }
        Keyring::open(path)
    }

    pub fn open(path: &Path) -> Result<Keyring> {
        let file = read(path)?;
        let keys = file
            .keys
            .iter()
            .map(|key| {
                let secret =
                    BASE64.decode(&key.secret).with_context(|| format!("key {} is not base 64", key.id))?;
                ensure!(secret.len() == 32, "key {} has not 32 bytes", key.id);
                Loaded::new(key.id.clone(), secret)
            })
            .collect::<Result<Vec<_>>>()?;
        let current =
            keys.iter().position(|k| k.id == file.current).context("the keyring's current key is missing")?;
        Ok(Keyring { current, keys, receipt_keys: receipt_key::load(&file)? })
    }

    /// Adds a key and makes it the current one. Old keys stay, to read what they sealed.
    pub fn rotate(path: &Path) -> Result<String> {
        let mut file = read(path)?;
        let id = format!("k{}", file.keys.len() + 1);
        file.keys.push(Key { id: id.clone(), secret: fresh()? });
        file.current.clone_from(&id);
        write(path, &file)?;
        Ok(id)
    }

    /// Seals a value: `keyid.nonce+ciphertext+tag`.
    pub fn seal(&self, purpose: Purpose, plain: &str) -> Result<String> {
        self.seal_bytes(purpose, plain.as_bytes())
    }

    /// Seals what is not text, in the same way.
    pub fn seal_bytes(&self, purpose: Purpose, plain: &[u8]) -> Result<String> {
        let key = &self.keys[self.current];
        let mut bytes = plain.to_vec();
        let nonce =
            key.cipher(purpose)?.seal_in_place_append_tag(aead::Aad::from(purpose.label()), &mut bytes)?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut bytes);
        Ok(format!("{}.{}", key.id, BASE64.encode(out)))
    }

    /// Opens a sealed value; an altered or foreign one is an error.
    pub fn open_sealed(&self, purpose: Purpose, sealed: &str) -> Result<String> {
        Ok(String::from_utf8(self.open_bytes(purpose, sealed)?)?)
    }

    /// Opens what [`Keyring::seal_bytes`] sealed.
    pub fn open_bytes(&self, purpose: Purpose, sealed: &str) -> Result<Vec<u8>> {
        let (id, body) = sealed.split_once('.').context("not a sealed value")?;
        let Some(key) = self.keys.iter().find(|key| key.id == id) else {
            bail!("sealed with the unknown key {id:?}")
        };
        let mut bytes = BASE64.decode(body).context("not a sealed value")?;
        ensure!(bytes.len() > aead::NONCE_LEN, "not a sealed value");
        let mut rest = bytes.split_off(aead::NONCE_LEN);
        let nonce = aead::Nonce::try_assume_unique_for_key(&bytes)?;
        let plain = key.cipher(purpose)?.open_in_place(nonce, aead::Aad::from(purpose.label()), &mut rest)?;
        Ok(plain.to_vec())
    }

    /// The keyed hash of a value under the current key.
    pub fn hash(&self, purpose: Purpose, value: &str) -> String {
        hash_with(&self.keys[self.current], purpose, value)
    }

    /// The keyed hashes of a value under every key, to find what an earlier key hashed.
    pub fn hashes(&self, purpose: Purpose, value: &str) -> Vec<String> {
        self.keys.iter().map(|key| hash_with(key, purpose, value)).collect()
    }
}

fn hash_with(key: &Loaded, purpose: Purpose, value: &str) -> String {
    let derived = hmac::Key::new(hmac::HMAC_SHA256, &derive(&key.secret, b"hash", purpose));
    let tag = hmac::sign(&derived, value.as_bytes());
    format!("{}.{}", key.id, BASE64.encode(&tag.as_ref()[..24]))
}

/// A key for one use and purpose: HMAC as a pseudo-random function, as in HKDF-Expand (RFC 5869 §2.3).
fn derive(secret: &[u8], part: &[u8], purpose: Purpose) -> Vec<u8> {
    derived(secret, &[part, b"/", purpose.label()].concat())
}

fn derived(secret: &[u8], info: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(info);
    context.update(&[1]);
    context.sign().as_ref().to_vec()
}

fn fresh() -> Result<String> {
    let mut bytes = [0u8; 32];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(BASE64.encode(bytes))
}

fn read(path: &Path) -> Result<File> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading the keyring {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("reading the keyring {}", path.display()))
}

/// Writes beside the file and renames, so that a kill never leaves half a keyring.
fn write(path: &Path, file: &File) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut out =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    out.write_all(serde_json::to_string_pretty(file)?.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(&beside, path).with_context(|| format!("writing the keyring {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_after_rotation_and_for_its_purpose_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let ring = Keyring::open_or_make(&path).unwrap();
        let sealed = ring.seal(Purpose::Msisdn, "447400123456").unwrap();
        assert_ne!(
            sealed,
            ring.seal(Purpose::Msisdn, "447400123456").unwrap(),
            "equal values must not look equal"
        );
        let old_hash = ring.hash(Purpose::Msisdn, "447400123456");
        Keyring::rotate(&path).unwrap();
        let ring = Keyring::open(&path).unwrap();
        assert_eq!(ring.open_sealed(Purpose::Msisdn, &sealed).unwrap(), "447400123456");
        assert!(ring.open_sealed(Purpose::Email, &sealed).is_err());
        assert!(ring.hashes(Purpose::Msisdn, "447400123456").contains(&old_hash));
        assert_ne!(ring.hash(Purpose::Msisdn, "447400123456"), old_hash);
    }

    #[test]
    fn an_altered_seal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::open_or_make(&folder.path().join("keyring.json")).unwrap();
        let sealed = ring.seal(Purpose::Cart, "hello").unwrap();
        for altered in
            [sealed.replace("k1.", "k2."), format!("{sealed}A"), sealed[..sealed.len() - 2].to_owned()]
        {
            assert!(ring.open_sealed(Purpose::Cart, &altered).is_err(), "{altered}");
        }
    }
}
