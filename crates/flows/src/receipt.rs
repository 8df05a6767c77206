//! Receipts: the one value from which every form of a receipt is rendered, and where an order stands.

use crate::error::Result;
use crate::top_up::afterwards;
use crate::world::World;
use anyhow::Context;
use domain::fiscal::FiscalMark;
use domain::money::Money;
use domain::network_credit::NetworkCreditState;
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::payment::AttemptState;
use domain::receipt::{PaidBy, Receipt, SoldAt};
use domain::refund::{RefundReason, RefundState};
use domain::tender::Tender;
use domain::time::UnixMs;
use domain::top_up::{Channel, Settlement, TopUp, TopUpState};
use render::view::OrderReview;
use store::attempt::Attempt;
use store::keyring::Purpose;
use store::refund::Refund;
use store::{Tx, message};

/// Everything that an order page tells its buyer.
#[derive(Debug, Clone)]
pub struct Standing {
    pub top_up: TopUp,
    pub offer: domain::offer::Offer,
    /// The attempt that paid or is to be paid, when the order is paid on a hosted page.
    pub attempt: Option<Attempt>,
    /// At which provider it is paid; none for a float.
    pub provider: Option<String>,
    /// Is money of this order ours, or was it?
    pub paid: bool,
    /// What came although something else was asked.
    pub contradicting: Option<Money>,
    pub refunds: Vec<Refund>,
    /// The states that the order went through, with their times, oldest first. An order whose money went on in the
    /// moment in which it came was paid in that moment.
    pub history: Vec<(TopUpState, UnixMs)>,
    pub last4: String,
    /// The e-mail receipt, once there is one.
    pub receipt_mail: Option<ReceiptMail>,
    /// Where the credit stands at the host network, where it keeps the line's balance.
    pub network: Option<NetworkCreditState>,
}

/// Where the e-mail receipt goes, and how far it is.
#[derive(Debug, Clone)]
pub struct ReceiptMail {
    /// The masked address.
    pub address: String,
    pub state: MessageState,
}

impl Standing {
    /// The page on which the buyer can still pay.
    pub fn payment_url(&self) -> Option<&str> {
        let open = self.attempt.as_ref().filter(|a| a.state == AttemptState::RequiresAction)?;
        open.url.as_deref().filter(|_| self.top_up.state == TopUpState::AwaitingPayment)
    }

    /// Money beyond the order's own that is going back: a second payment of a paid order. Of several, the last of
    /// which the provider has not said that it is back.
    pub fn surplus(&self) -> Option<&Refund> {
        let paid = matches!(self.top_up.state, TopUpState::Credited | TopUpState::Reversed);
        // What takes the order itself back is no surplus.
        let surplus = |refund: &&Refund| refund.reason != RefundReason::TakenBack;
        let on_its_way =
            self.standing_refunds().filter(surplus).rev().find(|r| r.state != RefundState::Succeeded);
        on_its_way.or(self.refunds.iter().rev().find(surplus)).filter(|_| paid)
    }

    /// A refund with which the order was to be taken back, and that failed: the order stands.
    pub fn take_back_failed(&self) -> Option<&Refund> {
        let credited = self.top_up.state == TopUpState::Credited;
        let newest = self.refunds.iter().rev().find(|refund| refund.reason == RefundReason::TakenBack);
        newest.filter(|refund| credited && refund.state == RefundState::Failed)
    }

    /// The refunds but for those that failed and were begun anew.
    fn standing_refunds(&self) -> impl DoubleEndedIterator<Item = &Refund> {
        let stands = |r: &Refund| r.state != RefundState::Failed;
        let anew =
            move |r: &Refund| self.refunds.iter().any(|other| other.attempt == r.attempt && stands(other));
        self.refunds.iter().filter(move |r| stands(r) || !anew(r))
    }

    /// May the buyer ask for a new payment page?
    pub fn may_retry(&self) -> bool {
        let stuck = self
            .attempt
            .as_ref()
            .is_some_and(|a| matches!(a.state, AttemptState::Created | AttemptState::Declined));
        stuck && self.top_up.state == TopUpState::AwaitingPayment
    }

