//! Passphrase and one-time codes of staff: Argon2id (RFC 9106, with the parameters that OWASP names) and TOTP
//! (RFC 6238: SHA-1, six digits, 30 s, one step of grace to either side), and the QR code that sets it up.

use crate::world::World;
use anyhow::{Context, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use domain::time::UnixMs;
use std::sync::OnceLock;
use totp_rs::{Builder, Secret, Totp};

/// RFC 4226 §4 asks for 160 bits.
const SECRET_BYTES: usize = 20;

/// A new secret as authenticator programs take it: base 32.
pub fn new_secret(world: &World) -> String {
    let bytes: Vec<u8> =
        world.ids.random().into_iter().chain(world.ids.random()).take(SECRET_BYTES).collect();
    Secret::from(bytes).to_base32()
}

fn totp(secret: &str) -> Result<Totp> {
    let secret =
        Secret::try_from_base32(secret).map_err(|_| anyhow::anyhow!("a second factor is not base 32"))?;
    Builder::new().with_secret(secret).build().map_err(|error| anyhow::anyhow!("a second factor: {error:?}"))
}

fn seconds(now: UnixMs) -> u64 {
    u64::try_from(now.0 / 1_000).unwrap_or(0)
}

/// The step whose code this is, one before and one after now included.
pub fn step_of(secret: &str, code: &str, now: UnixMs) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let step = totp(secret)?.check(&digits, seconds(now));
    step.map(i64::try_from).transpose().context("a step out of range")
}

/// The code of this moment, for the demo's doors.
pub fn code_at(secret: &str, now: UnixMs) -> Result<String> {
    Ok(totp(secret)?.generate(seconds(now)).to_string())
}

/// What the QR code says (Key URI format, as authenticator programs read it).
pub fn uri(secret: &str, brand: &str, login: &str) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(b).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let (brand, login) = (encode(brand), encode(login));
    format!("otpauth://totp/{brand}:{login}?secret={secret}&issuer={brand}&algorithm=SHA1&digits=6&period=30")
}

/// Hashes a passphrase on a thread of its own: it takes long by design.
pub(super) async fn hash(world: &World, passphrase: &str) -> Result<String> {
    let (passphrase, salt) = (passphrase.to_owned(), world.ids.random());
    tokio::task::spawn_blocking(move || hash_with(&passphrase, &salt))
        .await
        .context("hashing a passphrase")?
}

fn hash_with(passphrase: &str, salt: &[u8]) -> Result<String> {
    let hashed = Argon2::default().hash_password_with_salt(passphrase.as_bytes(), salt);
    Ok(hashed.map_err(|error| anyhow::anyhow!("hashing a passphrase: {error}"))?.to_string())
}

/// Somebody who does not exist is checked as long as somebody who does.
static NOBODY: OnceLock<String> = OnceLock::new();

/// Is it the passphrase of this hash? Without a hash it is not, and that takes as long.
pub(super) async fn fits(passphrase: &str, hash: Option<String>) -> Result<bool> {
    let passphrase = passphrase.to_owned();
    let check = move || {
        let exists = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => match NOBODY.get() {
                Some(nobody) => nobody.clone(),
                None => NOBODY.get_or_init(|| hash_with("nobody", &[0; 16]).unwrap_or_default()).clone(),
            },
        };
        Argon2::default().verify_password(passphrase.as_bytes(), hash.as_str()).is_ok() && exists
    };
    tokio::task::spawn_blocking(check).await.context("checking a passphrase")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: the secret "12345678901234567890" and its codes, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code_at(&secret, UnixMs(at * 1_000)).unwrap(), code);
            assert_eq!(step_of(&secret, code, UnixMs(at * 1_000)).unwrap(), Some(at / 30));
            assert_eq!(step_of(&secret, code, UnixMs((at + 30) * 1_000)).unwrap(), Some(at / 30));
            assert_eq!(step_of(&secret, code, UnixMs((at + 90) * 1_000)).unwrap(), None);
        }
        for rubbish in ["", "12345", "1234567", "abcdef", "२८७०८२"] {
            assert_eq!(step_of(&secret, rubbish, UnixMs(59_000)).unwrap(), None, "{rubbish}");
        }
    }
}
