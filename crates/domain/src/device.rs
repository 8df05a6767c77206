//! Devices of a counter: a browser with a key pair of which we know the public half, and what is connected to it.

use crate::id::{AgentId, DeviceId, PlaceId};
use crate::slip::PaperWidth;
use crate::time::{SECOND_MS, UnixMs};

/// A receipt printer in the outlet's network.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PrinterSetting {
    /// Host and port.
    pub address: String,
    pub width: PaperWidth,
}

/// A device that was paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    pub agent: AgentId,
    /// Where it stands.
    pub place: PlaceId,
    /// What the owner calls it.
    pub name: String,
    /// The uncompressed point of an ECDSA key on P-256 (SEC 1 §2.3.3), 65 bytes in hex.
    pub public_key: String,
    pub printer: Option<PrinterSetting>,
    /// Which card reader stands beside it, as its provider calls it.
    pub reader: Option<String>,
    pub paired_at: UnixMs,
    pub revoked_at: Option<UnixMs>,
    pub last_seen_at: UnixMs,
}

/// A device that is about to be paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    pub agent: AgentId,
    pub place: PlaceId,
    pub name: String,
    pub expires_at: UnixMs,
}

/// How far the clock of a device may be off, to either side; its signatures are remembered as long.
pub const SKEW_MS: i64 = 60 * SECOND_MS;

/// What is wrong with the time of a signature, if anything: how far the device's clock is ahead of ours.
pub fn skew(created: UnixMs, now: UnixMs) -> Option<i64> {
    let ahead = created.0.saturating_sub(now.0);
    (ahead.saturating_abs() > SKEW_MS).then_some(ahead)
}

/// Letters of a card reader's own name.
pub const READER_MAX: usize = 100;
/// The longest name of a device.
pub const NAME_MAX: usize = 40;

/// Reads a name: 1 to 40 characters.
pub fn name(text: &str) -> Option<String> {
    let name = crate::clerk::name(text)?;
    (name.chars().count() <= NAME_MAX).then_some(name)
}

/// Reads a public key in hex: an uncompressed point.
pub fn public_key(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    (text.len() == 130 && text.starts_with("04") && text.bytes().all(|b| b.is_ascii_hexdigit()))
        .then_some(text)
}

/// Reads what makes a request unlike every other: 16 to 64 characters of base 64 for addresses, or hex.
pub fn is_nonce(text: &str) -> bool {
    (16..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_a_minute_off_to_either_side() {
        let now = UnixMs(1_700_000_000_000);
        for (off, told) in
            [(0, None), (60_000, None), (-60_000, None), (61_000, Some(61_000)), (-90_000, Some(-90_000))]
        {
            assert_eq!(skew(now.plus_ms(off), now), told, "{off}");
        }
    }

    #[test]
    fn a_key_is_a_point_and_a_nonce_is_long_enough() {
        let point = format!("04{}", "ab".repeat(64));
        assert_eq!(public_key(&point.to_uppercase()).as_deref(), Some(point.as_str()));
        for bad in ["", "04ab", &format!("02{}", "ab".repeat(64)), &format!("04{}", "zz".repeat(64))] {
            assert_eq!(public_key(bad), None, "{bad}");
        }
        assert!(is_nonce("0123456789abcdef") && !is_nonce("short") && !is_nonce("0123456789 abcdef"));
    }
}
