//! The SMPP client against an SMS centre that is run by hand, PDU by PDU.

use domain::id::MessageId;
use futures_util::{SinkExt, StreamExt};
use gateways::Secret;
use gateways::messaging::smpp::{SmppConfig, SmppGateway, Source};
use gateways::messaging::{DeliveryReceipt, DeliveryState, Sms, SmsGateway, SmsOutcome};
use rusmpp::pdus::{BindTransceiverResp, DeliverSm, SubmitSmResp};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::EsmClass;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::str::FromStr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

type Centre = Framed<TcpStream, CommandCodec>;

fn config(listener: &TcpListener) -> SmppConfig {
    let address = listener.local_addr().expect("an address").to_string();
    let source = Source::Name("Recarga".into());
    SmppConfig {
        answer_within: Duration::from_secs(2),
        ..SmppConfig::new(address, "recarga", Secret::new("secret"), source)
    }
}

fn sms(text: &str) -> Sms {
    Sms { id: MessageId::stored("msg_1"), to: "447400123456".into(), text: text.into() }
}

/// The next command that is not about the link.
async fn next(centre: &mut Centre) -> Command {
    loop {
        let command = centre.next().await.expect("a command").expect("SMPP");
        if command.id() != CommandId::EnquireLink {
            return command;
        }
        reply(centre, &command, CommandStatus::EsmeRok, Pdu::EnquireLinkResp).await;
    }
}

async fn reply(centre: &mut Centre, to: &Command, status: CommandStatus, pdu: impl Into<Pdu>) {
    centre.send(Command::new(status, to.sequence_number(), pdu)).await.expect("the reply is taken");
}

/// Waits for a bind and grants it.
async fn bound(listener: &TcpListener) -> Centre {
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut centre = Framed::new(stream, CommandCodec::new());
    let bind = next(&mut centre).await;
    assert_eq!(bind.id(), CommandId::BindTransceiver);
    reply(&mut centre, &bind, CommandStatus::EsmeRok, BindTransceiverResp::default()).await;
    centre
}

