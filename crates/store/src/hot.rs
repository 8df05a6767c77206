//! The hot queue: commands of one kind that share a transaction. A flow's step takes a slice of commands;
//! one is a batch of one. While a batch is committed the next one gathers, so there is no timer: the database's
//! own thread takes what is waiting when it is free.

use crate::db::{Db, DbError, Job, Tx};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What a batch of commands does in one transaction: as many outcomes as commands, in their order.
/// Business refusals are outcomes; an error undoes the whole batch.
pub type Step<C, R> = dyn Fn(&mut Tx<'_>, &[C]) -> anyhow::Result<Vec<R>> + Send + Sync;

/// A queue in front of one step.
pub struct Hot<C, R> {
    queue: Arc<Queue<C, R>>,
}

struct Queue<C, R> {
    db: Db,
    step: Arc<Step<C, R>>,
    waiting: Mutex<Waiting<C, R>>,
}

struct Waiting<C, R> {
    commands: VecDeque<(C, Answer<R>)>,
    /// A batch is on its way to the database's thread and will take them.
    called: bool,
}

type Answer<R> = oneshot::Sender<Result<R, DbError>>;

impl<C: Send + Sync + 'static, R: Send + 'static> Hot<C, R> {
    pub fn new(db: Db, step: Arc<Step<C, R>>) -> Hot<C, R> {
        let waiting = Mutex::new(Waiting { commands: VecDeque::new(), called: false });
        Hot { queue: Arc::new(Queue { db, step, waiting }) }
    }

    /// Hands a command over and waits for its outcome, which is durable when it arrives.
    pub async fn submit(&self, command: C) -> Result<R, DbError> {
        let (answer, outcome) = oneshot::channel();
        let call = {
            let mut waiting = self.queue.waiting();
            if waiting.commands.len() >= self.queue.db.options().queue_max {
                return Err(DbError::Busy);
            }
            waiting.commands.push_back((command, answer));
            !std::mem::replace(&mut waiting.called, true)
        };
        if call {
            self.queue.call();
        }
        outcome.await.unwrap_or_else(|_| Err(DbError::Unknown(anyhow::anyhow!("the database thread ended"))))
    }
}

impl<C: Send + Sync + 'static, R: Send + 'static> Queue<C, R> {
    fn waiting(&self) -> MutexGuard<'_, Waiting<C, R>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a batch that takes what is waiting once its turn comes. A full queue answers everybody who waits.
    fn call(self: &Arc<Self>) {
        if self.db.enqueue_hot(Box::new(Batch::of(self, None))).is_err() {
            let mut waiting = self.waiting();
            waiting.called = false;
            for (_, answer) in waiting.commands.drain(..) {
                let _ = answer.send(Err(DbError::Busy));
            }
        }
    }

    fn take(self: &Arc<Self>) -> (Vec<C>, Vec<Answer<R>>) {
        let mut waiting = self.waiting();
        let size = waiting.commands.len().min(self.db.options().batch_max.max(1));
        let taken = waiting.commands.drain(..size).unzip();
        waiting.called = !waiting.commands.is_empty();
        let more = waiting.called;
        drop(waiting);
        if more {
            self.call();
        }
        taken
    }
}

/// Commands that share a transaction, taken when the transaction begins.
struct Batch<C, R> {
    queue: Arc<Queue<C, R>>,
    taken: Option<(Vec<C>, Vec<Answer<R>>)>,
    outcomes: Vec<R>,
}

impl<C: Send + Sync + 'static, R: Send + 'static> Batch<C, R> {
    fn of(queue: &Arc<Queue<C, R>>, taken: Option<(Vec<C>, Vec<Answer<R>>)>) -> Batch<C, R> {
        Batch { queue: queue.clone(), taken, outcomes: Vec::new() }
    }
}

impl<C: Send + Sync + 'static, R: Send + 'static> Job for Batch<C, R> {
    fn run(&mut self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        // A batch that is run again keeps its commands.
        let (commands, _) = self.taken.get_or_insert_with(|| self.queue.take());
        if commands.is_empty() {
            return Ok(());
        }
        metrics::histogram!("recarga_db_batch_commands")
            .record(u32::try_from(commands.len()).unwrap_or(u32::MAX));
        let outcomes = catch_unwind(AssertUnwindSafe(|| (self.queue.step)(tx, commands)))
            .map_err(|_| anyhow::anyhow!("the step panicked"))??;
        anyhow::ensure!(outcomes.len() == commands.len(), "the step gave another number of outcomes");
        self.outcomes = outcomes;
        Ok(())
    }

    fn settle(self: Box<Self>, commit: Result<(), DbError>) {
        let Batch { queue, taken, outcomes } = *self;
        // Nothing was taken when the transaction could not begin: those who wait are told.
        let (commands, answers) = taken.unwrap_or_else(|| queue.take());
        match commit {
            Ok(()) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Nobody waits any more when the request was dropped; the commit stands all the same.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(DbError::Failed(error)) if answers.len() > 1 => {
                // One command that cannot be applied must not fail its neighbours: each gets its own transaction.
                tracing::warn!(error = %format!("{error:#}"), size = answers.len(), "batch is run one by one");
                for (command, answer) in commands.into_iter().zip(answers) {
                    let alone = Batch::of(&queue, Some((vec![command], vec![answer])));
                    if let Err(refused) = queue.db.enqueue_hot(Box::new(alone)) {
                        refused.settle(Err(DbError::Busy));
                    }
                }
            }
            Err(error) => {
                for answer in answers {
                    let _ = answer.send(Err(error.again()));
                }
            }
        }
    }
}
