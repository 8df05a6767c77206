//! Client for an SMS centre over SMPP 3.4: the gateway and its one background task, which connects, binds,
//! runs the `session` and comes back after a pause. What the numbers on the wire mean is in `pdu`.
//!
//! What people write back is acknowledged once whoever listens has it ([`SmppGateway::start_hearing`]).
//!
//! A message may arrive twice (its outcome was unknown and it was handed over again), never by our silence.

mod pdu;
mod session;

use self::session::{Ended, Submit};
use super::{DeliveryReceipt, Heard, Sms, SmsGateway, SmsOutcome};
use crate::secret::Secret;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Receipts that wait to be taken; when they are not, the SMS centre is asked to keep the next ones.
const RECEIPTS_WAITING: usize = 1_000;
/// Inbound messages that wait to be taken; beyond, the SMS centre keeps them, however many people write.
const HEARD_WAITING: usize = 100;

const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Who the phone shows as the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Up to eleven letters and digits (TON 5, NPI 0).
    Name(String),
    /// An international number without the plus sign (TON 1, NPI 1).
    Number(String),
    /// A short code of the network (TON 3, NPI 0).
    ShortCode(String),
}

/// How to reach the SMS centre.
#[derive(Debug, Clone)]
pub struct SmppConfig {
    /// `host:port`.
    pub address: String,
    pub system_id: String,
    pub password: Secret,
    pub system_type: String,
    pub source: Source,
    /// How many messages may wait for their answer at once.
    pub window: usize,
    /// How long one message may wait for its answer, and the SMS centre for anything else.
    pub answer_within: Duration,
    pub enquire_every: Duration,
}

impl SmppConfig {
    /// The usual window and times.
    pub fn new(
        address: impl Into<String>,
        system_id: impl Into<String>,
        password: Secret,
        source: Source,
    ) -> Self {
        SmppConfig {
            address: address.into(),
            system_id: system_id.into(),
            password,
            system_type: String::new(),
            source,
            window: 10,
            answer_within: Duration::from_secs(10),
            enquire_every: Duration::from_secs(30),
        }
    }
}

/// An SMPP setting that the protocol has no room for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("SMPP: {0}")]
pub struct SmppConfigError(&'static str);

/// Hands messages to an SMS centre. Dropping the gateway unbinds and ends its task.
pub struct SmppGateway {
    queue: mpsc::Sender<Submit>,
    source: Source,
    answer_within: Duration,
}

impl SmppGateway {
    /// Starts the background task on the current runtime. It connects by itself, again and again. What people write
    /// to us is thrown away.
    pub fn start(
        config: SmppConfig,
    ) -> Result<(SmppGateway, mpsc::Receiver<DeliveryReceipt>), SmppConfigError> {
        SmppGateway::start_with(config, None)
    }

    /// The same for somebody who listens to what people write to us.
    pub fn start_hearing(
        config: SmppConfig,
    ) -> Result<(SmppGateway, mpsc::Receiver<DeliveryReceipt>, mpsc::Receiver<Heard>), SmppConfigError> {
        let (heard, listens) = mpsc::channel(HEARD_WAITING);
        let (gateway, receipts) = SmppGateway::start_with(config, Some(heard))?;
        Ok((gateway, receipts, listens))
    }

    fn start_with(
        config: SmppConfig,
        heard: Option<mpsc::Sender<Heard>>,
    ) -> Result<(SmppGateway, mpsc::Receiver<DeliveryReceipt>), SmppConfigError> {
        let bind = pdu::bind(&config)?;
        pdu::check_source(&config.source)?;
        if config.window == 0 || config.enquire_every.is_zero() || config.answer_within.is_zero() {
            return Err(SmppConfigError("window and times must be above zero"));
        }
        let (queue, waiting) = mpsc::channel(config.window);
        let (receipts, taken) = mpsc::channel(RECEIPTS_WAITING);
        let gateway =
            SmppGateway { queue, source: config.source.clone(), answer_within: config.answer_within };
        let listeners = Listeners { receipts, heard };
        tokio::spawn(keep_connected(config, bind, waiting, listeners));
        Ok((gateway, taken))
    }

    async fn hand_over(&self, sms: &Sms) -> SmsOutcome {
        let parts = match pdu::submits(sms, &self.source) {
            Ok(parts) => parts,
            Err(code) => return SmsOutcome::Refused { code: code.to_owned() },
        };
        // One after the other, so that a refusal of the first leaves no torso on the phone.
        let mut message_ids = Vec::new();
        for part in parts {
            let (answer, outcome) = oneshot::channel();
            let claimed = Arc::new(AtomicBool::new(false));
            let submit = Submit { pdu: part, answer, claimed: claimed.clone() };
            let answered = async {
                self.queue.send(submit).await.ok()?;
                outcome.await.ok()
            };
            // Whoever claims first: the session before it writes, or we when we stop waiting.
            let unanswered = |why: &str| match claimed.swap(true, Ordering::SeqCst) {
                true => SmsOutcome::Unknown { why: why.to_owned() },
                false => SmsOutcome::NotTaken { why: why.to_owned() },
            };
            match timeout(self.answer_within, answered).await {
                Ok(Some(SmsOutcome::Accepted { message_ids: ids })) => message_ids.extend(ids),
                Ok(Some(outcome)) => return after(&message_ids, outcome),
                Ok(None) => return after(&message_ids, unanswered("the connection was lost")),
                Err(_) => return after(&message_ids, unanswered("no answer in time")),
            }
        }
        SmsOutcome::Accepted { message_ids }
    }
}

/// A part that was not taken leaves the message in doubt once an earlier part was.
fn after(taken: &[String], outcome: SmsOutcome) -> SmsOutcome {
    match outcome {
        SmsOutcome::NotTaken { why } if !taken.is_empty() => SmsOutcome::Unknown { why },
        outcome => outcome,
    }
}

/// Who learns what the SMS centre says by itself.
struct Listeners {
    receipts: mpsc::Sender<DeliveryReceipt>,
    /// Nobody listens where there is none.
    heard: Option<mpsc::Sender<Heard>>,
}

impl SmsGateway for SmppGateway {
    fn send<'a>(&'a self, sms: &'a Sms) -> BoxFuture<'a, SmsOutcome> {
        Box::pin(self.hand_over(sms))
    }
}

/// PDUs are small and go out by themselves: none waits for the acknowledgement of another (RFC 896, RFC 1122 §4.2.3.4).
fn without_delay(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small PDUs may wait for one another");
    }
    stream
}

/// Connects and runs sessions until the gateway is dropped.
async fn keep_connected(
    config: SmppConfig,
    bind: rusmpp::pdus::BindTransceiver,
    mut waiting: mpsc::Receiver<Submit>,
    listeners: Listeners,
) {
    let mut pause = PAUSE_MIN;
    while !waiting.is_closed() {
        let why = match timeout(config.answer_within, TcpStream::connect(&config.address)).await {
            Ok(Ok(stream)) => match session::bind(without_delay(stream), &config, bind.clone()).await {
                Ok(session) => {
                    tracing::info!("bound to the SMS centre");
                    pause = PAUSE_MIN;
                    match session.run(&mut waiting, &listeners).await {
                        Ended::GatewayDropped => return,
                        Ended::Broken(why) => why,
                    }
                }
                Err(why) => why,
            },
            Ok(Err(e)) => format!("cannot connect: {}", e.kind()),
            Err(_) => "cannot connect in time".to_owned(),
        };
        tracing::warn!(why, pause_ms = pause.as_millis(), "not bound to the SMS centre");
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
