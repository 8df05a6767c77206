//! The signed text of a receipt: what its QR code says, so that anybody can tell an altered receipt from a genuine one
//! without asking us. Written and read here; `store::keyring` signs and checks it. docs/receipts.md explains it to
//! whoever wants to check one.
//!
//! `https://HOST/r/7K2M9-QX4TB#1.r1.R.1030GBP.1795364100.3456.SIGNATURE`: what follows `/r/`, up to the last dot, is
//! what is signed, byte for byte. It stands behind the `#`, so that no server is sent it unless somebody sends it.

use crate::code;
use crate::money::{Currency, Money};
use crate::states;
use crate::time::{SECOND_MS, UnixMs};

/// The way in which the text is written; another one gets another number.
pub const VERSION: &str = "1";
/// An Ed25519 signature (RFC 8032, 64 bytes) in URL-safe base 64 without padding.
pub const SIGNATURE_CHARS: usize = 86;
/// No address with a signed text is longer.
pub const TEXT_MAX: usize = 400;

states! {
    /// What was signed.
    ProofKind {
        Receipt = "R",
        CreditNote = "C",
    }
}

/// What a receipt says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofOfSale {
    pub code: String,
    /// The id of the key that signs it.
    pub key: String,
    pub kind: ProofKind,
    pub amount: Money,
    /// When it was sold, or given back; in whole seconds.
    pub issued_at: UnixMs,
    /// The last four digits of the number.
    pub last4: String,
}

impl ProofOfSale {
    /// The bytes that are signed.
    pub fn message(&self) -> String {
        format!(
            "{}#{VERSION}.{}.{}.{}{}.{}.{}",
            self.code,
            self.key,
            self.kind,
            self.amount.minor,
            self.amount.currency,
            self.issued_at.0 / SECOND_MS,
            self.last4
        )
    }

    /// The address that the QR code leads to.
    pub fn url(&self, public_url: &str, signature: &str) -> String {
        format!("{public_url}/r/{}.{signature}", self.message())
    }
}

/// A signed text that could be read. Whether the signature fits is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedText {
    pub proof: ProofOfSale,
    pub signature: String,
}

states! {
    /// What is to be said of a signed text.
    ProofVerdict {
        /// We signed it, and our books say the same.
        Genuine = "genuine",
        /// The signature does not fit: something was altered, or another key signed it.
        Forged = "forged",
        /// We never had a key of this name.
        KeyUnknown = "key_unknown",
        /// We signed it for another sale than the one that was looked up.
        OtherSale = "other_sale",
        /// The signature fits, and our books know nothing of it.
        NotInBooks = "not_in_books",
        /// The end is missing.
        Truncated = "truncated",
        /// There is a code and nothing that is signed.
        Unsigned = "unsigned",
        /// Written by rules that came later.
        OtherVersion = "other_version",
        /// No text of a receipt of ours.
        Unreadable = "unreadable",
    }
}

/// Reads an address or what follows `/r/` in it.
pub fn read(text: &str) -> Result<SignedText, ProofVerdict> {
    let text = text.trim();
    if text.len() > TEXT_MAX {
        return Err(ProofVerdict::Unreadable);
    }
    let own = text.rsplit_once("/r/").map_or(text, |(_, own)| own);
    let (code, signed) = own.split_once('#').unwrap_or((own, ""));
    let code = code::parse(code.split('?').next().unwrap_or("")).ok_or(ProofVerdict::Unreadable)?;
    if signed.is_empty() {
        return Err(ProofVerdict::Unsigned);
    }
    let mut fields = signed.split('.');
    if fields.next() != Some(VERSION) {
        return Err(ProofVerdict::OtherVersion);
    }
    let fields: Vec<&str> = fields.collect();
    let [key, kind, amount, issued, last4, signature] = fields[..] else {
        let short = fields.len() < 6;
        return Err(if short { ProofVerdict::Truncated } else { ProofVerdict::Unreadable });
    };
    if signature.len() < SIGNATURE_CHARS {
        return Err(ProofVerdict::Truncated);
    }
    let proof = proof(code, key, kind, amount, (issued, last4)).ok_or(ProofVerdict::Unreadable)?;
    // One sale has one text: leading zeros and the like would be a second one.
    if signature.len() > SIGNATURE_CHARS || proof.message() != format!("{}#{}", proof.code, head(signed)) {
        return Err(ProofVerdict::Unreadable);
    }
    Ok(SignedText { proof, signature: signature.to_owned() })
}