    /// May the buyer call the order off?
    pub fn may_cancel(&self) -> bool {
        self.payment_url().is_some() || self.may_retry()
    }

    /// Why the last payment did not go through, in the provider's word, while the order waits for another one. A page
    /// that was never made is no payment.
    pub fn decline(&self) -> Option<&str> {
        let attempt = self.attempt.as_ref().filter(|_| self.top_up.state == TopUpState::AwaitingPayment)?;
        let known = attempt.page_ref.as_ref().or(attempt.money_ref.as_ref());
        attempt.last_decline.as_deref().filter(|_| known.is_some())
    }

    /// Why people look at the order.
    pub fn review(&self) -> Option<OrderReview> {
        if self.top_up.state != TopUpState::Review {
            return None;
        }
        if let Some(amount) = self.contradicting {
            return Some(OrderReview::OtherAmount { received: amount });
        }
        if self.network == Some(NetworkCreditState::Contradicted) {
            return Some(OrderReview::NetworkContradicts);
        }
        let refund = self.standing_refunds().rev().find(|refund| refund.state != RefundState::Succeeded);
        Some(match refund {
            Some(refund) if refund.state == RefundState::Failed => OrderReview::RefundFailed,
            Some(_) => OrderReview::RefundUnanswered,
            None if self.network.is_some() => OrderReview::NetworkUnanswered,
            None if self.paid && self.top_up.credited_at.is_none() => match self.top_up.channel {
                Channel::Agent => OrderReview::CounterHeld,
                Channel::Online | Channel::Partner => OrderReview::PaidHeld,
            },
            None => OrderReview::PaymentUnanswered,
        })
    }
}

/// The state in which an order was made.
fn first_state(top_up: &TopUp, by_network: bool, events: &[(TopUpState, UnixMs)]) -> TopUpState {
    let was = |state| events.iter().any(|(was, _)| *was == state);
    match top_up.settlement {
        Settlement::Captured => TopUpState::AwaitingPayment,
        Settlement::Float if top_up.credited_at == Some(top_up.created_at) => TopUpState::Credited,
        Settlement::Float if by_network && !was(TopUpState::Paid) => TopUpState::Paid,
        // People looked at it first.
        Settlement::Float => TopUpState::Review,
    }
}

/// Loads where an order stands.
pub async fn standing(world: &World, top_up: TopUp) -> Result<Standing> {
    let read = world.db.read(move |tx| {
        let top_up = store::top_up::load(tx, &top_up.id)?;
        let mail = receipt_mail(tx, &top_up)?;
        let payment = store::payment::find_by_top_up(tx, &top_up.id)?;
        let captured = payment.as_ref().is_some_and(|p| p.captured_by.is_some());
        let attempts = match &payment {
            Some(payment) => store::attempt::list(tx, &payment.id)?,
            None => Vec::new(),
        };
        let contradicting = attempts.iter().filter(|a| a.state == AttemptState::Review);
        let contradicting = contradicting.filter_map(|a| a.captured).next();
        let captured_at = attempts.iter().filter(|a| a.state == AttemptState::Captured).map(|a| a.state_at);
        let paid_at = captured_at.min();
        let provider = payment.as_ref().map(|payment| payment.provider.clone());
        // The one that paid, else the one that is to be paid.
        let paid_by = payment.and_then(|payment| payment.captured_by);
        let attempt = match paid_by {
            Some(paid) => attempts.into_iter().find(|a| a.id == paid),
            None => attempts.into_iter().next(),
        };
        let network = store::network_credit::find_by_top_up(tx, &top_up.id)?.map(|credit| credit.state);
        let events = store::top_up::list_events(tx, &top_up.id)?;
        let mut history = vec![(first_state(&top_up, network.is_some(), &events), top_up.created_at)];
        history.extend(events);
        if let Some(at) = paid_at {
            insert_paid(&mut history, at);
        }
        let standing = Standing {
            offer: store::offer::load_version(tx, &top_up.offer_version)?,
            refunds: store::refund::list(tx, &top_up.id)?,
            last4: store::line::load(tx, &top_up.line)?.last4,
            attempt,
            provider,
            paid: captured || top_up.settlement == Settlement::Float,
            contradicting,
            history,
            receipt_mail: None,
            network,
            top_up,
        };
        Ok((standing, mail))
    });
    let (mut standing, mail) = read.await?;
    if let (Some(state), Some(sealed)) = (mail, &standing.top_up.email_sealed) {
        let address = domain::account::masked_email(&world.keyring.open_sealed(Purpose::Email, sealed)?);
        standing.receipt_mail = Some(ReceiptMail { address, state });
    }
    Ok(standing)
}

