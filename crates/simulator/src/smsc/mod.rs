//! The SMS centre: an SMPP 3.4 server over TCP with the codec of the rusmpp library. Messages end on the
//! phone of inbox.rs; delivery receipts go back to the sender, and from_phone.rs is what people write back.
//! Start reading at [`run`]; session.rs is one connection, [`Bound`] knows where receipts can go.

pub mod from_phone;
mod parts;
mod receipt;
mod session;
mod text;

use std::collections::VecDeque;
use std::sync::Arc;

use rusmpp::Pdu;
use tokio::net::TcpListener;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};

use crate::world::Shared;
use parts::Parts;

/// The most connections at once.
const MOST_SESSIONS: usize = 50;
/// The most receipts that wait for a receiver.
pub const MOST_WAITING: usize = 1_000;

/// The sessions that can receive, the receipts that wait for one, the messages still incomplete.
#[derive(Default)]
pub struct Bound {
    receivers: Vec<(u64, mpsc::Sender<Pdu>)>,
    waiting: VecDeque<Pdu>,
    parts: Parts,
    next: u64,
}

impl Bound {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A session that can receive; what waited goes to it.
    fn add(&mut self, session: u64, outbox: mpsc::Sender<Pdu>) {
        self.receivers.push((session, outbox));
        for pdu in std::mem::take(&mut self.waiting) {
            self.send(session, pdu);
        }
    }

    fn remove(&mut self, session: u64) {
        self.receivers.retain(|(other, _)| *other != session);
    }

    /// To the same session if it can receive, else to any that can, else it waits.
    fn send(&mut self, session: u64, pdu: Pdu) {
        let own = self.receivers.iter().find(|(other, _)| *other == session);
        let unsent = match own.or_else(|| self.receivers.first()) {
            Some((_, outbox)) => outbox.try_send(pdu).err().map(TrySendError::into_inner),
            None => Some(pdu),
        };
        if let Some(pdu) = unsent
            && self.waiting.len() < MOST_WAITING
        {
            self.waiting.push_back(pdu);
        }
    }
}

/// Accepts connections until the simulator stops.
pub async fn run(world: Shared, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(MOST_SESSIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = world.shutdown.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: let others finish.
            tokio::task::yield_now().await;
            continue;
        };
        // One connection too many is closed at once.
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let serving = world.clone();
        world.tasks.spawn(async move {
            session::serve(serving, stream).await;
            drop(place);
        });
    }
}
