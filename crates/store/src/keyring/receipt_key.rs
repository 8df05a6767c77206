//! The keys that sign receipts: Ed25519 (RFC 8032), each with an id and the time from which it signs. A receipt is
//! signed by the key of the time at which it was issued, so that it says the same whenever it is printed; keys that
//! sign no more stay, and stay published.

use super::{File, Keyring, derived, fresh, read, write};
use anyhow::{Context, Result, ensure};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::time::UnixMs;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One key in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    id: String,
    /// The 32 random bytes that the key is made from, in URL-safe base 64.
    seed: String,
    /// From when it signs; the first one has signed from the beginning.
    valid_from: UnixMs,
}

/// One key in memory.
pub(super) struct Signing {
    id: String,
    from: UnixMs,
    pair: Ed25519KeyPair,
}

/// What is published of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    pub id: String,
    /// 32 bytes in URL-safe base 64, as `x` of a JSON Web Key (RFC 8037 §2).
    pub public: String,
    pub from: UnixMs,
    /// When the next one took over; none: it signs today.
    pub until: Option<UnixMs>,
}

/// Does a signature fit?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fits {
    Yes,
    No,
    /// There never was a key of this id.
    KeyUnknown,
}

/// The first key of a file.
pub(super) fn first() -> Result<Stored> {
    Ok(Stored { id: "r1".into(), seed: fresh()?, valid_from: UnixMs(0) })
}

/// A file from before receipts were signed has no key: its first one follows from its first secret, the same in every
/// process that reads it.
fn stored(file: &File) -> Result<Vec<Stored>> {
    if !file.receipt_keys.is_empty() {
        return Ok(file.receipt_keys.clone());
    }
    let secret = file.keys.first().context("the keyring has no key")?;
    let seed = derived(&BASE64.decode(&secret.secret)?, b"receipt key");
    Ok(vec![Stored { id: "r1".into(), seed: BASE64.encode(seed), valid_from: UnixMs(0) }])
}

/// The keys of a file, the oldest first.
pub(super) fn load(file: &File) -> Result<Vec<Signing>> {
    let keys = stored(file)?.into_iter().map(|key| {
        let seed = BASE64.decode(&key.seed).with_context(|| format!("key {} is not base 64", key.id))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .with_context(|| format!("key {} does not sign", key.id))?;
        Ok(Signing { id: key.id, from: key.valid_from, pair })
    });
    let keys = keys.collect::<Result<Vec<_>>>()?;
    ensure!(keys.is_sorted_by_key(|key| key.from), "the keys of receipts do not follow each other");
    Ok(keys)
}

impl Keyring {
    /// The public halves of all keys that ever signed receipts, the oldest first, and of the one that will.
    pub fn receipt_keys(&self) -> Vec<PublishedKey> {
        let next = self.receipt_keys.iter().skip(1).map(|key| Some(key.from)).chain([None]);
        let published = self.receipt_keys.iter().zip(next).map(|(key, until)| PublishedKey {
            id: key.id.clone(),
            public: BASE64.encode(key.pair.public_key().as_ref()),
            from: key.from,
            until,
        });
        published.collect()
    }

    /// The id of the key that signs what was issued at a time.
    pub fn receipt_key_at(&self, issued: UnixMs) -> &str {
        let known = self.receipt_keys.iter().rev().find(|key| key.from <= issued);
        known.or(self.receipt_keys.first()).map_or("", |key| key.id.as_str())
    }

    /// Signs a text of a receipt, in URL-safe base 64.
    pub fn sign_receipt(&self, key: &str, message: &str) -> Result<String> {
        let key = self.receipt_keys.iter().find(|own| own.id == key).context("no such key for receipts")?;
        Ok(BASE64.encode(key.pair.sign(message.as_bytes()).as_ref()))
    }

    /// Is this text signed by the key that it names, and was that the key of its time?
    pub fn receipt_fits(&self, key: &str, issued: UnixMs, message: &str, signature: &str) -> Fits {
        let Some(own) = self.receipt_keys.iter().find(|own| own.id == key) else { return Fits::KeyUnknown };
        let Ok(signature) = BASE64.decode(signature) else { return Fits::No };
        let public = UnparsedPublicKey::new(&ED25519, own.pair.public_key().as_ref());
        let signed = public.verify(message.as_bytes(), &signature).is_ok();
        // Whoever has an old key cannot sign what is sold today.
        if signed && self.receipt_key_at(issued) == key { Fits::Yes } else { Fits::No }
    }

