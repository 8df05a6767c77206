//! E-mails: which news they tell, what they say, and how the mail server's answers are taken.
//!
//! A mail says when the next one comes, so whoever was told that an answer is still to come is told the answer,
//! whatever it is. A mail is written from what is stored and can be written again: handed over a second time under
//! the same `Message-ID` it says the same, and one that is no longer true is not sent.

use super::send::Tried;
use super::{News, Notice, short_reference};
use crate::error::Result;
use crate::receipt::{self, Standing};
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::id::RefundId;
use domain::links;
use domain::notice::{NoticeChannel, NoticeKind};
use domain::offer::Benefit;
use domain::refund::RefundState;
use domain::time::{HOUR_MS, MINUTE_MS, UnixMs};
use domain::top_up::{TopUp, TopUpState};
use gateways::messaging::{Email, EmailOutcome};
use render::SentenceValues;
use render::view::{
    EmailFrame, EmailText, Going, OrderEmail, Paying, ReceiptEmail, ReceiptPage, Surplus, SurplusEmail,
};
use store::keyring::Purpose;
use store::message::{self, Message};
use store::outbox::{self, NewWork, Topic, Work};
use store::refund::Refund;
use store::{Tx, top_up};

/// People expect credit within moments: an answer that takes longer is told of.
const LATE_MS: i64 = 2 * MINUTE_MS;

/// How long to wait after each try that brought no answer, or a request to come back: a server that greylists wants
/// that within a quarter of an hour, one that is down may take the night. After two days people look at it.
const PAUSES_MS: [i64; 10] = [
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
    8 * HOUR_MS,
    16 * HOUR_MS,
    16 * HOUR_MS,
];

/// What the buyer is told, if anything; nothing without an address.
pub(super) fn told(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    news: &News,
) -> anyhow::Result<Option<Notice>> {
    if top_up.email_sealed.is_none() {
        return Ok(None);
    }
    match news {
        News::Refund(kind, refund) => about_refund(tx, top_up, *kind, refund),
        News::State(TopUpState::Credited) => Ok(Some(Notice::of(NoticeKind::Credited))),
        // What it has come into since is told by news of its own.
        News::State(state) if *state != top_up.state => Ok(None),
        News::State(state) => Ok(about_state(tx, context, top_up, *state)?.map(Notice::of)),
    }
}

fn about_state(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    state: TopUpState,
) -> anyhow::Result<Option<NoticeKind>> {
    Ok(match state {
        TopUpState::Credited => Some(NoticeKind::Credited),
        TopUpState::Review => Some(NoticeKind::Review),
        TopUpState::Reversed => Some(NoticeKind::Reversed),
        TopUpState::Cancelled => seemed_paid(tx, top_up)?.then_some(NoticeKind::Cancelled),
        TopUpState::AwaitingPayment => awaits_news(tx, top_up)?.then_some(NoticeKind::Unpaid),
        TopUpState::CheckingPayment | TopUpState::Paid | TopUpState::PendingNetwork => {
            let mut look = NewWork::due(Topic::Late, top_up.id.as_str(), top_up.state_at);
            look.available_at = top_up.state_at.plus_ms(LATE_MS);
            outbox::push(tx, look, context.ids.as_ref(), context.now)?;
            None
        }
        // Each refund is told by itself.
        TopUpState::Refunding | TopUpState::Refunded => None,
    })
}

/// How a refund ended is told to those who were told that it began.
fn about_refund(
    tx: &mut Tx<'_>,
    top_up: &TopUp,
    kind: NoticeKind,
    refund: &RefundId,
) -> anyhow::Result<Option<Notice>> {
    let began_as = NoticeKind::SurplusReturning;
    let is_surplus =
        message::find_about(tx, &top_up.id, NoticeChannel::Email, began_as, Some(refund))?.is_some();
    let kind = match kind {
        NoticeKind::RefundReturned if is_surplus => Some(NoticeKind::SurplusReturned),
        // Of another refund that failed its order tells.
        NoticeKind::SurplusFailed => is_surplus.then_some(kind),
        NoticeKind::RefundFailed => None,
        NoticeKind::RefundStarted
        | NoticeKind::RefundReturned
        | NoticeKind::SurplusReturning
        | NoticeKind::TakeBackFailed => Some(kind),
        NoticeKind::Credited
        | NoticeKind::SurplusReturned
        | NoticeKind::Late
        | NoticeKind::Review
        | NoticeKind::Unpaid
        | NoticeKind::Cancelled
        | NoticeKind::CashOwed
        | NoticeKind::Reversed => anyhow::bail!("{kind} is no news of a refund"),
    };
    Ok(kind.map(|kind| Notice::about(kind, refund)))
}

