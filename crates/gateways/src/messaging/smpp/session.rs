//! One bound connection: submits within the window, answers to what the SMS centre asks, keeps the link alive.
//!
//! Source: SMPP 3.4 §2.2 (session states), §2.9 (windows), §4.11 (enquire_link).

use super::{Heard, Listeners, SmppConfig, SmsOutcome, pdu};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use rusmpp::pdus::{BindTransceiver, DeliverSm, DeliverSmResp, SubmitSm};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, timeout};
use tokio_util::codec::Framed;

/// How often abandoned submits are forgotten and a silent link is noticed.
const SWEEP: Duration = Duration::from_millis(500);

/// One part that waits to be sent, and where its outcome goes.
pub(super) struct Submit {
    pub pdu: SubmitSm,
    pub answer: oneshot::Sender<SmsOutcome>,
    /// Set by whoever is first: the session when it writes, or the sender when nobody waits any more.
    pub claimed: Arc<AtomicBool>,
}

/// Why a session is over. Submits without an answer learn it by their dropped sender.
pub(super) enum Ended {
    GatewayDropped,
    Broken(String),
}

pub(super) struct Session {
    framed: Framed<TcpStream, CommandCodec>,
    sequence: u32,
    pending: HashMap<u32, oneshot::Sender<SmsOutcome>>,
    /// Inbound messages that somebody is writing down: their sequence numbers, and whether they were taken.
    hearing: FuturesUnordered<BoxFuture<'static, (u32, bool)>>,
    /// Since when an enquire_link has no answer.
    asked: Option<Instant>,
    window: usize,
    answer_within: Duration,
    enquire_every: Duration,
}

/// Binds as a transceiver, or says why not.
pub(super) async fn bind(
    stream: TcpStream,
    config: &SmppConfig,
    bind: BindTransceiver,
) -> Result<Session, String> {
    let mut session = Session {
        framed: Framed::new(stream, CommandCodec::new()),
        sequence: 0,
        pending: HashMap::new(),
        hearing: FuturesUnordered::new(),
        asked: None,
        window: config.window,
        answer_within: config.answer_within,
        enquire_every: config.enquire_every,
    };
    session.ask(Pdu::from(bind)).await?;
    let answered = async {
        loop {
            let command = session.framed.next().await.ok_or("closed instead of bound")?;
            let command = command.map_err(|_| "an answer to the bind that is not SMPP")?;
            if matches!(command.id(), CommandId::BindTransceiverResp | CommandId::GenericNack) {
                return Ok::<_, &str>(command);
            }
        }
    };
    let command = timeout(config.answer_within, answered).await.map_err(|_| "no answer to the bind")??;
    match (command.id(), command.status()) {
        (CommandId::BindTransceiverResp, CommandStatus::EsmeRok) => Ok(session),
        (_, status) => Err(format!("bind refused: {status:?}")),
    }
}

impl Session {
    pub(super) async fn run(mut self, waiting: &mut mpsc::Receiver<Submit>, listeners: &Listeners) -> Ended {
        match self.exchange(waiting, listeners).await {
            Ok(()) => {
                // The gateway is gone: say goodbye, and do not wait for the answer.
                if let Err(why) = self.ask(Pdu::Unbind).await {
                    tracing::debug!(why, "could not unbind");
                }
                Ended::GatewayDropped
            }
            Err(why) => Ended::Broken(why),
        }
    }

