//! The receipt printer: ESC/POS on a TCP port, answers to status requests, and paper that can be looked at. Nothing is
//! shared with the product: the commands are read by decode.rs, the letters drawn by letters.rs, the paper by paper.rs.
//! Start at [`run`]; [`Condition`] is what can be wrong with it, set by the control API (pages.rs).

mod decode;
mod letters;
mod pages;
mod paper;

pub use pages::{control_routes, routes};

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use crate::clock::rfc3339;
use crate::world::Shared;
use decode::{Command, Decoder};
use paper::{Paper, Roll};

/// The most connections at once; one of them prints, the others wait for it.
const MOST_SESSIONS: usize = 16;
/// So many papers are kept.
const MOST_PAPERS: usize = 100;
/// So many commands wait while the printer cannot print; then it reads no more.
const MOST_HELD: usize = 50_000;

/// How much paper there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperSensor {
    #[default]
    Plenty,
    NearEnd,
    Out,
}

/// How the printer stands and what goes wrong with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    pub paper: PaperSensor,
    pub cover_open: bool,
    pub offline: bool,
    /// Takes everything, prints it and answers nothing.
    pub silent: bool,
    /// Answers in real time, and never that a slip was worked through.
    pub no_word: bool,
    /// Waits so long before each line.
    pub slow_ms: u64,
    /// Drops the connection after so many bytes of a job, once.
    pub drop_after_bytes: Option<usize>,
    /// The roll ends after so many more rows of dots, once.
    pub rows_left: Option<usize>,
    /// Dots of a line: 384 or 576.
    pub width: usize,
}

impl Default for Condition {
    fn default() -> Condition {
        Condition {
            paper: PaperSensor::Plenty,
            cover_open: false,
            offline: false,
            silent: false,
            no_word: false,
            slow_ms: 0,
            drop_after_bytes: None,
            rows_left: None,
            width: 576,
        }
    }
}

impl Condition {
    fn can_print(&self) -> bool {
        !self.offline && !self.cover_open && self.paper != PaperSensor::Out
    }

    /// `DLE EOT n` (Epson, "DLE EOT"): bits 1 and 4 are always set.
    fn real_time(&self, n: u8) -> u8 {
        let bit = |is: bool, bits: u8| if is { bits } else { 0 };
        let out = self.paper == PaperSensor::Out;
        0b0001_0010
            | match n {
                1 => bit(!self.can_print(), 0b1000),
                2 => bit(self.cover_open, 0b100) | bit(out, 0b10_0000),
                4 => bit(self.paper != PaperSensor::Plenty, 0b1100) | bit(out, 0b110_0000),
                _ => 0,
            }
    }

    /// `GS r n` (Epson, "GS r"): 1 is the paper, 2 the drawer.
    fn in_turn(&self, n: u8) -> u8 {
        match (n, self.paper) {
            (1, PaperSensor::NearEnd) => 0b11,
            (1, PaperSensor::Out) => 0b1111,
            _ => 0,
        }
    }
}

/// What is known of the printer.
#[derive(Default)]
pub struct State {
    pub condition: Condition,
    pub papers: VecDeque<Paper>,
    pub drawer_opened: u64,
    last: u64,
}

/// The printer as all its connections share it.
#[derive(Default)]
pub struct Machine {
    state: Mutex<State>,
    changed: Notify,
}

impl Machine {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how it stands, and lets whoever waits for it look again.
    pub fn set(&self, condition: Condition) {
        self.state().condition = condition;
        self.changed.notify_waiters();
    }

    fn condition(&self) -> Condition {
        self.state().condition.clone()
    }

    fn put(&self, roll: &mut Roll, at: String, cut: bool) {
        let mut state = self.state();
        state.last += 1;
        let paper = roll.end(state.last, at, cut);
        state.papers.push_front(paper);
        state.papers.truncate(MOST_PAPERS);
    }
}

/// Accepts connections until the simulator stops. One prints at a time, as the interface of a real printer does.
pub async fn run(world: Shared, listener: TcpListener) {
    let (places, turn) = (Arc::new(Semaphore::new(MOST_SESSIONS)), Arc::new(Semaphore::new(1)));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = world.shutdown.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let (serving, turn) = (world.clone(), turn.clone());
        world.tasks.spawn(async move {
            let shutdown = serving.shutdown.clone();
            tokio::select! {
                () = async {
                    let Ok(_turn) = turn.acquire().await else { return };
                    Session::new(serving, stream).serve().await;
                } => {}
                () = shutdown.cancelled() => {}
            }
            drop(place);
        });
    }
}