/// Was there a time in which the buyer could take the order for paid?
fn seemed_paid(tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<bool> {
    let events = top_up::list_events(tx, &top_up.id)?;
    Ok(events.iter().any(|(state, _)| is_owed(*state) || *state == TopUpState::Review))
}

/// Was the last mail one that promised an answer?
fn awaits_news(tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<bool> {
    let last = message::newest(tx, &top_up.id, NoticeChannel::Email)?;
    Ok(matches!(last, Some(NoticeKind::Late | NoticeKind::Review)))
}

fn is_owed(state: TopUpState) -> bool {
    matches!(state, TopUpState::CheckingPayment | TopUpState::Paid | TopUpState::PendingNetwork)
}

/// Is an answer owed, and was it for longer than people expect? One whose time has passed goes to people now, and
/// that is told instead.
pub(super) fn is_late(top_up: &TopUp, now: UnixMs) -> bool {
    let in_time = top_up.answer_by_at.is_none_or(|by| now < by);
    is_owed(top_up.state) && now >= top_up.state_at.plus_ms(LATE_MS) && in_time
}

/// Hands a mail to the mail server.
pub(super) async fn send(world: &World, work: &Work, message: &Message, top_up: TopUp) -> Result<Tried> {
    let gateway = world.email.as_ref().context("no mail server is set up")?;
    // Its buyer had the account erased since.
    let Some(sealed) = top_up.email_sealed.clone() else { return Ok(Tried::outdated()) };
    let standing = receipt::standing(world, top_up).await?;
    let Some(EmailText { subject, text, html }) = written(world, message, &standing).await? else {
        return Ok(Tried::outdated());
    };
    let to = world.keyring.open_sealed(Purpose::Email, &sealed)?;
    let (id, at) = (message.id.clone(), message.created_at);
    let email = Email { id, to, subject, text, html, at, unsubscribe: None };
    Ok(match gateway.send(&email).await {
        EmailOutcome::Accepted { reference } => Tried::sent(Some(reference)),
        EmailOutcome::Refused { code } => Tried::refused(code),
        EmailOutcome::TryLater { why } | EmailOutcome::Unknown { why } => {
            let tries = usize::try_from(work.attempts - 1).unwrap_or(0);
            let next = PAUSES_MS.get(tries).map(|pause| world.now().plus_ms(*pause));
            Tried::unanswered(why, next)
        }
    })
}

/// The mail, as long as what it says is so.
async fn written(world: &World, message: &Message, standing: &Standing) -> Result<Option<EmailText>> {
    let top_up = &standing.top_up;
    if message.kind.tells_of_a_state() && message.version != top_up.version {
        return Ok(None);
    }
    let zone = world.fresh_catalogue().await?;
    let zone =
        zone.market(&top_up.market).map_or("UTC", |market| market.seller.time_zone.as_str()).to_owned();
    let letter = Letter { world, message, standing, zone };
    Ok(match message.kind {
        NoticeKind::Credited => Some(letter.receipt().await?),
        NoticeKind::SurplusReturning => Some(letter.surplus(Going::Moving)?),
        NoticeKind::SurplusReturned => letter.while_returned(|| letter.surplus(Going::Returned))?,
        NoticeKind::SurplusFailed => Some(letter.surplus(Going::Failed)?),
        NoticeKind::TakeBackFailed => Some(letter.surplus(Going::Kept)?),
        NoticeKind::RefundFailed | NoticeKind::CashOwed => None,
        NoticeKind::RefundStarted => Some(letter.order(letter.refunding()?)),
        NoticeKind::RefundReturned => letter.while_returned(|| Ok(letter.order(letter.refunded()?)))?,
        NoticeKind::Late
        | NoticeKind::Review
        | NoticeKind::Unpaid
        | NoticeKind::Cancelled
        | NoticeKind::Reversed => Some(letter.order(letter.values())),
    })
}

/// One mail being written.
struct Letter<'a> {
    world: &'a World,
    message: &'a Message,
    standing: &'a Standing,
    zone: String,
}

impl Letter<'_> {
    fn frame(&self) -> EmailFrame {
        let settings = &self.world.settings;
        EmailFrame {
            brand: settings.brand.clone(),
            home_url: links::home(&settings.public_url),
            support: settings.support.clone(),
            demo: settings.demo,
        }
    }

    fn order_url(&self) -> String {
        links::order(&self.world.settings.public_url, &self.standing.top_up.code)
    }

    fn offer_name(&self) -> &str {
        self.standing.offer.name_in(self.message.locale)
    }

    /// The order as it stands.
    fn values(&self) -> SentenceValues {
        let bundle = (self.standing.offer.benefit != Benefit::Credit).then(|| self.offer_name());
        let reference = self.standing.refunds.last().map(|refund| short_reference(refund.id.as_str()));
        let values = SentenceValues::of(&self.standing.top_up, bundle, reference.as_deref(), &self.zone);
        SentenceValues { provider: self.standing.provider.clone(), ..values }
    }

    fn refund(&self) -> anyhow::Result<&Refund> {
        let id = self.message.refund.as_ref().context("a message about no refund")?;
        self.standing.refunds.iter().find(|refund| refund.id == *id).context("the refund is missing")
    }

    fn refunding(&self) -> anyhow::Result<SentenceValues> {
        let refund = self.refund()?;
        Ok(SentenceValues {
            state: TopUpState::Refunding,
            amount: refund.amount,
            bundle: None,
            answer_by: None,
            reference: Some(short_reference(refund.id.as_str())),
            returned_at: None,
            provider: None,
            zone: self.zone.clone(),
        })
    }

    fn refunded(&self) -> anyhow::Result<SentenceValues> {
        let returned_at = Some(self.refund()?.state_at);
        Ok(SentenceValues { state: TopUpState::Refunded, returned_at, ..self.refunding()? })
    }

    /// A refund that the provider called succeeded can still fail; then that is told instead.
    fn while_returned(
        &self,
        write: impl FnOnce() -> anyhow::Result<EmailText>,
    ) -> anyhow::Result<Option<EmailText>> {
        if self.refund()?.state == RefundState::Succeeded { write().map(Some) } else { Ok(None) }
    }

    async fn receipt(&self) -> Result<EmailText> {
        let receipt = ReceiptPage::of(&receipt::receipt(self.world, self.standing).await?);
        let invoicing = crate::invoice::invoicing(self.world, &self.standing.top_up).await?;
        let qr = crate::qr::shown(&receipt.proof_url)?;
        let receipt = receipt.proving(qr, invoicing.is_some());
        let top_up = TopUp { state: TopUpState::Credited, ..self.standing.top_up.clone() };
        let bundle = (self.standing.offer.benefit != Benefit::Credit).then(|| self.offer_name());
        let values = SentenceValues::of(&top_up, bundle, None, &self.zone);
        let invoice_url = receipt
            .invoice
            .then(|| links::invoice(&self.world.settings.public_url, &self.standing.top_up.code));
        let view = ReceiptEmail { values, receipt, order_url: self.order_url(), invoice_url };
        Ok(self.world.renderer.email(self.message.locale, &self.frame(), &view))
    }

    fn surplus(&self, going: Going) -> anyhow::Result<EmailText> {
        let refund = self.refund()?;
        let reference = short_reference(refund.id.as_str());
        let view = SurplusEmail {
            code: self.standing.top_up.code.clone(),
            surplus: Surplus { amount: refund.amount, reference, going },
            order_url: self.order_url(),
        };
        Ok(self.world.renderer.email(self.message.locale, &self.frame(), &view))
    }

    fn order(&self, values: SentenceValues) -> EmailText {
        let (standing, top_up) = (self.standing, &self.standing.top_up);
        let page = standing.payment_url().and(standing.attempt.as_ref());
        let paying = page.map(|attempt| Paying { url: self.order_url(), until: Some(attempt.expires_at) });
        let view = OrderEmail {
            code: top_up.code.clone(),
            state: values.state,
            values,
            offer_name: self.offer_name().to_owned(),
            last4: standing.last4.clone(),
            total: top_up.prices.total,
            ordered_at: top_up.created_at,
            paying,
            order_url: self.order_url(),
            refund_reason: self.refund().ok().map(|refund| refund.reason),
            review: standing.review(),
        };
        self.world.renderer.email(self.message.locale, &self.frame(), &view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greylisted_mail_is_tried_within_a_quarter_of_an_hour_and_none_longer_than_two_days() {
        let at: Vec<i64> = PAUSES_MS
            .iter()
            .scan(0, |sum, pause| {
                *sum += pause;
                Some(*sum)
            })
            .collect();
        assert!(at.iter().any(|ms| (5 * MINUTE_MS..=15 * MINUTE_MS).contains(ms)));
        assert!(at.iter().any(|ms| (15 * MINUTE_MS..=30 * MINUTE_MS).contains(ms)));
        let last = at[at.len() - 1];
        assert!((47 * HOUR_MS..=48 * HOUR_MS).contains(&last), "{last}");
    }
}
