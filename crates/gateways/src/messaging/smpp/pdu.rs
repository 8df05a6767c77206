//! What goes over the wire and what comes back, without any I/O.
//!
//! Sources: SMPP 3.4 §4.4 (submit_sm), §4.6 (deliver_sm), §5.1.3 (command_status), §5.2 (fields), §5.3.2.12 and .35 (receipt
//! TLVs), appendix B (receipt text); 3GPP TS 23.040 §9.2.3.24.1 (concatenation header).

use super::{SmppConfig, SmppConfigError, SmsOutcome, Source};
use crate::messaging::{DeliveryReceipt, DeliveryState, Inbound, Sms};
use domain::sms::{Encoding, segments};
use rusmpp::pdus::{BindTransceiver, DeliverSm, SubmitSm};
use rusmpp::tlvs::TlvValue;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{
    DataCoding, EsmClass, InterfaceVersion, MessageState, MessageType, Npi, RegisteredDelivery, Ton,
};
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::str::FromStr;

/// A final receipt, whether the message arrived or not (§5.2.17).
const WANT_RECEIPT: u8 = 1;
/// Bits 2 to 5 of esm_class say what a deliver_sm is; none of them means a text message (§5.2.12).
const MESSAGE_TYPE: u8 = 0b0011_1100;
/// The short message starts with a user data header (§5.2.12, UDHI).
const HAS_HEADER: u8 = 0x40;

/// The bind request of a transceiver.
pub(super) fn bind(config: &SmppConfig) -> Result<BindTransceiver, SmppConfigError> {
    Ok(BindTransceiver::builder()
        .system_id(text(&config.system_id).ok_or(SmppConfigError("the system id is longer than 15"))?)
        .password(text(config.password.expose()).ok_or(SmppConfigError("the password is longer than 8"))?)
        .system_type(text(&config.system_type).ok_or(SmppConfigError("the system type is longer than 12"))?)
        .interface_version(InterfaceVersion::Smpp3_4)
        .build())
}

/// Is there room for the sender?
pub(super) fn check_source(source: &Source) -> Result<(), SmppConfigError> {
    let (max, fits): (usize, fn(&u8) -> bool) = match source {
        Source::Name(_) => (11, |b| b.is_ascii_graphic() || *b == b' '),
        Source::Number(_) => (15, u8::is_ascii_digit),
        Source::ShortCode(_) => (8, u8::is_ascii_digit),
    };
    let text = source_text(source);
    if text.is_empty() || text.len() > max || !text.bytes().all(|b| fits(&b)) {
        return Err(SmppConfigError("the sender is empty, too long or has other characters"));
    }
    Ok(())
}

fn source_text(source: &Source) -> &str {
    match source {
        Source::Name(text) | Source::Number(text) | Source::ShortCode(text) => text,
    }
}

fn text<const MAX: usize>(text: &str) -> Option<COctetString<1, MAX>> {
    COctetString::from_str(text).ok()
}

/// The submit_sm of each part, or the code of a message that no SMS centre could take.
pub(super) fn submits(sms: &Sms, source: &Source) -> Result<Vec<SubmitSm>, &'static str> {
    if sms.to.is_empty() || sms.to.len() > 15 || !sms.to.bytes().all(|b| b.is_ascii_digit()) {
        return Err("number_not_e164");
    }
    let cut = segments(&sms.text);
    let count = u8::try_from(cut.parts.len()).map_err(|_| "text_too_long")?;
    let (ton, npi) = match source {
        Source::Name(_) => (Ton::Alphanumeric, Npi::Unknown),
        Source::Number(_) => (Ton::International, Npi::Isdn),
        Source::ShortCode(_) => (Ton::NetworkSpecific, Npi::Unknown),
    };
    let coding = match cut.encoding {
        Encoding::Gsm7 => DataCoding::McSpecific,
        Encoding::Ucs2 => DataCoding::Ucs2,
    };
    let several = count > 1;
    let common = SubmitSm::builder()
        .source_addr_ton(ton)
        .source_addr_npi(npi)
        .source_addr(text(source_text(source)).ok_or("sender_invalid")?)
        .dest_addr_ton(Ton::International)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(text(&sms.to).ok_or("number_not_e164")?)
        .esm_class(EsmClass::from(if several { HAS_HEADER } else { 0 }))
        .registered_delivery(RegisteredDelivery::from(WANT_RECEIPT))
        .data_coding(coding)
        .build();
    let reference = reference(sms);
    cut.parts
        .into_iter()
        .zip(1_u8..)
        .map(|(part, number)| {
            let header = [0x05, 0x00, 0x03, reference, count, number];
            let octets = if several { [header.as_slice(), &part].concat() } else { part };
            let octets = OctetString::from_vec(octets).map_err(|_| "text_too_long")?;
            Ok(common.clone().with_short_message(octets))
        })
        .collect()
}

/// One reference per message, the same when the message is handed over again: the phone then joins the parts
/// of both into one.
fn reference(sms: &Sms) -> u8 {
    sms.id.as_str().bytes().fold(0, |sum: u8, b| sum.wrapping_mul(31).wrapping_add(b))
}