fn named(id: &str) -> SubmitSmResp {
    SubmitSmResp::builder().message_id(COctetString::from_str(id).expect("a short id")).build()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

#[tokio::test]
async fn a_long_message_is_accepted_when_every_part_was_and_its_receipt_comes_back() {
    let listener = listener().await;
    let (gateway, mut receipts) = SmppGateway::start(config(&listener)).expect("a gateway");
    let centre = tokio::spawn(async move {
        let mut centre = bound(&listener).await;
        for id in ["a1", "a2"] {
            let submit = next(&mut centre).await;
            assert_eq!(submit.id(), CommandId::SubmitSm);
            reply(&mut centre, &submit, CommandStatus::EsmeRok, named(id)).await;
        }
        let text =
            OctetString::from_static_slice(b"id:a2 sub:001 dlvrd:001 stat:DELIVRD err:000").expect("short");
        let receipt = DeliverSm::builder().esm_class(EsmClass::from(4)).short_message(text).build();
        centre.send(Command::new(CommandStatus::EsmeRok, 77, receipt)).await.expect("taken");
        let answer = next(&mut centre).await;
        assert_eq!((answer.id(), answer.sequence_number()), (CommandId::DeliverSmResp, 77));
        assert_eq!(answer.status(), CommandStatus::EsmeRok);
        next(&mut centre).await.id()
    });
    let outcome = gateway.send(&sms(&"充".repeat(71))).await;
    assert_eq!(outcome, SmsOutcome::Accepted { message_ids: vec!["a1".into(), "a2".into()] });
    let receipt = receipts.recv().await;
    assert_eq!(receipt, Some(DeliveryReceipt { message_id: "a2".into(), state: DeliveryState::Delivered }));
    drop(gateway);
    assert_eq!(centre.await.expect("the centre ran"), CommandId::Unbind);
}

#[tokio::test]
async fn refused_throttled_and_silent_are_told_apart() {
    let listener = listener().await;
    let (gateway, _receipts) = SmppGateway::start(config(&listener)).expect("a gateway");
    let centre = tokio::spawn(async move {
        let mut centre = bound(&listener).await;
        for status in [CommandStatus::EsmeRinvdstadr, CommandStatus::EsmeRthrottled] {
            let submit = next(&mut centre).await;
            reply(&mut centre, &submit, status, SubmitSmResp::default()).await;
        }
        let unanswered = next(&mut centre).await;
        assert_eq!(unanswered.id(), CommandId::SubmitSm);
        centre
    });
    let refused = gateway.send(&sms("one")).await;
    assert_eq!(refused, SmsOutcome::Refused { code: "EsmeRinvdstadr".into() });
    let throttled = gateway.send(&sms("two")).await;
    assert_eq!(throttled, SmsOutcome::NotTaken { why: "EsmeRthrottled".into() });
    let silent = gateway.send(&sms("three")).await;
    assert_eq!(silent, SmsOutcome::Unknown { why: "no answer in time".into() });
    drop(centre.await.expect("the centre ran"));
}

#[tokio::test]
async fn a_connection_lost_after_the_write_is_unknown_and_the_client_comes_back() {
    let listener = listener().await;
    let (gateway, _receipts) = SmppGateway::start(config(&listener)).expect("a gateway");
    let centre = tokio::spawn(async move {
        let mut centre = bound(&listener).await;
        next(&mut centre).await;
        drop(centre);
        let mut again = bound(&listener).await;
        let submit = next(&mut again).await;
        reply(&mut again, &submit, CommandStatus::EsmeRok, named("b1")).await;
        again
    });
    let lost = gateway.send(&sms("one")).await;
    assert_eq!(lost, SmsOutcome::Unknown { why: "the connection was lost".into() });
    let outcome = gateway.send(&sms("two")).await;
    assert_eq!(outcome, SmsOutcome::Accepted { message_ids: vec!["b1".into()] });
    drop(centre.await.expect("the centre ran"));
}

#[tokio::test]
async fn a_message_for_an_sms_centre_that_is_not_there_was_certainly_not_taken() {
    let config = config(&listener().await);
    let config = SmppConfig { answer_within: Duration::from_millis(100), ..config };
    let (gateway, _receipts) = SmppGateway::start(config).expect("a gateway");
    let outcome = gateway.send(&sms("one")).await;
    assert_eq!(outcome, SmsOutcome::NotTaken { why: "no answer in time".into() });
}

#[tokio::test]
async fn a_link_that_falls_silent_is_left_for_a_new_one() {
    let listener = listener().await;
    let config = SmppConfig {
        answer_within: Duration::from_millis(300),
        enquire_every: Duration::from_millis(50),
        ..config(&listener)
    };
    let (_gateway, _receipts) = SmppGateway::start(config).expect("a gateway");
    let story = async {
        let mut centre = bound(&listener).await;
        let first = centre.next().await.expect("a command").expect("SMPP");
        assert_eq!(first.id(), CommandId::EnquireLink);
        reply(&mut centre, &first, CommandStatus::EsmeRok, Pdu::EnquireLinkResp).await;
        let second = centre.next().await.expect("a command").expect("SMPP");
        assert_eq!(second.id(), CommandId::EnquireLink);
        // No answer to the second: the client has to come back by itself.
        drop(bound(&listener).await);
    };
    tokio::time::timeout(Duration::from_secs(10), story).await.expect("the client came back");
}

fn from_phone(text: &str) -> DeliverSm {
    DeliverSm::builder()
        .source_addr(COctetString::from_str("447400123456").expect("a short number"))
        .esm_class(EsmClass::from(0))
        .short_message(OctetString::from_slice(text.as_bytes()).expect("short"))
        .build()
}

#[tokio::test]
async fn an_inbound_message_is_acknowledged_once_it_is_taken_and_kept_by_the_centre_when_it_is_not() {
    let listener = listener().await;
    let (_gateway, _receipts, mut heard) = SmppGateway::start_hearing(config(&listener)).expect("a gateway");
    let mut centre = bound(&listener).await;
    for (sequence, text) in [(7, "STOP"), (8, "stop again")] {
        let deliver = Command::new(CommandStatus::EsmeRok, sequence, Pdu::from(from_phone(text)));
        centre.send(deliver).await.expect("sent");
    }
    let first = heard.recv().await.expect("a message");
    assert_eq!((first.message.from.as_str(), first.message.text.as_str()), ("447400123456", "STOP"));
    drop(heard.recv().await.expect("another one"));
    // Nobody has written the first one down yet: the second is answered before it.
    let kept = next(&mut centre).await;
    assert_eq!((kept.sequence_number(), kept.status()), (8, CommandStatus::EsmeRxTAppn));
    first.taken();
    let acknowledged = next(&mut centre).await;
    assert_eq!((acknowledged.sequence_number(), acknowledged.status()), (7, CommandStatus::EsmeRok));
}

#[tokio::test]
async fn a_flood_of_inbound_messages_is_left_with_the_centre() {
    let listener = listener().await;
    let (_gateway, _receipts, heard) = SmppGateway::start_hearing(config(&listener)).expect("a gateway");
    let mut centre = bound(&listener).await;
    for sequence in 1..=150 {
        let deliver = Command::new(CommandStatus::EsmeRok, sequence, Pdu::from(from_phone("STOP")));
        centre.send(deliver).await.expect("sent");
    }
    let refused = next(&mut centre).await;
    assert_eq!((refused.sequence_number(), refused.status()), (101, CommandStatus::EsmeRxTAppn));
    assert_eq!(heard.len(), 100);
}
