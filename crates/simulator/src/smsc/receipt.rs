//! What becomes of a message, by the end of its number, and the delivery receipt that says so
//! (SMPP 3.4, appendix B). Start reading at [`Fate::of`].

use rusmpp::Pdu;
use rusmpp::pdus::{DeliverSm, SubmitSm};
use rusmpp::tlvs::MessageDeliveryRequestTlvValue as DeliveryTlv;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{EsmClass, MessageState, RegisteredDelivery};

use crate::clock;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Reaches the phone.
    Delivered,
    /// Accepted, and then not delivered.
    Undelivered,
    /// No answer to the submission, and not delivered.
    NoAnswer,
}

impl Fate {
    /// Numbers ending 0000 are not delivered, 0002 get no answer; none: 0001 and what is no number at all
    /// are refused.
    pub fn of(to: &str) -> Option<Self> {
        let digits: String = to.chars().filter(|c| *c != '+').collect();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.ends_with("0001")
        {
            return None;
        }
        match &digits[digits.len().saturating_sub(4)..] {
            "0000" => Some(Fate::Undelivered),
            "0002" => Some(Fate::NoAnswer),
            _ => Some(Fate::Delivered),
        }
    }
}

/// Whether registered_delivery asks for a receipt of this fate (SMPP 3.4, section 5.2.17; 3 is from 5.0).
pub fn wanted(registered: RegisteredDelivery, fate: Fate) -> bool {
    match u8::from(registered) & 0x03 {
        1 => true,
        2 => fate == Fate::Undelivered,
        3 => fate == Fate::Delivered,
        _ => false,
    }
}

/// The deliver_sm that carries the receipt, from the phone back to the sender.
pub fn of(message: &SubmitSm, id: &str, fate: Fate, now_ms: i64) -> Option<Pdu> {
    let (delivered, state, stat, error) = match fate {
        Fate::Delivered => ("001", MessageState::Delivered, "DELIVRD", "000"),
        Fate::Undelivered | Fate::NoAnswer => ("000", MessageState::Undeliverable, "UNDELIV", "001"),
    };
    let date = clock::receipt_date(now_ms);
    // The text field repeats the start of the message; octets that are not plain are left out.
    let start: String = message
        .short_message()
        .as_ref()
        .iter()
        .filter(|octet| octet.is_ascii_graphic() || **octet == b' ')
        .take(20)
        .map(|octet| char::from(*octet))
        .collect();
    let text = format!(
        "id:{id} sub:001 dlvrd:{delivered} submit date:{date} done date:{date} stat:{stat} err:{error} text:{start}"
    );
    let receipt = DeliverSm::builder()
        .source_addr_ton(message.dest_addr_ton)
        .source_addr_npi(message.dest_addr_npi)
        .source_addr(message.destination_addr.clone())
        .dest_addr_ton(message.source_addr_ton)
        .dest_addr_npi(message.source_addr_npi)
        .destination_addr(message.source_addr.clone())
        .esm_class(EsmClass::from(0x04))
        .short_message(OctetString::from_string(text).ok()?)
        .push_tlv(DeliveryTlv::ReceiptedMessageId(COctetString::from_string(id.to_owned()).ok()?))
        .push_tlv(DeliveryTlv::MessageState(state))
        .build();
    Some(receipt.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_number_decides() {
        assert_eq!(Fate::of("+447400123456"), Some(Fate::Delivered));
        assert_eq!(Fate::of("447400120000"), Some(Fate::Undelivered));
        assert_eq!(Fate::of("447400120001"), None);
        assert_eq!(Fate::of("447400120002"), Some(Fate::NoAnswer));
        assert_eq!(Fate::of("Recarga"), None);
        assert_eq!(Fate::of(""), None);
    }
}
