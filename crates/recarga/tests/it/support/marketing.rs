//! Readers of marketing, and campaigns for them that two people of the staff agreed on.

use super::town::Town;
use domain::account::{ConsentSource, ConsentState, ConsentTopic, ContactKind, SubscriberState};
use domain::actor::Actor;
use domain::campaign::{MessageState, Plan, Words, open_at, zones_of};
use domain::id::{CampaignId, ContactId, SubscriberId};
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::staff::Role;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use flows::World;
use flows::campaign::decide::{self, Decision};
use flows::care::Colleague;
use std::collections::BTreeMap;
use store::account::consent::{self, Consent};
use store::account::contact::{self, Contact};
use store::account::subscriber::{self, Subscriber};
use store::campaign as stored;
use store::keyring::Purpose;

pub const SMS: &[NoticeChannel] = &[NoticeChannel::Sms];
pub const EMAIL: &[NoticeChannel] = &[NoticeChannel::Email];
pub const NOBODY: &[NoticeChannel] = &[];

/// Somebody with an account who agreed to marketing on these channels.
pub async fn reader(world: &World, number: &str, email: &str, agreed: &[NoticeChannel]) -> SubscriberId {
    reads(world, number, email, agreed, Locale::En).await
}

pub async fn reads(
    world: &World,
    number: &str,
    email: &str,
    agreed: &[NoticeChannel],
    locale: Locale,
) -> SubscriberId {
    let now = world.now();
    let id = SubscriberId::new(world.ids.as_ref(), now);
    let contact = |kind: ContactKind, purpose: Purpose, value: &str, shown: String| Contact {
        id: ContactId::new(world.ids.as_ref(), now),
        subscriber: id.clone(),
        kind,
        value_hash: world.keyring.hash(purpose, value),
        value_sealed: world.keyring.seal(purpose, value).expect("sealed"),
        shown,
        line: None,
        verified_at: now,
    };
    let phone = contact(ContactKind::Phone, Purpose::Msisdn, number, domain::account::masked_number(number));
    let mail = contact(ContactKind::Email, Purpose::Email, email, domain::account::masked_email(email));
    let (who, agreed) = (id.clone(), agreed.to_vec());
    let written = world.db.write(move |tx| {
        let (id, state) = (who.clone(), SubscriberState::Active);
        subscriber::insert(tx, &Subscriber { id, state, name_sealed: None, locale, created_at: now })?;
        anyhow::ensure!(contact::insert(tx, &phone)? && contact::insert(tx, &mail)?, "nobody's yet");
        agreed.iter().try_for_each(|channel| consent::set(tx, &who, &given(*channel, now)))
    });
    written.await.expect("written");
    id
}

fn given(channel: NoticeChannel, at: UnixMs) -> Consent {
    Consent {
        topic: ConsentTopic::Marketing,
        channel,
        state: ConsentState::Given,
        changed_at: at,
        source: ConsentSource::Account,
    }
}

/// Agrees again, in the account.
pub async fn agrees(world: &World, who: &SubscriberId, channel: NoticeChannel) {
    let (who, now) = (who.clone(), world.now());
    world.db.write(move |tx| consent::set(tx, &who, &given(channel, now))).await.expect("written");
}

/// What was said last about a channel, and where.
pub async fn said(
    world: &World,
    who: &SubscriberId,
    channel: NoticeChannel,
) -> (ConsentState, ConsentSource) {
    let who = who.clone();
    let all = world.db.read(move |tx| consent::list(tx, &who)).await.expect("read");
    let found = all.into_iter().find(|said| said.channel == channel).expect("something was said");
    (found.state, found.source)
}

/// A plan for GB that runs for these days from now.
pub fn plan(world: &World, channels: &[NoticeChannel], days: i64) -> Plan {
    let words = |sms: &str| Words { sms: sms.into(), subject: "More data".into(), body: sms.into() };
    Plan {
        name: "Autumn".into(),
        channels: channels.to_vec(),
        fallback: Locale::En,
        words: BTreeMap::from([
            (Locale::En, words("More data for you.")),
            (Locale::ZhCn, words("更多流量。")),
        ]),
        promotion: None,
        markets: vec!["GB".into()],
        starts_at: world.now(),
        ends_at: world.now().plus_ms(days * DAY_MS),
    }
}

/// Two people of the staff.
pub async fn two(world: &World) -> (Colleague, Colleague) {
    let mut both = Vec::new();
    for (login, role) in [("cleo", Role::Clerk), ("sam", Role::Supervisor)] {
        let added = flows::office::staff::add(world, Actor::Operator, login, login, role).await;
        let (id, _) = added.expect("added").expect("a new login");
        both.push(Colleague { id, role });
    }
    let supervisor = both.pop().expect("two");
    (both.pop().expect("two"), supervisor)
}

/// A campaign that one wrote and another one approved.
pub async fn approved(world: &World, (writer, second): &(Colleague, Colleague), plan: Plan) -> CampaignId {
    let id = decide::write(world, writer, None, plan).await.expect("written").expect("a right plan");
    for (by, decision) in [(writer, Decision::Ask), (second, Decision::Approve)] {
        let decided = decide::decide(world, by, &id, decision, "").await.expect("decided");
        assert!(decided.is_ok(), "{decided:?}");
    }
    id
}

/// How many messages of a campaign stand in a state.
pub async fn count(world: &World, id: &CampaignId, state: MessageState) -> i64 {
    let id = id.clone();
    let all = world.db.read(move |tx| stored::counts(tx, &id)).await.expect("read");
    all.into_iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| count)
}

/// The marketing texts at a number or an address, newest first.
pub async fn texts(town: &Town, to: &str) -> Vec<String> {
    let inbox = town.outside.inbox(to).await;
    inbox.iter().map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// It becomes this hour of the day in UTC, today or tomorrow.
pub fn at_hour(town: &Town, hour: i64) {
    let now = town.world.now().0;
    let target = now - now.rem_euclid(DAY_MS) + hour * HOUR_MS;
    let target = if target > now { target } else { target + DAY_MS };
    town.clock.pass(target - now);
}

/// It becomes this moment.
pub fn at_moment(town: &Town, moment: &str) {
    let target = UnixMs::parse_rfc3339(moment).expect("a moment");
    town.clock.pass(target.0 - town.world.now().0);
}

/// A number of a country in which it is day now and for a while: the real program has the system's clock.
pub fn awake_number(now: UnixMs) -> &'static str {
    let numbers = [("CN", "8613812345678"), ("GB", "447400123456"), ("NZ", "64211234567")];
    let awake = |country: &str| {
        let zones = zones_of(country).expect("known zones");
        [0, 20].iter().all(|minutes| {
            let at = now.plus_ms(minutes * MINUTE_MS);
            open_at(at, zones) == at
        })
    };
    let found = numbers.iter().find(|(country, _)| awake(country));
    found.map(|(_, number)| *number).expect("it is day somewhere")
}