/// Puts the moment in which the money came before what became of it.
fn insert_paid(history: &mut Vec<(TopUpState, UnixMs)>, at: UnixMs) {
    if history.iter().any(|(state, _)| *state == TopUpState::Paid) {
        return;
    }
    let place = history.iter().skip(1).position(|(_, then)| *then >= at).map_or(history.len(), |n| n + 1);
    history.insert(place, (TopUpState::Paid, at));
}

/// How far the e-mail receipt is, where there is one.
fn receipt_mail(tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<Option<MessageState>> {
    if top_up.credited_at.is_none() || top_up.email_sealed.is_none() {
        return Ok(None);
    }
    message::find_about(tx, &top_up.id, NoticeChannel::Email, NoticeKind::Credited, None)
}

/// The receipt of an order.
pub async fn receipt(world: &World, standing: &Standing) -> Result<Receipt> {
    let catalogue = world.fresh_catalogue().await?;
    let top_up = &standing.top_up;
    let market = catalogue.market(&top_up.market).context("the market of the sale is gone")?;
    let (handed_over, sold_at, fiscal) = at_counter(world, top_up).await?;
    let paid_by = match top_up.settlement {
        Settlement::Float | Settlement::Captured if !handed_over.is_empty() => PaidBy::Counter(handed_over),
        Settlement::Float => PaidBy::Float,
        Settlement::Captured if standing.provider.as_deref() == Some(gateways::payment::paypal::NAME) => {
            PaidBy::PayPal
        }
        Settlement::Captured => PaidBy::Card(standing.attempt.as_ref().and_then(|a| a.card.clone())),
    };
    Ok(Receipt {
        code: top_up.code.clone(),
        seller: market.seller.clone(),
        locale: top_up.locale,
        offer_name: standing.offer.name_in(top_up.locale).to_owned(),
        benefit: standing.offer.benefit.clone(),
        last4: standing.last4.clone(),
        prices: top_up.prices,
        promotion: top_up.promotion.clone(),
        taxes: standing.offer.taxes.clone(),
        taxed_later: standing.offer.taxed_later(),
        given: afterwards::given(top_up, &standing.offer),
        paid_by,
        state: top_up.state,
        created_at: top_up.created_at,
        credited_at: top_up.credited_at,
        on_paper: crate::receipt_proof::on_paper(world, standing).await?,
        sold_at,
        fiscal,
    })
}

/// What was handed over for a sale at a counter, where, and what the fiscal device says of it.
async fn at_counter(world: &World, top_up: &TopUp) -> Result<(Vec<Tender>, Option<SoldAt>, Vec<FiscalMark>)> {
    if top_up.channel != Channel::Agent {
        return Ok((Vec::new(), None, Vec::new()));
    }
    let id = top_up.id.clone();
    let read = world.db.read(move |tx| {
        let all = store::tender::of_sale(tx, &id)?;
        let Some(first) = all.first() else { return Ok((Vec::new(), None, Vec::new())) };
        let outlet = store::outlet::find(tx, &first.place)?;
        let clerk = store::clerk::find(tx, &first.clerk)?;
        let kept = all.iter().filter(|taken| taken.taken && taken.tender.amount.minor > 0);
        let tenders: Vec<Tender> = kept.map(|taken| taken.tender).collect();
        let cash = tenders.iter().find(|tender| tender.given.is_some());
        let sold_at = outlet.zip(clerk).map(|(outlet, clerk)| SoldAt {
            shop: outlet.facts.name,
            clerk: clerk.number,
            given: cash.and_then(|cash| cash.given),
            change: cash.map(Tender::change).filter(|change| !change.is_zero()),
        });
        Ok((tenders, sold_at, crate::fiscal::marks(tx, &id)?))
    });
    Ok(read.await?)
}
