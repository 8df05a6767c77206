//! Tells a customer that staff answered: by mail where there is an address, else by a text message to the number of
//! the order or of the account. The news has a link and not the answer; the link asks for account, pass or proof.

use crate::error::Result;
use crate::lines;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::account::ContactKind;
use domain::id::{CaseId, LineId, MessageId};
use domain::links;
use domain::support_case::CaseNotice;
use domain::time::{HOUR_MS, MINUTE_MS};
use gateways::messaging::{Email, EmailOutcome, Sms, SmsOutcome};
use render::view::{EmailFrame, SupportAnswerEmail, SupportAnswerSms};
use store::Tx;
use store::keyring::Purpose;
use store::outbox::Work;
use store::support_case::{self as stored, SupportCase};

/// How long to wait after each try that brought no answer; then people look at it.
const PAUSES_MS: [i64; 6] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 16 * HOUR_MS];

/// Where the customer is told, as it is stored.
#[derive(Debug, Clone)]
enum Target {
    Mail { sealed: String, purpose: Purpose },
    Text(LineId),
}

/// Where an answer to this case is told: what was given with it, then the account, then the order.
fn targets(tx: &mut Tx<'_>, case: &SupportCase) -> anyhow::Result<Vec<Target>> {
    let mut all = Vec::new();
    if let Some(sealed) = case.contact_sealed.clone() {
        all.push(Target::Mail { sealed, purpose: Purpose::SupportText });
    }
    if let Some(subscriber) = &case.subscriber {
        let contacts = store::account::contact::list(tx, subscriber)?;
        let mails = contacts.iter().filter(|contact| contact.kind == ContactKind::Email);
        all.extend(mails.map(|c| Target::Mail { sealed: c.value_sealed.clone(), purpose: Purpose::Email }));
        all.extend(contacts.into_iter().filter_map(|contact| contact.line).map(Target::Text));
    }
    if let Some(id) = &case.top_up {
        let order = store::top_up::load(tx, id)?;
        if let Some(sealed) = order.email_sealed {
            all.push(Target::Mail { sealed, purpose: Purpose::Email });
        }
        all.push(Target::Text(order.line));
    }
    Ok(all)
}

/// What became of one try.
enum Tried {
    Taken,
    Refused,
    Unanswered(String),
}

/// The work behind an answer.
pub async fn tell(world: &World, work: &Work) -> Result<Done> {
    let id = CaseId::stored(work.subject.as_str());
    let n: i64 =
        work.detail.as_deref().and_then(|n| n.parse().ok()).context("an answer without its place")?;
    let wanted = id.clone();
    let (case, message, targets) = world
        .db
        .read(move |tx| {
            let case = stored::load(tx, &wanted)?;
            let targets = targets(tx, &case)?;
            Ok((case, stored::find_message(tx, &wanted, n)?, targets))
        })
        .await?;
    let message = message.context("the answer is missing")?;
    let Some(notice) = message.notice_id.filter(|_| message.notice == CaseNotice::Queued) else {
        return Ok(Done::Finished);
    };
    let offered = |target: &Target| match target {
        Target::Mail { .. } => world.email.is_some(),
        Target::Text(_) => world.sms.is_some(),
    };
    let Some(target) = targets.into_iter().find(offered) else {
        return note(world, &id, n, CaseNotice::None).await;
    };
    let tried = match target {
        Target::Mail { sealed, purpose } => {
            let to = world.keyring.open_sealed(purpose, &sealed)?;
            mail(world, &case, notice, to).await?
        }
        Target::Text(line) => text(world, &case, notice, &line).await?,
    };
    match tried {
        Tried::Taken => note(world, &id, n, CaseNotice::Sent).await,
        Tried::Refused => note(world, &id, n, CaseNotice::Failed).await,
        Tried::Unanswered(why) => {
            let pause = usize::try_from(work.attempts - 1).ok().and_then(|tries| PAUSES_MS.get(tries));
            match pause {
                Some(pause) => Ok(Done::At(world.now().plus_ms(*pause))),
                None => Ok(Done::GivenUp(why)),
            }
        }
    }
}

async fn note(world: &World, case: &CaseId, n: i64, notice: CaseNotice) -> Result<Done> {
    let case = case.clone();
    world.db.write(move |tx| stored::noticed(tx, &case, n, notice)).await?;
    Ok(Done::Finished)
}

fn link(world: &World, case: &SupportCase) -> String {
    links::support_case(&world.settings.public_url, &case.code)
}

async fn mail(world: &World, case: &SupportCase, id: MessageId, to: String) -> Result<Tried> {
    let gateway = world.email.as_ref().context("no mail server is set up")?;
    let settings = &world.settings;
    let frame = EmailFrame {
        brand: settings.brand.clone(),
        home_url: links::home(&settings.public_url),
        support: settings.support.clone(),
        demo: settings.demo,
    };
    let view = SupportAnswerEmail { code: case.code.clone(), url: link(world, case) };
    let written = world.renderer.email(case.locale, &frame, &view);
    let email = Email {
        id,
        to,
        subject: written.subject,
        text: written.text,
        html: written.html,
        at: case.state_at,
        unsubscribe: None,
    };
    Ok(match gateway.send(&email).await {
        EmailOutcome::Accepted { .. } => Tried::Taken,
        EmailOutcome::Refused { .. } => Tried::Refused,
        EmailOutcome::TryLater { why } | EmailOutcome::Unknown { why } => Tried::Unanswered(why),
    })
}

async fn text(world: &World, case: &SupportCase, id: MessageId, line: &LineId) -> Result<Tried> {
    let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
    let line = line.clone();
    let line = world.db.read(move |tx| store::line::load(tx, &line)).await?;
    let view = SupportAnswerSms { brand: world.settings.brand.clone(), url: link(world, case) };
    let text = world.renderer.text(case.locale, &view);
    let to = lines::msisdn(world, &line)?.digits().to_owned();
    Ok(match gateway.send(&Sms { id, to, text }).await {
        SmsOutcome::Accepted { .. } => Tried::Taken,
        SmsOutcome::Refused { .. } => Tried::Refused,
        SmsOutcome::NotTaken { why } | SmsOutcome::Unknown { why } => Tried::Unanswered(why),
    })
}
