//! The load: clients that ask, wait for the answer, and ask again, each on one kept-alive connection.
//!
//! HTTP/1.1 is written and read by hand (RFC 9112), as little as our own answers need: the generator shares
//! two cores with the server, so every microsecond that it takes is missing there.

use super::figures::{Latencies, percentiles};
use crate::clock::{SystemClock, SystemIds};
use anyhow::{Context, Result, bail, ensure};
use domain::id::Ids;
use domain::time::Clock;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Larger answers are not ours.
const ANSWER_MAX: usize = 64 * 1024;

/// Where and what to ask.
pub struct Target {
    pub address: SocketAddr,
    /// The status of an answer that does what was asked.
    expects: u16,
    /// The word in an answer that refuses, where it is expected too.
    refusal: Option<&'static str>,
    /// Writes the how-manieth request.
    request: Box<dyn Fn(usize) -> String + Send + Sync>,
    asked: AtomicUsize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Load {
    /// Answered as expected.
    pub acknowledged: u64,
    /// Refused as expected.
    pub refused: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    pub per_second: f64,
    pub latencies: Latencies,
}

impl Target {
    /// Top-ups of a partner: another line each time, under a key that sorts after the one before it.
    pub fn new(address: SocketAddr, api_key: &str, bodies: Arc<Vec<String>>) -> Arc<Target> {
        let (ids, api_key) = (SystemIds::default(), api_key.to_owned());
        Target::of(address, 201, None, move |n| {
            let body = &bodies[n % bodies.len()];
            format!(
                "POST /v1/top-ups HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {api_key}\r\n\
                 Content-Type: application/json\r\nIdempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{body}",
                ids.next(SystemClock.now()),
                body.len()
            )
        })
    }

    /// Whatever `request` writes.
    pub fn of(
        address: SocketAddr,
        expects: u16,
        refusal: Option<&'static str>,
        request: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Arc<Target> {
        let asked = AtomicUsize::new(0);
        Arc::new(Target { address, expects, refusal, request: Box::new(request), asked })
    }

    fn request(&self) -> String {
        (self.request)(self.asked.fetch_add(1, Ordering::Relaxed))
    }
}

/// Lets so many clients ask for this long; what was asked is waited for.
pub async fn run(target: &Arc<Target>, clients: usize, part: Duration) -> Result<Load> {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..clients {
        running.spawn(client(target.clone(), begun + part));
    }
    let mut load = Load::default();
    let mut took = Vec::new();
    while let Some(one) = running.join_next().await {
        let one = one.context("a client fell over")?;
        load.errors += one.errors;
        load.refused += one.refused;
        load.first_error = load.first_error.or(one.first_error);
        took.extend(one.took);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    load.acknowledged = u64::try_from(took.len())?;
    load.per_second = f64::from(u32::try_from(took.len())?) / elapsed;
    load.latencies = percentiles(&mut took);
    Ok(load)
}

#[derive(Default)]
struct One {
    took: Vec<Duration>,
    refused: u64,
    errors: u64,
    first_error: Option<String>,
}

async fn client(target: Arc<Target>, until: Instant) -> One {
    let mut one = One::default();
    let mut connection = None;
    while Instant::now() < until {
        match ask(&target, &mut connection).await {
            Ok(Some(took)) => one.took.push(took),
            Ok(None) => one.refused += 1,
            Err(error) => {
                // What was lost may have been done: it shows when the ledger is counted.
                connection = None;
                one.errors += 1;
                one.first_error.get_or_insert(format!("{error:#}"));
            }
        }
    }
    one
}

/// How long it took until it was done; `None` where it was refused as expected.
async fn ask(target: &Target, kept: &mut Option<Connection>) -> Result<Option<Duration>> {
    let connection = match kept {
        Some(connection) => connection,
        None => kept.insert(Connection::open(target.address).await?),
    };
    let request = target.request();
    let begun = Instant::now();
    connection.stream.write_all(request.as_bytes()).await?;
    let status = connection.answer().await?;
    let took = begun.elapsed();
    if status == target.expects {
        return Ok(Some(took));
    }
    let answer = String::from_utf8_lossy(&connection.read);
    ensure!(target.refusal.is_some_and(|word| answer.contains(word)), "an answer {status}: {answer}");
    Ok(None)
}

struct Connection {
    stream: TcpStream,
    /// The last answer.
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, read: Vec::with_capacity(4096) })
    }

    /// Reads one whole answer and returns its status.
    async fn answer(&mut self) -> Result<u16> {
        self.read.clear();
        let (status, length) = loop {
            self.more().await?;
            if let Some(head) = read_head(&self.read)? {
                break head;
            }
        };
        while self.read.len() < length {
            self.more().await?;
        }
        ensure!(self.read.len() == length, "more was sent than one answer");
        Ok(status)
    }

    async fn more(&mut self) -> Result<()> {
        ensure!(self.read.len() < ANSWER_MAX, "the answer is too long");
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the connection was closed");
        Ok(())
    }
}

/// Status and length of the whole answer, once its head is there (RFC 9112 §4, §6.3).
fn read_head(read: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&read[..end]).context("the answer's head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).and_then(|rest| rest.get(..3));
    let status = status.and_then(|code| code.parse().ok()).context("the answer has no status")?;
    let length = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    match length {
        Some(length) => Ok(Some((status, end + 4 + length.context("the answer's length is no number")?))),
        None => bail!("the answer {status} does not say how long it is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_said_end() {
        assert_eq!(read_head(b"HTTP/1.1 201 Created\r\nContent-Le").unwrap(), None);
        let whole = b"HTTP/1.1 201 Created\r\nX: y\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(read_head(whole).unwrap(), Some((201, whole.len())));
        assert!(read_head(b"HTTP/1.1 201 Created\r\n\r\n").is_err(), "without a length it never ends");
        assert!(read_head(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn keys_sort_in_the_order_of_asking() {
        let bodies = Arc::new(vec!["{}".to_owned()]);
        let target = Target::new(SocketAddr::from(([127, 0, 0, 1], 1)), "rk", bodies);
        let key = |request: String| request.split("Idempotency-Key: ").nth(1).map(|k| k[..26].to_owned());
        let (first, second) = (key(target.request()), key(target.request()));
        assert!(first.is_some() && first < second);
    }
}
