//! Text messages: which news they tell, what they say, and how the SMS centre's answers are taken.

use super::send::Tried;
use super::{News, Notice, short_reference};
use crate::error::Result;
use crate::lines;
use crate::world::World;
use anyhow::Context;
use domain::locale::Locale;
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::offer::Benefit;
use domain::refund::RefundReason;
use domain::time::SECOND_MS;
use domain::top_up::{Channel, TopUp, TopUpState};
use gateways::messaging::{Sms, SmsOutcome};
use render::view::{
    BonusShown, CounterNews, CounterSms, CreditedSms, RefundNews, RefundSms, SurplusReturningSms,
};
use store::Tx;
use store::message::Message;
use store::outbox::Work;

/// After so many tries without an answer a message is dead and people look at it.
const TRIES_MAX: i64 = 8;

/// Could this be told by text message, whatever its order is?
pub(super) fn may_tell(news: &News) -> bool {
    match news {
        News::State(state) => match state {
            TopUpState::Credited | TopUpState::Review | TopUpState::Refunded | TopUpState::Reversed => true,
            TopUpState::AwaitingPayment
            | TopUpState::CheckingPayment
            | TopUpState::Paid
            | TopUpState::PendingNetwork
            | TopUpState::Refunding
            | TopUpState::Cancelled => false,
        },
        News::Refund(kind, _) => matches!(
            kind,
            NoticeKind::RefundStarted
                | NoticeKind::SurplusReturning
                | NoticeKind::RefundFailed
                | NoticeKind::TakeBackFailed
        ),
    }
}

/// What the line is told, if anything: that credit arrived, that money goes back, each refund by itself, and to somebody
/// who paid at a counter, who has no page of the order, where that money is.
pub(super) fn told(tx: &mut Tx<'_>, top_up: &TopUp, news: &News) -> anyhow::Result<Option<Notice>> {
    let state = match news {
        _ if !may_tell(news) => return Ok(None),
        News::Refund(kind, refund) => return Ok(Some(Notice::about(*kind, refund))),
        News::State(state) => *state,
    };
    let at_counter = top_up.channel == Channel::Agent;
    let kind = match state {
        TopUpState::Credited => Some(NoticeKind::Credited),
        TopUpState::Review if at_counter && top_up.state == state => Some(NoticeKind::Review),
        TopUpState::Refunded | TopUpState::Reversed if at_counter => {
            store::tender::find_owed(tx, &top_up.id)?.map(|_| NoticeKind::CashOwed)
        }
        _ => None,
    };
    Ok(kind.map(Notice::of))
}

/// Is what a message says still so?
async fn holds(world: &World, message: &Message, top_up: &TopUp) -> Result<bool> {
    Ok(match message.kind {
        NoticeKind::Review => top_up.state == TopUpState::Review,
        NoticeKind::CashOwed => {
            let id = top_up.id.clone();
            world.db.read(move |tx| store::tender::find_owed(tx, &id)).await?.is_some()
        }
        _ => true,
    })
}

/// Hands a text message to the SMS centre.
pub(super) async fn send(world: &World, work: &Work, message: &Message, top_up: &TopUp) -> Result<Tried> {
    let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
    if !holds(world, message, top_up).await? {
        return Ok(Tried::outdated());
    }
    let line = message.line.clone();
    let line = world.db.read(move |tx| store::line::load(tx, &line)).await?;
    let text = text(world, message, top_up, &line.last4).await?;
    let to = lines::msisdn(world, &line)?.digits().to_owned();
    Ok(match gateway.send(&Sms { id: message.id.clone(), to, text }).await {
        SmsOutcome::Accepted { message_ids } => Tried::sent(message_ids.last().cloned()),
        SmsOutcome::Refused { code } => Tried::refused(code),
        SmsOutcome::NotTaken { why } | SmsOutcome::Unknown { why } => {
            let pause = SECOND_MS << work.attempts.clamp(0, 12);
            let next = (work.attempts < TRIES_MAX).then(|| world.now().plus_ms(pause));
            Tried::unanswered(why, next)
        }
    })
}