    /// Runs until the queue is closed (`Ok`) or the connection is of no more use.
    async fn exchange(
        &mut self,
        waiting: &mut mpsc::Receiver<Submit>,
        listeners: &Listeners,
    ) -> Result<(), String> {
        let mut enquire = interval_at(Instant::now() + self.enquire_every, self.enquire_every);
        enquire.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sweep = interval(SWEEP.min(self.answer_within));
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = self.framed.next() => match command {
                    Some(Ok(command)) => self.on(command, listeners).await?,
                    Some(Err(_)) => return Err("something that is not SMPP".to_owned()),
                    None => return Err("closed by the SMS centre".to_owned()),
                },
                submit = waiting.recv(), if self.pending.len() < self.window => match submit {
                    Some(submit) => self.submit(submit).await?,
                    None => return Ok(()),
                },
                Some((sequence, taken)) = self.hearing.next() => {
                    let status = if taken { CommandStatus::EsmeRok } else { CommandStatus::EsmeRxTAppn };
                    self.acknowledge(sequence, status).await?;
                }
                _ = enquire.tick() => {
                    if self.asked.is_none() {
                        self.ask(Pdu::EnquireLink).await?;
                        self.asked = Some(Instant::now());
                    }
                }
                _ = sweep.tick() => {
                    self.pending.retain(|_, answer| !answer.is_closed());
                    if self.asked.is_some_and(|since| since.elapsed() > self.answer_within) {
                        return Err("the SMS centre is silent".to_owned());
                    }
                }
            }
        }
    }

    /// Sends a part, unless whoever handed it over has stopped waiting and will hand it over again.
    async fn submit(&mut self, submit: Submit) -> Result<(), String> {
        if submit.answer.is_closed() || submit.claimed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let sequence = self.ask(Pdu::from(submit.pdu)).await?;
        self.pending.insert(sequence, submit.answer);
        Ok(())
    }

    async fn on(&mut self, command: Command, listeners: &Listeners) -> Result<(), String> {
        let sequence = command.sequence_number();
        match (command.id(), command.pdu()) {
            (CommandId::SubmitSmResp | CommandId::GenericNack, _) => {
                if let Some(answer) = self.pending.remove(&sequence) {
                    // Nobody waits any more: the outcome was already reported as unknown.
                    let _ = answer.send(pdu::outcome(&command));
                }
                Ok(())
            }
            (CommandId::EnquireLinkResp, _) => {
                self.asked = None;
                Ok(())
            }
            (CommandId::EnquireLink, _) => {
                self.write(Command::new(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp)).await
            }
            (CommandId::DeliverSm, Some(Pdu::DeliverSm(message))) => {
                match self.take(message, sequence, listeners) {
                    Some(status) => self.acknowledge(sequence, status).await,
                    None => Ok(()),
                }
            }
            (CommandId::Unbind, _) => {
                self.write(Command::new(CommandStatus::EsmeRok, sequence, Pdu::UnbindResp)).await?;
                Err("unbound by the SMS centre".to_owned())
            }
            (id, _) => {
                tracing::debug!(?id, "a command that asks nothing of us");
                Ok(())
            }
        }
    }

    async fn ask(&mut self, pdu: Pdu) -> Result<u32, String> {
        // Sequence numbers run from 1 to 7FFFFFFF (§3.2).
        self.sequence = self.sequence % 0x7fff_ffff + 1;
        self.write(Command::new(CommandStatus::EsmeRok, self.sequence, pdu)).await?;
        Ok(self.sequence)
    }

    async fn write(&mut self, command: Command) -> Result<(), String> {
        match timeout(self.answer_within, self.framed.send(command)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("the connection broke while writing".to_owned()),
            Err(_) => Err("the SMS centre does not read".to_owned()),
        }
    }

    async fn acknowledge(&mut self, sequence: u32, status: CommandStatus) -> Result<(), String> {
        self.write(Command::new(status, sequence, Pdu::from(DeliverSmResp::default()))).await
    }

    /// Passes on what the SMS centre delivered. The status tells it whether to keep it for later; none for an inbound
    /// message that somebody is writing down now (§4.6.2: it is ours once we acknowledge it).
    fn take(&self, message: &DeliverSm, sequence: u32, listeners: &Listeners) -> Option<CommandStatus> {
        if let Some(receipt) = pdu::receipt(message) {
            return Some(match listeners.receipts.try_send(receipt) {
                Ok(()) | Err(TrySendError::Closed(_)) => CommandStatus::EsmeRok,
                Err(TrySendError::Full(_)) => CommandStatus::EsmeRxTAppn,
            });
        }
        let (Some(inbound), Some(heard)) = (pdu::inbound(message), &listeners.heard) else {
            tracing::debug!("a message that nobody listens to, or a receipt that cannot be read");
            return Some(CommandStatus::EsmeRok);
        };
        let (message, learns) = Heard::new(inbound);
        if heard.try_send(message).is_err() {
            return Some(CommandStatus::EsmeRxTAppn);
        }
        self.hearing.push(Box::pin(async move { (sequence, learns.await.is_ok()) }));
        None
    }
}
