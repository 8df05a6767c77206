//! The mail server: a slice of SMTP (RFC 5321) with SIZE, 8BITMIME, SMTPUTF8 and enhanced status codes. Mails end
//! in the mailbox of mailbox.rs and go nowhere else.
//! Start reading at [`run`]; session.rs is one connection, wire.rs its lines, fate.rs what goes wrong and for whom.

mod fate;
mod session;
mod wire;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::world::Shared;

/// The most connections at once.
const MOST_SESSIONS: usize = 50;

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
