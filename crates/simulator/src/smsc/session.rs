//! One SMPP connection: bind, submit, enquire, unbind (SMPP 3.4, sections 4.1 to 4.11).
//! Start reading at [`serve`]; [`Session::submit`] takes a message.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rusmpp::pdus::{BindReceiverResp, BindTransceiverResp, BindTransmitterResp, SubmitSm, SubmitSmResp};
use rusmpp::tlvs::TlvValue;
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::COctetString;
use rusmpp::values::InterfaceVersion;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::codec::Framed;

use super::receipt::{self, Fate};
use super::{Bound, MOST_WAITING, parts, text};
use crate::clock;
use crate::ids;
use crate::inbox::{self, Received};
use crate::world::Shared;

/// A connection that says nothing for so long is closed.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);
/// When a text message that was not taken is delivered again.
const DELIVERED_AGAIN_AFTER: Duration = Duration::from_millis(500);

struct Session {
    world: Shared,
    number: u64,
    outbox: mpsc::Sender<Pdu>,
    may_submit: bool,
    bound: bool,
}

/// What is sent back for a command.
enum Reply {
    Answer(CommandStatus, Pdu),
    Silence,
    Goodbye(Pdu),
}

/// Serves one connection to its end.
pub async fn serve(world: Shared, stream: TcpStream) {
    let (outbox, mut outgoing) = mpsc::channel(MOST_WAITING);
    let number = lock(&world).number();
    let shutdown = world.shutdown.clone();
    let mut session = Session { world, number, outbox, may_submit: false, bound: false };
    // Answers are small and do not wait for one another.
    let _ = stream.set_nodelay(true);
    let mut framed = Framed::new(stream, CommandCodec::new());
    let mut sequence: u32 = 0;
    let mut unanswered: HashMap<u32, Pdu> = HashMap::new();
    loop {
        let command = tokio::select! {
            incoming = framed.next() => match incoming {
                Some(Ok(command)) => command,
                Some(Err(error)) => {
                    tracing::debug!(%error, "a broken SMPP command");
                    let nack = Command::new(CommandStatus::EsmeRinvcmdlen, 0, Pdu::GenericNack);
                    let _ = framed.send(nack).await;
                    break;
                }
                None => break,
            },
            Some(pdu) = outgoing.recv() => {
                sequence = (sequence % 0x7FFF_FFFF) + 1;
                if is_from_phone(&pdu) {
                    unanswered.insert(sequence, pdu.clone());
                }
                if framed.send(Command::new(CommandStatus::EsmeRok, sequence, pdu)).await.is_err() {
                    break;
                }
                continue;
            },
            () = tokio::time::sleep(LONGEST_SILENCE) => break,
            () = shutdown.cancelled() => break,
        };
        if let Some(Pdu::DeliverSmResp(_)) = command.pdu()
            && let Some(pdu) = unanswered.remove(&command.sequence_number())
            && command.status() != CommandStatus::EsmeRok
        {
            deliver_later(&session.world, pdu);
        }
        let (status, pdu, last) = match session.handle(&command) {
            Reply::Answer(status, pdu) => (status, pdu, false),
            Reply::Goodbye(pdu) => (CommandStatus::EsmeRok, pdu, true),
            Reply::Silence => continue,
        };
        if framed.send(Command::new(status, command.sequence_number(), pdu)).await.is_err() || last {
            break;
        }
    }
    lock(&session.world).remove(number);
    for pdu in unanswered.into_values() {
        lock(&session.world).send(number, pdu);
    }
}

/// Is it a text message, and no receipt?
fn is_from_phone(pdu: &Pdu) -> bool {
    matches!(pdu, Pdu::DeliverSm(message) if u8::from(message.esm_class) & 0x3C == 0)
}

/// A text that was not taken is delivered again, as SMS centres do.
fn deliver_later(world: &Shared, pdu: Pdu) {
    let serving = world.clone();
    world.tasks.spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(DELIVERED_AGAIN_AFTER) => lock(&serving).send(0, pdu),
            () = serving.shutdown.cancelled() => {}
        }
    });
}