async fn text(world: &World, message: &Message, top_up: &TopUp, last4: &str) -> Result<String> {
    let brand = world.settings.brand.clone();
    let (code, last4) = (top_up.code.clone(), last4.to_owned());
    match message.kind {
        NoticeKind::Credited => {
            let offer = crate::top_up::quote::version(world, &top_up.offer_version).await?;
            let bundle = match offer.benefit {
                Benefit::Credit => None,
                Benefit::Bundle { .. } => Some(offer.name_in(message.locale).to_owned()),
            };
            let credit = arrived(top_up)?;
            let bonus = free(top_up, &offer.benefit, message.locale)?;
            let given = match &bundle {
                Some(_) => crate::top_up::afterwards::arrived(world, top_up).await?,
                None => None,
            };
            let told = CreditedSms { brand, code, last4, credit, bundle, given, bonus };
            Ok(world.renderer.text(message.locale, &told))
        }
        NoticeKind::RefundStarted | NoticeKind::RefundFailed | NoticeKind::TakeBackFailed => {
            let (amount, reference, reason) = refund_told(world, message).await?;
            let about = if message.kind == NoticeKind::TakeBackFailed {
                RefundNews::TakeBackFailed
            } else if message.kind == NoticeKind::RefundFailed {
                RefundNews::Failed
            } else if reason == RefundReason::TakenBack {
                RefundNews::TakenBack
            } else {
                RefundNews::NotDelivered
            };
            let told = RefundSms { about, brand, code, last4, amount, reference };
            Ok(world.renderer.text(message.locale, &told))
        }
        NoticeKind::SurplusReturning => {
            let (amount, reference, _) = refund_told(world, message).await?;
            Ok(world.renderer.text(message.locale, &SurplusReturningSms { brand, code, amount, reference }))
        }
        NoticeKind::Review => {
            let (about, amount) = (CounterNews::Review, top_up.prices.total);
            Ok(world.renderer.text(message.locale, &CounterSms { about, brand, code, last4, amount }))
        }
        NoticeKind::CashOwed => {
            let id = top_up.id.clone();
            let owed = world.db.read(move |tx| store::tender::find_owed(tx, &id)).await?;
            let amount = owed.context("no cash is owed")?.amount;
            let about = CounterNews::CashOwed;
            Ok(world.renderer.text(message.locale, &CounterSms { about, brand, code, last4, amount }))
        }
        NoticeKind::RefundReturned
        | NoticeKind::SurplusReturned
        | NoticeKind::SurplusFailed
        | NoticeKind::Late
        | NoticeKind::Unpaid
        | NoticeKind::Cancelled
        | NoticeKind::Reversed => Err(anyhow::anyhow!("{} is not told by text message", message.kind).into()),
    }
}

/// What was given on top: of credit, the offer's and the promotion's money in one sum.
fn free(top_up: &TopUp, benefit: &Benefit, locale: Locale) -> anyhow::Result<Option<BonusShown>> {
    let promised = top_up.promotion.as_ref().map(|bonus| BonusShown::of(bonus, locale));
    let of_offer = top_up.prices.bonus;
    if *benefit != Benefit::Credit || of_offer.minor == 0 {
        return Ok(promised);
    }
    Ok(match promised {
        None => Some(BonusShown { money: Some(of_offer), ..BonusShown::default() }),
        Some(BonusShown { money: Some(money), .. }) => {
            Some(BonusShown { money: Some(of_offer.plus(money)?), ..BonusShown::default() })
        }
        Some(other) => Some(other),
    })
}

/// The credit that arrives with a top-up of credit, bonus included.
pub fn arrived(top_up: &TopUp) -> Result<Money> {
    top_up.credit().map_err(|e| anyhow::Error::from(e).into())
}

/// Amount, reference and reason of the refund that a message tells of.
async fn refund_told(world: &World, message: &Message) -> Result<(Money, String, RefundReason)> {
    let id = message.refund.clone().context("a message about no refund")?;
    let refund = world.db.read(move |tx| store::refund::load(tx, &id)).await?;
    Ok((refund.amount, short_reference(refund.id.as_str()), refund.reason))
}
