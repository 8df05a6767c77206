//! The SMS centre as a raw SMPP client sees it, and the phone where messages end.

use std::str::FromStr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rusmpp::pdus::{BindTransceiver, DeliverSm, SubmitSm};
use rusmpp::tlvs::{TlvTag, TlvValue};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, MessageState, RegisteredDelivery};
use rusmpp::{Command, CommandStatus, Pdu};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_util::codec::Framed;

use crate::outside::Outside;

struct Client {
    framed: Framed<TcpStream, CommandCodec>,
    sequence: u32,
}

impl Client {
    async fn connect(outside: &Outside) -> Self {
        let stream = TcpStream::connect(outside.running.smpp_addr).await.unwrap();
        Client { framed: Framed::new(stream, CommandCodec::new()), sequence: 0 }
    }

    async fn bound(outside: &Outside) -> Self {
        let mut client = Self::connect(outside).await;
        assert_eq!(client.bind("recarga", "secret").await, CommandStatus::EsmeRok);
        client
    }

    async fn bind(&mut self, system_id: &str, password: &str) -> CommandStatus {
        let bind = BindTransceiver::builder()
            .system_id(COctetString::from_str(system_id).unwrap())
            .password(COctetString::from_str(password).unwrap())
            .build();
        self.ask(bind).await.status()
    }

    async fn send(&mut self, pdu: impl Into<Pdu>) {
        self.sequence += 1;
        self.framed.send(Command::new(CommandStatus::EsmeRok, self.sequence, pdu)).await.unwrap();
    }

    async fn next(&mut self) -> Command {
        let next = tokio::time::timeout(Duration::from_secs(5), self.framed.next());
        next.await.expect("an answer in time").unwrap().unwrap()
    }

    async fn ask(&mut self, pdu: impl Into<Pdu>) -> Command {
        self.send(pdu).await;
        let answer = self.next().await;
        assert_eq!(answer.sequence_number(), self.sequence);
        answer
    }

    async fn submit(&mut self, message: SubmitSm) -> (CommandStatus, String) {
        let answer = self.ask(message).await;
        let Some(Pdu::SubmitSmResp(response)) = answer.pdu() else { panic!("{answer:?}") };
        (answer.status(), response.message_id().as_str().to_owned())
    }

    async fn receipt(&mut self) -> DeliverSm {
        let command = self.next().await;
        let Some(Pdu::DeliverSm(receipt)) = command.pdu() else { panic!("{command:?}") };
        receipt.clone()
    }
}

fn message(to: &str, octets: &[u8]) -> SubmitSm {
    SubmitSm::builder()
        .source_addr(COctetString::from_str("Recarga").unwrap())
        .destination_addr(COctetString::from_str(to).unwrap())
        .esm_class(EsmClass::from(0))
        .registered_delivery(RegisteredDelivery::from(1))
        .short_message(OctetString::from_slice(octets).unwrap())
        .build()
}

fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[tokio::test]
async fn a_message_reaches_the_phone_and_its_receipt_comes_back() {
    let outside = Outside::start().await;
    let mut client = Client::bound(&outside).await;
    let (status, id) = client.submit(message("447400123456", b"Code 123456: \x1B\x655")).await;
    assert_eq!(status, CommandStatus::EsmeRok);
    let receipt = client.receipt().await;
    assert_eq!(u8::from(receipt.esm_class), 0x04);
    let text = receipt.short_message().to_str().unwrap().to_owned();
    assert!(text.starts_with(&format!("id:{id} sub:001 dlvrd:001 submit date:")), "{text}");
    assert!(text.contains("stat:DELIVRD err:000 text:Code 123456"), "{text}");
    assert_eq!(receipt.source_addr.as_str(), "447400123456");
    let state = receipt.tlvs().iter().find(|tlv| tlv.tag() == TlvTag::MessageState).unwrap();
    assert_eq!(state.value(), Some(&TlvValue::MessageState(MessageState::Delivered)));
    let receipted = receipt.tlvs().iter().find(|tlv| tlv.tag() == TlvTag::ReceiptedMessageId).unwrap();
    let Some(TlvValue::ReceiptedMessageId(of)) = receipted.value() else { panic!() };
    assert_eq!(of.as_str(), id);

    for to in ["%2B447400123456", "+447400123456", "447400%20123456"] {
        let inbox = outside.get(&format!("/inbox.json?to={to}")).await.body;
        assert_eq!(inbox[0]["text"], "Code 123456: €5", "{to}");
        assert_eq!((&inbox[0]["to"], &inbox[0]["from"]), (&json!("+447400123456"), &json!("Recarga")));
        assert_eq!((&inbox[0]["segments"], &inbox[0]["encoding"]), (&json!(1), &json!("gsm7")));
        assert_eq!(inbox[0]["channel"], "sms");
    }
    let page = outside.get("/").await.text;
    assert!(
        page.contains("+447400123456") && page.contains("Code 123456: €5") && page.contains("No mail yet")
    );
}

