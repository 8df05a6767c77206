//! Parts on the wire, statuses and receipts.

use super::*;
use domain::id::MessageId;
use rusmpp::pdus::SubmitSmResp;
use rusmpp::tlvs::MessageDeliveryRequestTlvValue;

fn sms(to: &str, text: &str) -> Sms {
    Sms { id: MessageId::stored("msg_1"), to: to.into(), text: text.into() }
}

fn shop() -> Source {
    Source::Name("Recarga".into())
}

#[test]
fn a_short_text_goes_out_as_one_part_without_a_header() {
    let parts = submits(&sms("447400123456", "Credited: £10"), &shop()).unwrap();
    let [part] = parts.as_slice() else { panic!("{} parts", parts.len()) };
    assert_eq!(u8::from(part.esm_class), 0);
    assert_eq!(u8::from(part.registered_delivery), 1);
    assert_eq!((part.data_coding, u8::from(part.data_coding)), (DataCoding::McSpecific, 0));
    assert_eq!((part.source_addr_ton, part.source_addr_npi), (Ton::Alphanumeric, Npi::Unknown));
    assert_eq!((part.dest_addr_ton, part.dest_addr_npi), (Ton::International, Npi::Isdn));
    assert_eq!((part.source_addr.as_str(), part.destination_addr.as_str()), ("Recarga", "447400123456"));
    assert_eq!(&part.short_message()[..], b"Credited: \x0110");
}

#[test]
fn a_long_text_goes_out_with_numbered_headers_that_a_second_try_repeats() {
    let long = sms("447400123456", &"充".repeat(70 + 1));
    let parts = submits(&long, &Source::Number("447400000000".into())).unwrap();
    assert_eq!(parts.len(), 2);
    let reference = parts[0].short_message()[3];
    for (part, number) in parts.iter().zip(1..) {
        assert_eq!(u8::from(part.esm_class), 0x40);
        assert_eq!(u8::from(part.data_coding), 8);
        assert_eq!((part.source_addr_ton, part.source_addr_npi), (Ton::International, Npi::Isdn));
        assert_eq!(part.short_message()[..6], [5, 0, 3, reference, 2, number]);
        assert!(part.short_message().len() <= 140);
    }
    assert_eq!(submits(&long, &Source::Number("447400000000".into())).unwrap(), parts);
}

#[test]
fn what_no_sms_centre_could_take_is_refused_before_it_is_sent() {
    for (to, text, code) in [
        ("", "x".to_owned(), "number_not_e164"),
        ("+447400123456", "x".to_owned(), "number_not_e164"),
        ("4474001234567890", "x".to_owned(), "number_not_e164"),
        ("447400123456", "x".repeat(153 * 256), "text_too_long"),
    ] {
        assert_eq!(submits(&sms(to, &text), &shop()).unwrap_err(), code);
    }
    for source in
        [Source::Name("twelve chars".into()), Source::Number("+44".into()), Source::ShortCode(String::new())]
    {
        assert!(check_source(&source).is_err(), "{source:?}");
    }
    assert!(check_source(&Source::ShortCode("10086".into())).is_ok());
}

#[test]
fn every_answer_to_a_submit_means_what_the_table_says() {
    use CommandStatus as S;
    let resp = |status: S, id: &str| {
        let pdu = SubmitSmResp::builder().message_id(COctetString::from_str(id).unwrap()).build();
        outcome(&Command::new(status, 1, pdu))
    };
    assert_eq!(resp(S::EsmeRok, "a1"), SmsOutcome::Accepted { message_ids: vec!["a1".into()] });
    assert_eq!(resp(S::EsmeRok, ""), SmsOutcome::Accepted { message_ids: vec![] });
    for status in [S::EsmeRinvdstadr, S::EsmeRinvsrcadr, S::EsmeRinvmsglen, S::EsmeRinvdstton, S::EsmeRinvdcs]
    {
        assert_eq!(resp(status, ""), SmsOutcome::Refused { code: format!("{status:?}") });
    }
    for status in [S::EsmeRsyserr, S::EsmeRsubmitfail, S::EsmeRinvbndsts, S::Other(0x500)] {
        assert_eq!(resp(status, ""), SmsOutcome::Unknown { why: format!("{status:?}") });
    }
    for status in [S::EsmeRthrottled, S::EsmeRmsgqful] {
        assert_eq!(resp(status, ""), SmsOutcome::NotTaken { why: format!("{status:?}") });
    }
    for status in [S::EsmeRok, S::EsmeRinvcmdid, S::EsmeRinvdstadr] {
        let nack = outcome(&Command::new(status, 1, Pdu::GenericNack));
        assert!(matches!(nack, SmsOutcome::Unknown { .. }), "{nack:?}");
    }
}