/// All but the signature.
fn head(signed: &str) -> &str {
    signed.rsplit_once('.').map_or(signed, |(head, _)| head)
}

fn proof(
    code: String,
    key: &str,
    kind: &str,
    amount: &str,
    (issued, last4): (&str, &str),
) -> Option<ProofOfSale> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (minor, currency) = amount.split_at_checked(amount.len().checked_sub(3)?)?;
    if !digits(minor) || !digits(issued) || !digits(last4) || last4.len() > 4 || !is_key_id(key) {
        return None;
    }
    let currency: Currency = currency.parse().ok()?;
    Some(ProofOfSale {
        code,
        key: key.to_owned(),
        kind: ProofKind::parse(kind)?,
        amount: Money::new(minor.parse().ok()?, currency),
        issued_at: UnixMs(issued.parse::<i64>().ok()?.checked_mul(SECOND_MS)?),
        last4: last4.to_owned(),
    })
}

/// `r` and a number.
fn is_key_id(id: &str) -> bool {
    let number = id.strip_prefix('r').unwrap_or("");
    (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> ProofOfSale {
        ProofOfSale {
            code: code::code(UnixMs(1_700_000_000_000), [7; 16]),
            key: "r1".into(),
            kind: ProofKind::Receipt,
            amount: Money::new(1030, "GBP".parse().unwrap()),
            issued_at: UnixMs(1_795_364_100_000),
            last4: "3456".into(),
        }
    }

    fn url() -> String {
        sample().url("https://topup.example", &"A".repeat(SIGNATURE_CHARS))
    }

    #[test]
    fn what_was_written_is_read_from_the_address_and_from_what_follows_r() {
        let own = url().rsplit_once("/r/").unwrap().1.to_owned();
        for text in [url(), own, format!("  {}\n", url())] {
            let read = read(&text).unwrap();
            assert_eq!((read.proof, read.signature.len()), (sample(), SIGNATURE_CHARS), "{text}");
        }
        assert!(url().len() <= 165, "a QR code for narrow paper has no room for {} letters", url().len());
    }

    #[test]
    fn a_text_that_lost_its_end_is_truncated_wherever_it_was_cut() {
        let whole = url();
        let hash = whole.find('#').unwrap();
        for cut in hash + 3..whole.len() {
            assert_eq!(read(&whole[..cut]), Err(ProofVerdict::Truncated), "{}", &whole[..cut]);
        }
        assert_eq!(read(&whole[..=hash]), Err(ProofVerdict::Unsigned));
        assert_eq!(read(&whole[..hash]), Err(ProofVerdict::Unsigned));
    }

    #[test]
    fn what_is_written_otherwise_is_not_taken() {
        for (from, to, verdict) in [
            ("#1.", "#2.", ProofVerdict::OtherVersion),
            (".R.", ".X.", ProofVerdict::Unreadable),
            (".1030GBP.", ".01030GBP.", ProofVerdict::Unreadable),
            (".1030GBP.", ".-1030GBP.", ProofVerdict::Unreadable),
            (".1030GBP.", ".1030ZZZ.", ProofVerdict::Unreadable),
            (".1030GBP.", ".GBP.", ProofVerdict::Unreadable),
            (".3456.", ".34567.", ProofVerdict::Unreadable),
            (".r1.", ".k1.", ProofVerdict::Unreadable),
            (".3456.", ".3456.3456.", ProofVerdict::Unreadable),
        ] {
            assert_eq!(read(&url().replacen(from, to, 1)), Err(verdict), "{to}");
        }
        let long = format!("{}{}", url(), "A".repeat(TEXT_MAX));
        assert_eq!(read(&long), Err(ProofVerdict::Unreadable));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fall(text in ".{0,300}") {
            let _ = read(&text);
        }

        #[test]
        fn every_sale_is_read_as_it_was_written(minor in 0i64..i64::MAX, seconds in 0i64..9_000_000_000, key in 1u32..999_999) {
            let proof = ProofOfSale {
                key: format!("r{key}"),
                amount: Money::new(minor, "JPY".parse().unwrap()),
                issued_at: UnixMs(seconds * SECOND_MS),
                ..sample()
            };
            prop_assert_eq!(read(&proof.url("", &"b".repeat(SIGNATURE_CHARS))).unwrap().proof, proof);
        }
    }
}
