//! The hot queue: commands of one kind that share a transaction. A flow's step takes a slice of commands;
//! one is a batch of one. While a batch is committed the next one gathers, so there is no timer.

use crate::db::{Db, DbError, Tx};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a batch of commands does in one transaction: as many outcomes as commands, in their order.
/// Business refusals are outcomes; an error undoes the whole batch.
pub type Step<C, R> = dyn Fn(&mut Tx<'_>, &[C]) -> anyhow::Result<Vec<R>> + Send + Sync;

/// A queue in front of one step.
pub struct Hot<C, R> {
    queue: mpsc::Sender<(C, oneshot::Sender<Result<R, DbError>>)>,
}

impl<C, R> Clone for Hot<C, R> {
    fn clone(&self) -> Self {
        Hot { queue: self.queue.clone() }
    }
}

impl<C: Send + Sync + 'static, R: Send + 'static> Hot<C, R> {
    /// Starts the queue's task on the current runtime.
    pub fn start(db: Db, step: Arc<Step<C, R>>) -> Hot<C, R> {
        let (queue, mut waiting) = mpsc::channel(db.options().queue_max);
        let batch_max = db.options().batch_max;
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(batch_max);
            while waiting.recv_many(&mut batch, batch_max).await > 0 {
                let (commands, answers): (Vec<C>, Vec<_>) = batch.drain(..).unzip();
                run(&db, &step, commands, answers).await;
            }
        });
        Hot { queue }
    }

    /// Hands a command over and waits for its outcome, which is durable when it arrives.
    pub async fn submit(&self, command: C) -> Result<R, DbError> {
        let (answer, outcome) = oneshot::channel();
        self.queue.try_send((command, answer)).map_err(|_| DbError::Busy)?;
        outcome.await.unwrap_or_else(|_| Err(DbError::Unknown(anyhow::anyhow!("the hot queue ended"))))
    }
}

async fn run<C: Send + Sync + 'static, R: Send + 'static>(
    db: &Db,
    step: &Arc<Step<C, R>>,
    commands: Vec<C>,
    answers: Vec<oneshot::Sender<Result<R, DbError>>>,
) {
    let commands = Arc::new(commands);
    let (all, batch_step) = (commands.clone(), step.clone());
    match db.write(move |tx| batch_step(tx, &all)).await {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                let _ = answer.send(Ok(outcome));
            }
        }
        Err(DbError::Failed(error)) if answers.len() > 1 => {
            // One command that cannot be applied must not fail its neighbours: each gets its own transaction.
            tracing::warn!(error = %format!("{error:#}"), size = answers.len(), "batch is run one by one");
            for (n, answer) in answers.into_iter().enumerate() {
                let (all, one_step) = (commands.clone(), step.clone());
                let outcome = db.write(move |tx| {
                    let mut outcomes = one_step(tx, &all[n..=n])?;
                    outcomes.pop().ok_or_else(|| anyhow::anyhow!("the step gave no outcome"))
                });
                let _ = answer.send(outcome.await);
            }
        }
        Err(error) => {
            let busy = matches!(error, DbError::Busy);
            let failed = matches!(error, DbError::Failed(_));
            let text = format!("{:#}", anyhow::Error::from(error));
            for answer in answers {
                let _ = answer.send(Err(if busy {
                    DbError::Busy
                } else if failed {
                    DbError::Failed(anyhow::anyhow!(text.clone()))
                } else {
                    DbError::Unknown(anyhow::anyhow!(text.clone()))
                }));
            }
        }
    }
}