fn deliver(esm_class: u8, text: &str, tlvs: Vec<MessageDeliveryRequestTlvValue>) -> DeliverSm {
    DeliverSm::builder()
        .esm_class(EsmClass::from(esm_class))
        .short_message(OctetString::from_slice(text.as_bytes()).unwrap())
        .tlvs(tlvs)
        .build()
}

#[test]
fn a_receipt_is_read_from_its_tlvs_or_else_from_its_text() {
    let undelivered = |code: &str| DeliveryState::Undelivered { code: code.into() };
    let text = |stat: &str| {
        format!(
            "id:a1 sub:001 dlvrd:001 submit date:2511221643 done date:2511221644 stat:{stat} err:000 text:Hi"
        )
    };
    for (stat, state) in [
        ("DELIVRD", DeliveryState::Delivered),
        ("delivrd", DeliveryState::Delivered),
        ("EXPIRED", undelivered("EXPIRED")),
        ("DELETED", undelivered("DELETED")),
        ("UNDELIV", undelivered("UNDELIV")),
        ("REJECTD", undelivered("REJECTD")),
        ("ACCEPTD", DeliveryState::Other),
        ("UNKNOWN", DeliveryState::Other),
        ("ENROUTE", DeliveryState::Other),
        ("", DeliveryState::Other),
    ] {
        let found = receipt(&deliver(4, &text(stat), vec![]));
        assert_eq!(found, Some(DeliveryReceipt { message_id: "a1".into(), state }), "{stat}");
    }
    let id = || MessageDeliveryRequestTlvValue::ReceiptedMessageId(COctetString::from_str("b2").unwrap());
    for (wire, state) in [
        (MessageState::Delivered, DeliveryState::Delivered),
        (MessageState::Expired, undelivered("EXPIRED")),
        (MessageState::Deleted, undelivered("DELETED")),
        (MessageState::Undeliverable, undelivered("UNDELIV")),
        (MessageState::Rejected, undelivered("REJECTD")),
        (MessageState::Skipped, undelivered("SKIPPED")),
        (MessageState::Enroute, DeliveryState::Other),
        (MessageState::Accepted, DeliveryState::Other),
        (MessageState::Unknown, DeliveryState::Other),
        (MessageState::Other(99), DeliveryState::Other),
    ] {
        let tlvs = vec![id(), MessageDeliveryRequestTlvValue::MessageState(wire)];
        let found = receipt(&deliver(0, &text("DELIVRD"), tlvs));
        assert_eq!(found, Some(DeliveryReceipt { message_id: "b2".into(), state }), "{wire:?}");
    }
}

#[test]
fn a_message_from_a_phone_is_no_receipt() {
    assert_eq!(receipt(&deliver(0, "id:a1 stat:DELIVRD", vec![])), None);
    assert_eq!(receipt(&deliver(4, "no fields", vec![])), None);
    assert_eq!(receipt(&deliver(4, "id: stat:DELIVRD", vec![])), None);
}

fn from_phone(esm_class: u8, coding: u8, octets: &[u8]) -> Option<(String, String)> {
    let message = DeliverSm::builder()
        .source_addr(COctetString::from_str("447400123456").unwrap())
        .esm_class(EsmClass::from(esm_class))
        .data_coding(DataCoding::from(coding))
        .short_message(OctetString::from_slice(octets).unwrap())
        .build();
    inbound(&message).map(|heard| (heard.from, heard.text))
}

#[test]
fn a_message_from_a_phone_is_read_in_the_codings_of_phones() {
    let wide = [0x90, 0x00, 0x8b, 0xa2];
    for (esm_class, coding, octets, text) in [
        (0, 0, b"STOP".as_slice(), "STOP"),
        (0, 1, b"stop", "stop"),
        (0, 3, b"stop\xe9", "stop\u{e9}"),
        (0, 8, wide.as_slice(), "退订"),
        (0x40, 0, b"\x05\x00\x03\x01\x02\x01STOP", "STOP"),
        (0x40, 0, b"\xffSTOP", ""),
        (0, 4, b"\x01\x02", ""),
    ] {
        let found = from_phone(esm_class, coding, octets);
        assert_eq!(found, Some(("447400123456".into(), text.into())), "{coding}: {octets:?}");
    }
    for notification in [0x04, 0x08, 0x10, 0x20] {
        assert_eq!(from_phone(notification, 0, b"STOP"), None);
    }
}
