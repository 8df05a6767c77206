//! A printer in the network: raw bytes on TCP port 9100. Asks how it stands before anything is sent, and afterwards for
//! an answer in turn, which comes once everything before it was worked through. Start at [`NetworkPrinter`].

use super::status::{self, Ask, Condition, PAPER_IN_TURN, Trouble};
use super::{Printed, Printer, PrinterAddress, encode};
use domain::slip::Slip;
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// How long each step may take. Together less than the lease of a piece of work.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    pub connect: Duration,
    /// One answer in real time.
    pub answer: Duration,
    /// Sending the slip.
    pub send: Duration,
    /// From the last byte until the printer has worked through the slip.
    pub print: Duration,
}

impl Default for TimeLimits {
    fn default() -> TimeLimits {
        TimeLimits {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(2),
            send: Duration::from_secs(20),
            print: Duration::from_secs(20),
        }
    }
}

/// Printers that are reached over the network. Keeps no connection: another till may share the printer.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkPrinter {
    limits: TimeLimits,
}

impl NetworkPrinter {
    pub fn new(limits: TimeLimits) -> NetworkPrinter {
        NetworkPrinter { limits }
    }

    async fn hand_over(&self, at: PrinterAddress, slip: &Slip) -> Printed {
        let mut bytes = match encode(slip) {
            Ok(bytes) => bytes,
            Err(why) => return Printed::Refused { why },
        };
        bytes.extend_from_slice(&PAPER_IN_TURN);
        let mut line = match self.ready(at).await {
            Ok((line, _)) => line,
            Err(trouble) => return Printed::NotSent { trouble },
        };
        match line.send(&bytes, self.limits.send).await {
            Sent::Nothing => return Printed::NotSent { trouble: Trouble::Unreachable },
            Sent::Part(why) => return line.unknown(why).await,
            Sent::Whole => {}
        }
        match line.read(status::is_in_turn, self.limits.print).await {
            Some(paper) if status::is_paper_out_in_turn(paper) => {
                let (why, trouble) = ("the paper ended".to_owned(), Some(Trouble::PaperOut));
                Printed::Unknown { why, trouble }
            }
            Some(paper) => Printed::Accepted { paper_near_end: status::is_near_end_in_turn(paper) },
            None => line.unknown("no word that it was printed".to_owned()).await,
        }
    }

    /// A connection to a printer that says it is ready.
    async fn ready(&self, at: PrinterAddress) -> Result<(Line, bool), Trouble> {
        let connecting = timeout(self.limits.connect, TcpStream::connect(at.socket()));
        let Ok(Ok(stream)) = connecting.await else { return Err(Trouble::Unreachable) };
        let mut line = Line { stream, answer: self.limits.answer };
        match line.condition().await {
            Condition::Ready { paper_near_end } => Ok((line, paper_near_end)),
            Condition::Not(trouble) => Err(trouble),
        }
    }

    async fn look(&self, at: PrinterAddress) -> Condition {
        match self.ready(at).await {
            Ok((_, paper_near_end)) => Condition::Ready { paper_near_end },
            Err(trouble) => Condition::Not(trouble),
        }
    }
}

impl Printer for NetworkPrinter {
    fn print<'a>(&'a self, at: PrinterAddress, slip: &'a Slip) -> BoxFuture<'a, Printed> {
        Box::pin(self.hand_over(at, slip))
    }

    fn condition(&self, at: PrinterAddress) -> BoxFuture<'_, Condition> {
        Box::pin(self.look(at))
    }
}

/// How much of the bytes left us.
enum Sent {
    Nothing,
    Part(String),
    Whole,
}

/// One connection to a printer.
struct Line {
    stream: TcpStream,
    answer: Duration,
}

impl Line {
    async fn ask(&mut self, ask: Ask) -> Option<u8> {
        let sent = timeout(self.answer, self.stream.write_all(&ask.bytes())).await;
        if !matches!(sent, Ok(Ok(()))) {
            return None;
        }
        self.read(status::is_real_time, self.answer).await
    }

    /// The next byte of this kind. Others are passed over: a printer may report changes that nobody asked for.
    async fn read(&mut self, is_wanted: fn(u8) -> bool, within: Duration) -> Option<u8> {
        let until = Instant::now() + within;
        let mut byte = [0];
        loop {
            match timeout_at(until, self.stream.read(&mut byte)).await {
                Ok(Ok(1)) if is_wanted(byte[0]) => return Some(byte[0]),
                Ok(Ok(1)) => {}
                Ok(Ok(_) | Err(_)) | Err(_) => return None,
            }
        }
    }

    async fn condition(&mut self) -> Condition {
        let Some(printer) = self.ask(Ask::Printer).await else { return Condition::Not(Trouble::Silent) };
        let Some(paper) = self.ask(Ask::Paper).await else { return Condition::Not(Trouble::Silent) };
        if status::is_offline(printer) {
            let cause = self.ask(Ask::OfflineCause).await.and_then(status::offline_cause);
            return Condition::Not(match cause {
                Some(cause) => cause,
                None if status::is_paper_out(paper) => Trouble::PaperOut,
                None => Trouble::Offline,
            });
        }
        if status::is_paper_out(paper) {
            return Condition::Not(Trouble::PaperOut);
        }
        Condition::Ready { paper_near_end: status::is_near_end(paper) }
    }

    async fn send(&mut self, bytes: &[u8], within: Duration) -> Sent {
        let until = Instant::now() + within;
        let mut left = bytes;
        while !left.is_empty() {
            let so_far = bytes.len() - left.len();
            let why = match timeout_at(until, self.stream.write(left)).await {
                Ok(Ok(taken)) if taken > 0 => {
                    left = &left[taken..];
                    continue;
                }
                Ok(Ok(_)) => "the connection closed",
                Ok(Err(_)) => "the connection broke",
                Err(_) => "the printer stopped taking bytes",
            };
            let sent =
                if so_far == 0 { Sent::Nothing } else { Sent::Part(format!("{why} after {so_far} bytes")) };
            return sent;
        }
        Sent::Whole
    }

    /// Nobody knows whether it was printed; perhaps the printer still says what stopped it.
    async fn unknown(&mut self, why: String) -> Printed {
        let trouble = match self.condition().await {
            Condition::Ready { .. } | Condition::Not(Trouble::Silent) => None,
            Condition::Not(trouble) => Some(trouble),
        };
        Printed::Unknown { why, trouble }
    }
}
