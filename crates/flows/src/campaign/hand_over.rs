//! One message of a campaign in its words, handed to the SMS centre or the mail server. A mail says how to end such
//! mails, in its text and in its headers; what ends them is sealed in the address and holds no address.

use super::frame;
use super::stop::unsubscribe_url;
use crate::error::Result;
use crate::world::World;
use anyhow::Context;
use domain::campaign::{Plan, Words};
use domain::links;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use gateways::messaging::{Email, EmailOutcome, Sms, SmsOutcome};
use render::view::{CampaignEmail, CampaignSms, EmailText};
use store::campaign::Message;
use store::keyring::Purpose;

/// What became of it.
pub(super) enum Handed {
    /// Taken; what the other side calls it.
    Taken(Option<String>),
    /// It never will be.
    Refused(String),
    /// Certainly not taken; it may be later.
    NotTaken(String),
    /// Nobody knows.
    Unclear(String),
}

/// The text message as it goes out.
pub fn sms_text(world: &World, plan: &Plan, locale: Locale, words: &Words) -> String {
    let view = CampaignSms {
        brand: world.settings.brand.clone(),
        text: words.sms.split_whitespace().collect::<Vec<_>>().join(" "),
        link: link(world, plan),
    };
    world.renderer.text(locale, &view)
}

/// Where the promotion stands that the campaign leads to.
fn link(world: &World, plan: &Plan) -> Option<String> {
    plan.promotion.as_ref().map(|_| links::promotions(&world.settings.public_url))
}

/// The mail as it goes out; `stop_url` ends such mails.
pub fn mail(
    world: &World,
    plan: &Plan,
    (locale, words): (Locale, &Words),
    stop_url: String,
    market: Option<&str>,
) -> EmailText {
    let catalogue = world.catalogue();
    let seller = market.and_then(|market| catalogue.market(market)).or(catalogue.markets.first());
    let seller = seller.map(|market| (market.seller.name.clone(), market.seller.address.clone()));
    let view = CampaignEmail {
        headline: words.subject.clone(),
        paragraphs: words
            .body
            .split('\n')
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        link: link(world, plan),
        stop_url,
        account_url: links::account(&world.settings.public_url),
        sender: seller
            .map_or_else(String::new, |(name, address)| format!("{name}, {address}").replace('\n', ", ")),
    };
    world.renderer.email(locale, &frame(world), &view)
}

/// Hands a message over, once.
pub(super) async fn hand_over(
    world: &World,
    message: &Message,
    plan: &Plan,
    sealed: &str,
    market: Option<&str>,
) -> Result<Handed> {
    let (locale, words) = plan.words_for(message.locale).context("a campaign without words")?;
    match message.channel {
        NoticeChannel::Sms => {
            let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
            let to = world.keyring.open_sealed(Purpose::Msisdn, sealed)?;
            let sms = Sms { id: message.id.clone(), to, text: sms_text(world, plan, locale, words) };
            Ok(match gateway.send(&sms).await {
                SmsOutcome::Accepted { message_ids } => Handed::Taken(message_ids.last().cloned()),
                SmsOutcome::Refused { code } => Handed::Refused(code),
                SmsOutcome::NotTaken { why } => Handed::NotTaken(why),
                SmsOutcome::Unknown { why } => Handed::Unclear(why),
            })
        }
        NoticeChannel::Email => {
            let gateway = world.email.as_ref().context("no mail server is set up")?;
            let stop_url = unsubscribe_url(world, &message.id)?;
            let EmailText { subject, text, html } =
                mail(world, plan, (locale, words), stop_url.clone(), market);
            let to = world.keyring.open_sealed(Purpose::Email, sealed)?;
            let (id, at) = (message.id.clone(), message.created_at);
            let email = Email { id, to, subject, text, html, at, unsubscribe: Some(stop_url) };
            Ok(match gateway.send(&email).await {
                EmailOutcome::Accepted { reference } => Handed::Taken(Some(reference)),
                EmailOutcome::Refused { code } => Handed::Refused(code),
                EmailOutcome::TryLater { why } => Handed::NotTaken(why),
                EmailOutcome::Unknown { why } => Handed::Unclear(why),
            })
        }
    }
}
