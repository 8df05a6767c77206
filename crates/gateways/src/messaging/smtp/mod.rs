//! Client for a mail server over SMTP (RFC 5321): the gateway, its settings, and the connections it keeps open.
//! `mail` writes the message, `session` is one conversation and says what its answers mean.
//!
//! A mail may arrive twice (its outcome was unknown and it was handed over again, under the same `Message-ID`),
//! never be missing by our silence.

mod mail;
mod session;

use self::mail::{Ready, Sender};
use self::session::Stopped;
use super::{Email, EmailGateway, EmailOutcome};
use crate::secret::Secret;
use futures_util::future::BoxFuture;
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first octet, usually on port 465 (RFC 8314).
    Implicit,
    /// TLS after `STARTTLS`, usually on port 587; a server that does not offer it gets nothing.
    StartTls,
    /// None; only to this machine.
    Plain,
}

/// How to reach the mail server, and who mails come from.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, Secret)>,
    /// Certificates (PEM) that are trusted besides the system's own.
    pub extra_roots: Option<String>,
    pub from_address: String,
    pub from_name: String,
    /// What we call ourselves in `EHLO`.
    pub hello_name: String,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How long handing over one mail may take, connecting included.
    pub answer_within: Duration,
    /// How long an unused connection is kept.
    pub idle_for: Duration,
}

impl SmtpConfig {
    /// Port 587 with STARTTLS, and the usual times. Our name is the domain of the sender.
    pub fn new(
        host: impl Into<String>,
        from_address: impl Into<String>,
        from_name: impl Into<String>,
    ) -> Self {
        let from_address = from_address.into();
        let domain = from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        SmtpConfig {
            host: host.into(),
            port: 587,
            security: Security::StartTls,
            login: None,
            extra_roots: None,
            hello_name: domain.to_owned(),
            from_address,
            from_name: from_name.into(),
            connections: 4,
            answer_within: Duration::from_secs(20),
            idle_for: Duration::from_secs(60),
        }
    }

    /// Is the mail server on this machine?
    pub fn stays_here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// An SMTP setting that cannot work, or must not.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum SmtpConfigError {
    #[error("connections and answer_within must be above zero")]
    Limits,
    #[error("is not a host name")]
    HelloName,
    #[error("without TLS only this machine can be reached")]
    PlainAbroad,
    #[error("is not a plain e-mail address")]
    FromAddress,
    #[error("holds no certificate in PEM")]
    ExtraRoots,
    #[error("TLS cannot be set up for this host")]
    Tls,
}

/// Hands mails to a mail server. Connections are opened when they are needed and kept for a while.
pub struct SmtpGateway {
    config: SmtpConfig,
    sender: Sender,
    tls: Option<TlsParameters>,
    places: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl SmtpGateway {
    /// Checks the settings; connects to nothing yet.
    pub fn new(config: SmtpConfig) -> Result<SmtpGateway, SmtpConfigError> {
        if config.connections == 0 || config.answer_within.is_zero() {
            return Err(SmtpConfigError::Limits);
        }
        let plain_name = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
        if config.hello_name.is_empty() || !config.hello_name.bytes().all(plain_name) {
            return Err(SmtpConfigError::HelloName);
        }
        let tls = match config.security {
            Security::Plain if config.stays_here() => None,
            Security::Plain => return Err(SmtpConfigError::PlainAbroad),
            Security::Implicit | Security::StartTls => Some(tls(&config)?),
        };
        let sender = Sender::of(&config)?;
        let places = Semaphore::new(config.connections);
        Ok(SmtpGateway { config, sender, tls, places, idle: Mutex::default() })
    }

    /// Can the server be reached, and does it let us in? For the operator's check-up; sends nothing.
    pub async fn reachable(&self) -> Result<(), String> {
        match timeout(self.config.answer_within, session::open(&self.config, self.tls.as_ref())).await {
            Ok(Ok(mut connection)) => {
                connection.abort().await;
                Ok(())
            }
            Ok(Err(why)) => Err(why),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn hand_over(&self, email: &Email) -> EmailOutcome {
        let mail = match self.sender.compose(email) {
            Ok(mail) => mail,
            Err(code) => return EmailOutcome::Refused { code: code.to_owned() },
        };
        let begun = AtomicBool::new(false);
        let outcome = match timeout(self.config.answer_within, self.exchange(&mail, &begun)).await {
            Ok(outcome) => outcome,
            Err(_) if begun.load(Ordering::Relaxed) => {
                EmailOutcome::Unknown { why: "no answer in time".to_owned() }
            }
            Err(_) => EmailOutcome::TryLater { why: "no answer in time".to_owned() },
        };
        if let EmailOutcome::TryLater { why } | EmailOutcome::Unknown { why } = &outcome {
            tracing::warn!(id = %email.id, why, "a mail was not handed over");
        }
        outcome
    }

    async fn exchange(&self, mail: &Ready, begun: &AtomicBool) -> EmailOutcome {
        let Ok(_place) = self.places.acquire().await else {
            return EmailOutcome::TryLater { why: "closed".to_owned() };
        };
        if let Some(mut connection) = self.take_idle() {
            match session::envelope(&mut connection, mail).await {
                // The server has closed it meanwhile; nothing was taken, so a new one may be tried.
                Err(Stopped::Lost(_)) => {}
                answer => return self.finish(connection, answer, mail, begun).await,
            }
        }
        let mut connection = match session::open(&self.config, self.tls.as_ref()).await {
            Ok(connection) => connection,
            Err(why) => return EmailOutcome::TryLater { why },
        };
        let answer = session::envelope(&mut connection, mail).await;
        self.finish(connection, answer, mail, begun).await
    }

    async fn finish(
        &self,
        mut connection: AsyncSmtpConnection,
        answer: Result<(), Stopped>,
        mail: &Ready,
        begun: &AtomicBool,
    ) -> EmailOutcome {
        match answer {
            Ok(()) => {
                begun.store(true, Ordering::Relaxed);
                let outcome = session::content(&mut connection, mail).await;
                if matches!(outcome, EmailOutcome::Accepted { .. }) {
                    self.keep(connection);
                }
                outcome
            }
            Err(Stopped::Answered(outcome)) => {
                if session::forget(&mut connection).await {
                    self.keep(connection);
                }
                outcome
            }
            Err(Stopped::Lost(why)) => EmailOutcome::TryLater { why },
        }
    }

    /// The connection that was used last, if it is young enough; older ones are closed.
    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|kept| kept.since.elapsed() < self.config.idle_for);
        idle.pop().map(|kept| kept.connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, since: Instant::now() });
    }
}

impl EmailGateway for SmtpGateway {
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, EmailOutcome> {
        Box::pin(self.hand_over(email))
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, SmtpConfigError> {
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.extra_roots {
        let root = Certificate::from_pem(pem.as_bytes()).ok().filter(|_| pem.contains("BEGIN CERTIFICATE"));
        let root = root.ok_or(SmtpConfigError::ExtraRoots)?;
        parameters = parameters.add_root_certificate(root);
    }
    parameters.build().map_err(|_| SmtpConfigError::Tls)
}