/// What the answer to a submit_sm means. Only a status that will never change for this message refuses it.
pub(super) fn outcome(command: &Command) -> SmsOutcome {
    use CommandStatus as S;
    let status = command.status();
    match status {
        S::EsmeRok if command.id() == CommandId::SubmitSmResp => {
            let named = match command.pdu() {
                Some(Pdu::SubmitSmResp(resp)) => Some(resp.message_id().as_str()),
                Some(_) | None => None,
            };
            let message_ids = named.filter(|id| !id.is_empty()).map(str::to_owned).into_iter().collect();
            SmsOutcome::Accepted { message_ids }
        }
        S::EsmeRinvmsglen
        | S::EsmeRinvsrcadr
        | S::EsmeRinvdstadr
        | S::EsmeRinvsertyp
        | S::EsmeRinvesmclass
        | S::EsmeRinvsrcton
        | S::EsmeRinvsrcnpi
        | S::EsmeRinvdstton
        | S::EsmeRinvdstnpi
        | S::EsmeRinvdcs
        | S::EsmeRprohibited
            if command.id() == CommandId::SubmitSmResp =>
        {
            SmsOutcome::Refused { code: format!("{status:?}") }
        }
        // It says that it took nothing, and that it is a matter of time (§5.1.3).
        S::EsmeRthrottled | S::EsmeRmsgqful if command.id() == CommandId::SubmitSmResp => {
            SmsOutcome::NotTaken { why: format!("{status:?}") }
        }
        // System error, the generic submit failure, a nack, a vendor's own number.
        other => SmsOutcome::Unknown { why: format!("{other:?}") },
    }
}

/// The receipt in a deliver_sm: from its TLVs, else from its text. `None` for a message from a phone.
pub(super) fn receipt(message: &DeliverSm) -> Option<DeliveryReceipt> {
    let mut named = None;
    let mut state = None;
    for tlv in message.tlvs() {
        match tlv.value() {
            Some(TlvValue::ReceiptedMessageId(id)) => named = Some(id.as_str().to_owned()),
            Some(TlvValue::MessageState(s)) => state = Some(state_of(*s)),
            Some(_) | None => {}
        }
    }
    let says_receipt = message.esm_class.message_type == MessageType::ShortMessageContainsMCDeliveryReceipt;
    if named.is_none() && !says_receipt {
        return None;
    }
    let text = String::from_utf8_lossy(message.short_message());
    let message_id = named.or_else(|| field(&text, "id").map(str::to_owned)).filter(|id| !id.is_empty())?;
    let state = state.unwrap_or_else(|| field(&text, "stat").map_or(DeliveryState::Other, state_of_word));
    Some(DeliveryReceipt { message_id, state })
}

/// The text message in a deliver_sm. `None` for what is no message from a phone: receipts, acknowledgements and
/// notifications (§5.2.12, bits 2 to 5).
pub(super) fn inbound(message: &DeliverSm) -> Option<Inbound> {
    if u8::from(message.esm_class) & MESSAGE_TYPE != 0 {
        return None;
    }
    let payload = message.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.as_ref().to_vec()),
        Some(_) | None => None,
    });
    // message_payload stands instead of short_message (§5.3.2.32).
    let octets = payload.unwrap_or_else(|| message.short_message().as_ref().to_vec());
    let has_header = u8::from(message.esm_class) & HAS_HEADER != 0;
    // The first octet of a user data header is its length (3GPP TS 23.040 §9.2.3.24).
    let skip = if has_header { octets.first().map_or(0, |length| usize::from(*length) + 1) } else { 0 };
    let text = read(message.data_coding, octets.get(skip..).unwrap_or_default());
    let from = message.source_addr.as_str().to_owned();
    (!from.is_empty()).then_some(Inbound { from, text })
}

/// The text of the codings in which phones write (§5.2.19); nothing of any other.
fn read(coding: DataCoding, octets: &[u8]) -> String {
    match coding {
        DataCoding::McSpecific => domain::sms::text(Encoding::Gsm7, octets),
        DataCoding::Ucs2 => domain::sms::text(Encoding::Ucs2, octets),
        // IA5 and Latin 1 are the first characters of Unicode.
        DataCoding::Ia5 | DataCoding::Latin1 => octets.iter().map(|octet| char::from(*octet)).collect(),
        _ => String::new(),
    }
}

/// The value of `name:value` in `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_ascii_whitespace().find_map(|pair| {
        let (key, value) = pair.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn state_of(state: MessageState) -> DeliveryState {
    let undelivered = |code: &str| DeliveryState::Undelivered { code: code.to_owned() };
    match state {
        MessageState::Delivered => DeliveryState::Delivered,
        MessageState::Expired => undelivered("EXPIRED"),
        MessageState::Deleted => undelivered("DELETED"),
        MessageState::Undeliverable => undelivered("UNDELIV"),
        MessageState::Rejected => undelivered("REJECTD"),
        MessageState::Skipped => undelivered("SKIPPED"),
        MessageState::Scheduled | MessageState::Enroute | MessageState::Accepted => DeliveryState::Other,
        MessageState::Unknown | MessageState::Other(_) => DeliveryState::Other,
    }
}

fn state_of_word(word: &str) -> DeliveryState {
    match word.to_ascii_uppercase().as_str() {
        "DELIVRD" => DeliveryState::Delivered,
        code @ ("EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" | "SKIPPED") => {
            DeliveryState::Undelivered { code: code.to_owned() }
        }
        _ => DeliveryState::Other,
    }
}

#[cfg(test)]
mod tests;