/// One connection.
struct Session {
    world: Shared,
    stream: TcpStream,
    decoder: Decoder,
    held: VecDeque<Command>,
    roll: Roll,
    taken: usize,
}

/// Does the connection go on?
#[derive(PartialEq, Eq)]
enum Goes {
    On,
    Away,
}

impl Session {
    fn new(world: Shared, stream: TcpStream) -> Session {
        let roll = Roll::new(world.printer.condition().width);
        Session { world, stream, decoder: Decoder::default(), held: VecDeque::new(), roll, taken: 0 }
    }

    async fn serve(mut self) {
        self.talk().await;
        // Whoever goes before the cut leaves what was printed so far.
        if self.roll.has_content() {
            let at = self.now();
            self.world.printer.put(&mut self.roll, at, false);
        }
    }

    fn now(&self) -> String {
        self.world.write_quietly(|books| Ok(rfc3339(books.now_ms))).unwrap_or_default()
    }

    async fn talk(&mut self) {
        let mut bytes = vec![0; 4096];
        loop {
            if self.work().await == Goes::Away {
                return;
            }
            let machine = self.world.clone();
            let changed = machine.printer.changed.notified();
            let full = self.held.len() >= MOST_HELD;
            tokio::select! {
                read = self.stream.read(&mut bytes), if !full => match read {
                    Ok(count) if count > 0 => {
                        if self.take(&bytes[..count]).await == Goes::Away {
                            return;
                        }
                    }
                    Ok(_) | Err(_) => return,
                },
                () = changed => {}
                // A change between the work and the wait is found by looking again.
                () = tokio::time::sleep(Duration::from_millis(100)), if !self.held.is_empty() => {}
            }
        }
    }

    /// New bytes: what is asked in real time is answered at once, the rest waits for its turn.
    async fn take(&mut self, bytes: &[u8]) -> Goes {
        let condition = self.world.printer.condition();
        let mut bytes = bytes;
        let mut drops = false;
        let asks_only = bytes.chunks(3).all(|three| three.starts_with(&[0x10, 0x04]));
        if let Some(after) = condition.drop_after_bytes.filter(|_| !asks_only) {
            let room = after.saturating_sub(self.taken);
            drops = bytes.len() >= room;
            bytes = &bytes[..room.min(bytes.len())];
            self.taken += bytes.len();
        }
        self.decoder.push(bytes);
        while let Some(command) = self.decoder.next() {
            match command {
                Command::RealTime(n) => {
                    let answer = condition.real_time(n);
                    if !condition.silent && self.stream.write_all(&[answer]).await.is_err() {
                        return Goes::Away;
                    }
                }
                command => self.held.push_back(command),
            }
        }
        if drops {
            self.work().await;
            self.world.printer.state().condition.drop_after_bytes = None;
            return Goes::Away;
        }
        Goes::On
    }

    /// Works through what waits, as long as the printer can print.
    async fn work(&mut self) -> Goes {
        while self.world.printer.condition().can_print() {
            let Some(command) = self.held.pop_front() else { return Goes::On };
            if self.obey(&command).await == Goes::Away {
                return Goes::Away;
            }
        }
        Goes::On
    }

    async fn obey(&mut self, command: &Command) -> Goes {
        let condition = self.world.printer.condition();
        match command {
            Command::Cut(_) => {
                if self.roll.has_content() {
                    let at = self.now();
                    self.world.printer.put(&mut self.roll, at, true);
                }
            }
            Command::Drawer => self.world.printer.state().drawer_opened += 1,
            Command::Status(n) if !condition.silent && !condition.no_word => {
                if self.stream.write_all(&[condition.in_turn(*n)]).await.is_err() {
                    return Goes::Away;
                }
            }
            Command::Lines(_) if condition.slow_ms > 0 => {
                tokio::time::sleep(Duration::from_millis(condition.slow_ms)).await;
                self.draw(command);
            }
            command => self.draw(command),
        }
        Goes::On
    }

    fn draw(&mut self, command: &Command) {
        let before = self.roll.fed();
        self.roll.obey(command);
        let fed = self.roll.fed() - before;
        let mut state = self.world.printer.state();
        if let Some(left) = state.condition.rows_left {
            let left = left.saturating_sub(fed);
            state.condition.rows_left = (left > 0).then_some(left);
            if left == 0 {
                state.condition.paper = PaperSensor::Out;
            }
        }
    }
}