#[tokio::test]
async fn a_long_chinese_message_is_put_together_from_its_parts() {
    let outside = Outside::start().await;
    let mut client = Client::bound(&outside).await;
    let text = "您的充值已成功，".repeat(10);
    let octets = ucs2(&text);
    let parts: Vec<&[u8]> = octets.chunks(134).collect();
    let count = u8::try_from(parts.len()).unwrap();
    for (at, part) in parts.iter().enumerate().rev() {
        let mut data = vec![5, 0, 3, 43, count, u8::try_from(at + 1).unwrap()];
        data.extend_from_slice(part);
        let mut one = message("447400123456", &data).with_data_coding(DataCoding::Ucs2);
        one.esm_class = EsmClass::from(0x40);
        assert_eq!(client.submit(one).await.0, CommandStatus::EsmeRok);
        client.receipt().await;
    }
    let inbox = outside.get("/inbox.json?to=447400123456").await.body;
    assert_eq!(inbox.as_array().unwrap().len(), 1);
    assert_eq!((&inbox[0]["text"], &inbox[0]["segments"]), (&json!(text), &json!(count)));
    assert_eq!(inbox[0]["encoding"], "ucs2");
}

#[tokio::test]
async fn the_last_digits_choose_the_fate_of_a_message() {
    let outside = Outside::start().await;
    let mut client = Client::bound(&outside).await;
    assert_eq!(client.submit(message("447400120001", b"x")).await.0, CommandStatus::EsmeRinvdstadr);
    client.submit(message("447400120000", b"x")).await;
    let receipt = client.receipt().await;
    assert!(receipt.short_message().to_str().unwrap().contains("stat:UNDELIV"));
    client.send(message("447400120002", b"x")).await;
    // The answer that comes is that of the next question: the message itself gets none.
    let answer = client.ask(Pdu::EnquireLink).await;
    assert!(matches!(answer.pdu(), Some(Pdu::EnquireLinkResp)));
    assert_eq!(outside.get("/inbox.json").await.body, json!([]));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_can_be_sent_unbound() {
    let outside = Outside::start().await;
    let mut client = Client::connect(&outside).await;
    assert_eq!(client.bind("recarga", "wrong").await, CommandStatus::EsmeRinvpaswd);
    assert_eq!(client.bind("nobody", "secret").await, CommandStatus::EsmeRinvsysid);
    assert_eq!(client.submit(message("447400123456", b"x")).await.0, CommandStatus::EsmeRinvbndsts);
    assert_eq!(client.bind("recarga", "secret").await, CommandStatus::EsmeRok);
    assert_eq!(client.bind("recarga", "secret").await, CommandStatus::EsmeRalybnd);
    let bye = client.ask(Pdu::Unbind).await;
    assert!(matches!(bye.pdu(), Some(Pdu::UnbindResp)));
    assert!(client.framed.next().await.is_none());
}

#[tokio::test]
async fn a_message_too_long_for_one_is_refused() {
    let outside = Outside::start().await;
    let mut client = Client::bound(&outside).await;
    assert_eq!(client.submit(message("447400123456", &[b'a'; 161])).await.0, CommandStatus::EsmeRinvmsglen);
    let odd = message("447400123456", &[0x4F, 0x60, 0x59]).with_data_coding(DataCoding::Ucs2);
    assert_eq!(client.submit(odd).await.0, CommandStatus::EsmeRinvmsglen);
}
