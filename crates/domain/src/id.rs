//! Ids: a prefix and a ULID as text, so that keys are ordered by time and say what they name.

use crate::time::UnixMs;

/// Where new ids come from: the program passes a random source, tests a counting one.
pub trait Ids: Send + Sync {
    /// A ULID (26 characters of Crockford's base 32) for an object made at `now`.
    fn next(&self, now: UnixMs) -> String;
    /// Sixteen unpredictable bytes, for codes and secrets.
    fn random(&self) -> [u8; 16];
}

/// Writes the ULID of a time and 80 random bits.
pub fn ulid(now: UnixMs, random: u128) -> String {
    let ms = u64::try_from(now.0).unwrap_or(0);
    ulid::Ulid::from_parts(ms, random).to_string()
}

/// When the object of an id was made, as its ULID says.
pub fn made_at(id: &str) -> Option<UnixMs> {
    let (_, ulid) = id.split_once('_')?;
    let made = ulid::Ulid::from_string(ulid).ok()?;
    i64::try_from(made.timestamp_ms()).ok().map(UnixMs)
}

/// The text is not an id of the expected kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id of the form {0}_…")]
pub struct NotAnId(pub &'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn new(ids: &dyn Ids, now: UnixMs) -> $name {
                $name(format!(concat!($prefix, "_{}"), ids.next(now)))
            }

            /// Reads an id that came from outside: prefix, then 26 characters of Crockford's base 32.
            pub fn parse(text: &str) -> Result<$name, NotAnId> {
                let rest = text.strip_prefix(concat!($prefix, "_")).ok_or(NotAnId($prefix))?;
                ulid::Ulid::from_string(rest).map_err(|_| NotAnId($prefix))?;
                Ok($name(text.to_owned()))
            }

            /// An id read back from our own database.
            pub fn stored(text: impl Into<String>) -> $name {
                $name(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An agent: a distributor or a dealer.
    AgentId = "ag";
    /// One API key of a partner.
    ApiKeyId = "key";
    /// One try to bring in a payment: one hosted page.
    AttemptId = "att";
    /// A bucket of allowance on a line.
    BucketId = "bkt";
    /// One marketing text to those who agreed.
    CampaignId = "cmp";
    /// A question of a customer and what was written about it.
    CaseId = "case";
    /// A person who sells at the counter of an outlet.
    ClerkId = "clk";
    /// One unlocking of a device by a clerk.
    ClerkSessionId = "cls";
    /// How a subscriber is reached: one phone number or e-mail address.
    ContactId = "con";
    /// A device at a counter.
    DeviceId = "dev";
    /// One signature of a market's fiscal device; its text is the key under which the device is asked.
    FiscalId = "fis";
    /// Somebody wants money on a float, or off it.
    FloatRequestId = "flr";
    /// A look at somebody's identity document at a counter.
    IdCheckId = "idc";
    /// An invoice, a simplified one, or a credit note.
    InvoiceId = "inv";
    /// A line: one number as long as it belongs to one subscription.
    LineId = "line";
    /// A message to a person.
    MessageId = "msg";
    /// One version of an offer.
    OfferVersionId = "ov";
    /// One call to a provider; its text is the provider's idempotency key.
    OperationId = "op";
    /// Whoever sells from a float: a developer through the API, an agent, an outlet.
    PartnerId = "pt";
    /// The money of one order that comes through a provider.
    PaymentId = "pay";
    /// A place where people can top up: an outlet of an agent, or a kiosk.
    PlaceId = "plc";
    /// One document for one printer.
    PrintJobId = "prn";
    /// One version of a promotion.
    PromotionVersionId = "pv";
    /// A price that was promised for a while.
    QuoteId = "qt";
    /// Money on its way back to the payer.
    RefundId = "rf";
    /// Somebody of the staff asks that money goes back.
    RefundRequestId = "rr";
    /// A registration that is not finished.
    RegistrationId = "reg";
    /// A one-time security code.
    SecurityCodeId = "sc";
    /// A message to a subscriber about the safety of the account.
    SecurityNoticeId = "sn";
    /// One device signed in to an account.
    SessionId = "ses";
    /// One period of one till, from its start cash to its count.
    ShiftId = "shf";
    /// A person who works in the office.
    StaffId = "stf";
    /// One sign-in of a person in the office.
    StaffSessionId = "sts";
    /// A person with an account.
    SubscriberId = "sub";
    /// A top-up: one purchase of credit or a bundle for one line.
    TopUpId = "tu";
    /// One record of what a line used.
    UsageId = "use";
    /// One row of work in the outbox.
    WorkId = "wk";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = format!("pay_{}", ulid(UnixMs(1_700_000_000_000), 7));
        assert!(PaymentId::parse(&id).is_ok());
        assert_eq!(TopUpId::parse(&id), Err(NotAnId("tu")));
        assert!(PaymentId::parse("pay_short").is_err());
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        assert!(ulid(UnixMs(1), u128::MAX) < ulid(UnixMs(2), 0));
    }
}
