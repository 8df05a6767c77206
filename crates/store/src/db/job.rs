//! A step on its way through a queue: run, perhaps again, then settled once the commit is known.

use super::{DbError, Tx};
use anyhow::anyhow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// A queued step without its types.
pub(crate) trait Job: Send {
    /// Runs the step. An error means that what it wrote must be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> anyhow::Result<()>;
    /// Tells the one who waits what became of it.
    fn settle(self: Box<Self>, commit: Result<(), DbError>);
}

pub(crate) struct StepJob<F, T> {
    step: F,
    value: Option<T>,
    answer: oneshot::Sender<Result<T, DbError>>,
}

impl<F, T> StepJob<F, T>
where
    F: Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    T: Send + 'static,
{
    pub fn queued(step: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, DbError>>) {
        let (answer, receiver) = oneshot::channel();
        (Box::new(StepJob { step, value: None, answer }), receiver)
    }
}

impl<F, T> Job for StepJob<F, T>
where
    F: Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    T: Send + 'static,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        self.value = None;
        // A bug in one step must not take the thread, and with it everybody's steps, down.
        let value = catch_unwind(AssertUnwindSafe(|| (self.step)(tx)))
            .map_err(|_| anyhow!("the step panicked"))??;
        self.value = Some(value);
        Ok(())
    }

    fn settle(self: Box<Self>, commit: Result<(), DbError>) {
        let StepJob { value, answer: waiting, .. } = *self;
        let answer =
            commit.and_then(|()| value.ok_or_else(|| DbError::Failed(anyhow!("the step has no value"))));
        // Nobody waits any more when the request was dropped; the commit stands all the same.
        let _ = waiting.send(answer);
    }
}