    /// Adds a key for receipts that signs from `valid_from` on. Until then it is only published, so that whoever checks
    /// receipts without a network knows it in time.
    pub fn rotate_receipt_key(path: &Path, valid_from: UnixMs) -> Result<String> {
        let mut file = read(path)?;
        file.receipt_keys = stored(&file)?;
        let last = file.receipt_keys.last().context("the keyring has no key for receipts")?;
        ensure!(last.valid_from < valid_from, "key {} takes over later than that", last.id);
        let id = format!("r{}", file.receipt_keys.len() + 1);
        file.receipt_keys.push(Stored { id: id.clone(), seed: fresh()?, valid_from });
        write(path, &file)?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "7K2M9-QX4TB#1.r1.R.1030GBP.1795364100.3456";

    fn ring() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        Keyring::open_or_make(&path).unwrap();
        (folder, path)
    }

    #[test]
    fn a_signature_fits_its_text_and_key_and_nothing_else() {
        let (_folder, path) = ring();
        let (_other, foreign) = ring();
        let (ring, foreign) = (Keyring::open(&path).unwrap(), Keyring::open(&foreign).unwrap());
        let signed = ring.sign_receipt("r1", TEXT).unwrap();
        let at = UnixMs(1_795_364_100_000);
        assert_eq!(signed.len(), domain::proof_of_sale::SIGNATURE_CHARS);
        assert_eq!(ring.receipt_fits("r1", at, TEXT, &signed), Fits::Yes);
        assert_eq!(ring.receipt_fits("r1", at, &TEXT.replace("1030", "9030"), &signed), Fits::No);
        assert_eq!(ring.receipt_fits("r1", at, TEXT, &foreign.sign_receipt("r1", TEXT).unwrap()), Fits::No);
        assert_eq!(ring.receipt_fits("r9", at, TEXT, &signed), Fits::KeyUnknown);
        assert_eq!(ring.receipt_fits("r1", at, TEXT, "not base 64!"), Fits::No);
    }

    #[test]
    fn after_a_rotation_each_receipt_has_the_key_of_its_time_and_old_keys_stay_published() {
        let (_folder, path) = ring();
        let before = Keyring::open(&path).unwrap();
        let (old, new) = (UnixMs(1_000), UnixMs(9_000));
        assert_eq!(Keyring::rotate_receipt_key(&path, UnixMs(5_000)).unwrap(), "r2");
        let ring = Keyring::open(&path).unwrap();
        assert_eq!((ring.receipt_key_at(old), ring.receipt_key_at(new)), ("r1", "r2"));
        let keys = ring.receipt_keys();
        assert_eq!((keys[0].until, keys[1].from, keys[1].until), (Some(UnixMs(5_000)), UnixMs(5_000), None));
        assert_eq!(keys[0].public, before.receipt_keys()[0].public);
        let signed = before.sign_receipt("r1", TEXT).unwrap();
        assert_eq!(ring.receipt_fits("r1", old, TEXT, &signed), Fits::Yes);
        assert_eq!(ring.receipt_fits("r1", new, TEXT, &signed), Fits::No, "an old key signs nothing new");
        assert!(Keyring::rotate_receipt_key(&path, UnixMs(5_000)).is_err(), "two keys for one time");
    }

    #[test]
    fn a_keyring_from_before_receipts_were_signed_has_one_key_in_every_process() {
        let (_folder, path) = ring();
        let mut file = read(&path).unwrap();
        file.receipt_keys.clear();
        write(&path, &file).unwrap();
        let public = |path: &Path| Keyring::open(path).unwrap().receipt_keys()[0].public.clone();
        let first = public(&path);
        assert_eq!(first, public(&path));
        Keyring::rotate(&path).unwrap();
        assert_eq!(first, public(&path), "another current secret changes no receipt");
        Keyring::rotate_receipt_key(&path, UnixMs(1)).unwrap();
        assert_eq!(first, public(&path));
    }
}
