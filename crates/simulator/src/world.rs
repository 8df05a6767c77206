//! What all parts of the running simulator share: the books, the faults, the webhook settings, the SMS
//! centre's bound sessions. Start reading at [`World`]; `World::write` is the one way to the books.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::books::{Books, Shelf, Wanted};
use crate::faults::{Fault, Faults};
use crate::paypal::signing::Signer;
use crate::printer::Machine;
use crate::smsc::Bound;
use crate::stripe::errors::ApiError;
use crate::usage::UsageTarget;
use crate::webhooks::Settings;

/// A handle on the world.
pub type Shared = Arc<World>;

/// Everything that the parts share.
pub struct World {
    /// Where the pages and the API are reached, without a final slash.
    pub base_url: String,
    /// The port of the pages and the API.
    pub http_port: u16,
    /// The key that API calls must carry.
    pub api_key: String,
    /// PayPal's client id and secret.
    pub paypal_client: (String, String),
    /// What PayPal's events are signed with, once it was needed.
    pub signer: Mutex<Option<Arc<Signer>>>,
    /// SMPP system id and password.
    pub smpp: (String, String),
    /// The faults that are set.
    pub faults: Faults,
    /// Idempotency keys whose request is being held.
    pub in_flight: Mutex<HashSet<String>>,
    /// Changes when held requests are released.
    pub released: watch::Sender<u64>,
    /// Where webhooks go, and how they are signed.
    pub webhooks: Mutex<Settings>,
    /// Where the charging front reports what lines used.
    pub usage: Mutex<Option<UsageTarget>>,
    /// Wakes the task that sends webhooks and settles what is due.
    pub wake: Notify,
    /// SMPP sessions that are bound.
    pub bound: Mutex<Bound>,
    /// The receipt printer.
    pub printer: Machine,
    /// The client that sends webhooks.
    pub http: reqwest::Client,
    /// Cancelled when the simulator stops.
    pub shutdown: CancellationToken,
    /// Every task there is.
    pub tasks: TaskTracker,
    /// The stored books.
    pub shelf: Mutex<Shelf>,
}

impl World {
    /// The demo's tour, where this world is a demo's: its server is told what lines used. Browsers call it localhost.
    pub fn tour(&self) -> Option<String> {
        let usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.as_ref().map(|target| format!("{}/demo", target.url.replace("127.0.0.1", "localhost")))
    }

    /// Opens the books for one piece of work; see [`Shelf::write`]. Afterwards the faults that the work
    /// asked for are set and the sender is woken.
    pub fn write<T>(&self, work: impl FnOnce(&mut Books<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let done = self.write_quietly(work);
        self.wake.notify_one();
        done
    }

    /// As [`World::write`] without waking the sender: for the sender itself.
    pub fn write_quietly<T>(
        &self,
        work: impl FnOnce(&mut Books<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let wanted = self.webhook_settings(|settings| Wanted {
            stripe: settings.target.is_some(),
            paypal: settings.paypal.is_some(),
        });
        let mut asked: Vec<Fault> = Vec::new();
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let done = shelf.write(&self.base_url, wanted, |books| {
            let done = work(books);
            asked = std::mem::take(&mut books.faults);
            done
        });
        drop(shelf);
        for fault in asked {
            self.faults.add(fault);
        }
        done
    }

    /// Reads or changes the webhook settings.
    pub fn webhook_settings<T>(&self, look: impl FnOnce(&mut Settings) -> T) -> T {
        look(&mut self.webhooks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets every held request go on.
    pub fn release(&self) {
        self.released.send_modify(|round| *round += 1);
    }
}