fn lock(world: &Shared) -> MutexGuard<'_, Bound> {
    world.bound.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    fn handle(&mut self, command: &Command) -> Reply {
        match command.pdu() {
            Some(Pdu::BindTransmitter(bind)) => {
                let status = self.bind(bind.system_id.as_str(), bind.password.as_str(), true, false);
                Reply::Answer(status, BindTransmitterResp::new(self.name(), version()).into())
            }
            Some(Pdu::BindReceiver(bind)) => {
                let status = self.bind(bind.system_id.as_str(), bind.password.as_str(), false, true);
                Reply::Answer(status, BindReceiverResp::new(self.name(), version()).into())
            }
            Some(Pdu::BindTransceiver(bind)) => {
                let status = self.bind(bind.system_id.as_str(), bind.password.as_str(), true, true);
                Reply::Answer(status, BindTransceiverResp::new(self.name(), version()).into())
            }
            Some(Pdu::SubmitSm(message)) => self.submit(message),
            Some(Pdu::EnquireLink) => Reply::Answer(CommandStatus::EsmeRok, Pdu::EnquireLinkResp),
            Some(Pdu::Unbind) => Reply::Goodbye(Pdu::UnbindResp),
            Some(Pdu::DeliverSmResp(_) | Pdu::EnquireLinkResp | Pdu::UnbindResp | Pdu::GenericNack) => {
                Reply::Silence
            }
            Some(_) | None => Reply::Answer(CommandStatus::EsmeRinvcmdid, Pdu::GenericNack),
        }
    }

    fn name(&self) -> COctetString<1, 16> {
        COctetString::from_string(self.world.smpp.0.clone()).expect("checked when the simulator started")
    }

    fn bind(&mut self, system_id: &str, password: &str, submits: bool, receives: bool) -> CommandStatus {
        if self.bound {
            return CommandStatus::EsmeRalybnd;
        }
        if system_id != self.world.smpp.0 {
            return CommandStatus::EsmeRinvsysid;
        }
        if password != self.world.smpp.1 {
            return CommandStatus::EsmeRinvpaswd;
        }
        self.bound = true;
        self.may_submit = submits;
        if receives {
            lock(&self.world).add(self.number, self.outbox.clone());
        }
        CommandStatus::EsmeRok
    }

    fn submit(&self, message: &SubmitSm) -> Reply {
        let to = message.destination_addr.as_str().to_owned();
        let refused = |status| Reply::Answer(status, SubmitSmResp::default().into());
        if !self.may_submit {
            return refused(CommandStatus::EsmeRinvbndsts);
        }
        let fate = match Fate::of(&to) {
            Some(fate) => fate,
            None => return refused(CommandStatus::EsmeRinvdstadr),
        };
        if fate == Fate::NoAnswer {
            return Reply::Silence;
        }
        let Some(coding) = text::Coding::of(u8::from(message.data_coding)) else {
            return refused(CommandStatus::EsmeRsubmitfail);
        };
        let carried = user_data(message);
        let has_header = u8::from(message.esm_class) & 0x40 != 0;
        let Some((part, data)) = parts::split(&carried.octets, has_header) else {
            return refused(CommandStatus::EsmeRinvesmclass);
        };
        let header = carried.octets.len() - data.len();
        if !carried.is_payload && !coding.fits(header, data.len()) {
            return refused(CommandStatus::EsmeRinvmsglen);
        }
        if fate == Fate::Delivered {
            let from = message.source_addr.as_str().to_owned();
            let whole = match part {
                None => Some((coding.segments(data.len()), data.to_vec())),
                Some(part) => lock(&self.world).parts.add(&from, &to, part, data),
            };
            if let Some((segments, octets)) = whole {
                let received =
                    Received { to, from, text: coding.decode(&octets), segments, encoding: coding.name() };
                if self.world.write(|books| inbox::receive(books, &received)).is_err() {
                    return refused(CommandStatus::EsmeRsyserr);
                }
            }
        }
        self.accept(message, fate)
    }

    /// Answers with an id; the receipt leaves after the answer, through the outbox.
    fn accept(&self, message: &SubmitSm, fate: Fate) -> Reply {
        let id = ids::random("", 16);
        if receipt::wanted(message.registered_delivery, fate)
            && let Some(pdu) = receipt::of(message, &id, fate, clock::now_ms())
        {
            lock(&self.world).send(self.number, pdu);
        }
        let id = COctetString::from_string(id).expect("sixteen letters and digits");
        Reply::Answer(CommandStatus::EsmeRok, SubmitSmResp::builder().message_id(id).build().into())
    }
}

fn version() -> Option<InterfaceVersion> {
    Some(InterfaceVersion::Smpp3_4)
}

struct Carried {
    octets: Vec<u8>,
    is_payload: bool,
}

/// The message_payload TLV supersedes short_message (SMPP 3.4, section 5.3.2.32).
fn user_data(message: &SubmitSm) -> Carried {
    for tlv in message.tlvs() {
        if let Some(TlvValue::MessagePayload(payload)) = tlv.value() {
            return Carried { octets: payload.value.as_ref().to_vec(), is_payload: true };
        }
    }
    Carried { octets: message.short_message().as_ref().to_vec(), is_payload: false }
}
