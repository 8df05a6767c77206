//! The call that makes a refund. Start reading at [`create`].
//!
//! The same money may be on its way back already: by an earlier sending of ours whose answer was lost, or by another
//! hand in the provider's dashboard. So before it is sent again, and before a refusal is believed, somebody looks.

use super::operate::{finish, key_lives, mark_sent, unanswered};
use super::refund;
use crate::error::Result;
use crate::top_up::advance;
use crate::work::Done;
use crate::world::World;
use domain::actor::Actor;
use domain::id::RefundId;
use domain::payment::{OperationAnswer, RefundRequest};
use domain::refund::{RefundEvidence, RefundFinding};
use domain::time::HOUR_MS;
use domain::top_up::TopUpEvent;
use gateways::payment::{CallOutcome, PaymentGateway};
use store::attempt::Attempt;
use store::operation::Operation;
use store::refund::Refund;

/// How long a refund of ours may stay out of the provider's list after it was sent.
const LISTED_WITHIN_MS: i64 = HOUR_MS;

/// A refund that is asked for, with the id of its money at the provider.
struct Call<'a> {
    world: &'a World,
    gateway: &'a PaymentGateway,
    operation: &'a Operation,
    refund: Refund,
    attempt: Attempt,
    money_ref: String,
}

pub(super) async fn create(world: &World, gateway: &PaymentGateway, operation: &Operation) -> Result<Done> {
    let id = RefundId::stored(operation.subject.as_str());
    let read = world.db.read(move |tx| {
        let refund = store::refund::load(tx, &id)?;
        let attempt = store::attempt::load(tx, &refund.attempt)?;
        Ok((refund, attempt))
    });
    let (refund, attempt) = read.await?;
    let Some(money_ref) = attempt.money_ref.clone() else {
        return unanswered(world, operation, "the provider's id of the money is not known yet").await;
    };
    Call { world, gateway, operation, refund, attempt, money_ref }.run().await
}

impl Call<'_> {
    async fn run(&self) -> Result<Done> {
        if self.operation.first_sent_at.is_some() {
            match self.look().await {
                Ok(Some(found)) => return self.settle(OperationAnswer::Accepted, "", found).await,
                // Never a second refund under a key that the provider may have forgotten.
                _ if key_lives(self.world, self.gateway, self.operation) => {}
                Ok(None) => return self.to_people("absent: no refund carries our id").await,
                Err(why) => return self.to_people(&why).await,
            }
        }
        self.send().await
    }

    async fn look(&self) -> std::result::Result<Option<RefundEvidence>, String> {
        let (page, refund) = (self.attempt.page_ref.as_deref(), &self.refund);
        self.gateway.find_refund(page, &self.money_ref, &refund.id, refund.amount).await
    }

    async fn send(&self) -> Result<Done> {
        mark_sent(self.world, self.operation).await?;
        let request = RefundRequest {
            operation: self.operation.id.clone(),
            refund: self.refund.id.clone(),
            payment: self.refund.payment.clone(),
            attempt: self.refund.attempt.clone(),
            money_ref: self.money_ref.clone(),
            amount: self.refund.amount,
        };
        let outcome = self.gateway.create_refund(&request).await;
        store::fail::point("refund.after_answer");
        match outcome {
            CallOutcome::Accepted(evidence) => self.settle(OperationAnswer::Accepted, "", evidence).await,
            CallOutcome::Refused { code, detail } => {
                tracing::error!(%code, %detail, "the provider refused a refund");
                self.refused(code).await
            }
            CallOutcome::Unknown { why } => unanswered(self.world, self.operation, &why).await,
        }
    }

    /// Why it was refused may be that the money went back already.
    async fn refused(&self, code: String) -> Result<Done> {
        let sent_before = self.operation.first_sent_at;
        let may_be_ours = sent_before.is_some_and(|at| self.world.now() < at.plus_ms(LISTED_WITHIN_MS));
        match self.look().await {
            Ok(Some(found)) => self.settle(OperationAnswer::Accepted, &code, found).await,
            Ok(None) if !may_be_ours => {
                let finding = RefundFinding::Failed { code: code.clone() };
                let evidence = RefundEvidence { finding, refund_ref: None, amount: None };
                self.settle(OperationAnswer::Refused, &code, evidence).await
            }
            Ok(None) => unanswered(self.world, self.operation, &code).await,
            Err(why) => unanswered(self.world, self.operation, &format!("{code}; {why}")).await,
        }
    }

    async fn to_people(&self, why: &str) -> Result<Done> {
        tracing::error!(refund = %self.refund.id, %why, "a refund was never answered: people must look at it");
        let (context, top_up) = (self.world.step(), self.refund.top_up.clone());
        let moved = self.world.db.write(move |tx| {
            let top_up = store::top_up::load(tx, &top_up)?;
            advance(tx, &context, top_up, TopUpEvent::ReviewOpened, &Actor::System.to_string()).map(|_| ())
        });
        moved.await?;
        unanswered(self.world, self.operation, why).await
    }

    async fn settle(&self, answer: OperationAnswer, detail: &str, evidence: RefundEvidence) -> Result<Done> {
        let (context, provider) = (self.world.step(), self.gateway.name());
        let (operation, detail, id) = (self.operation.clone(), detail.to_owned(), self.refund.id.clone());
        let settled = self.world.db.write(move |tx| {
            let counted = finish(tx, &operation, answer, &detail, context.now)?;
            if !counted && answer == OperationAnswer::Refused {
                return Ok(());
            }
            refund::apply(tx, &context, provider, &id, &evidence)
        });
        settled.await?;
        Ok(Done::Finished)
    }
}
