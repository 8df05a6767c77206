//! Proof that somebody may see an order: its e-mail address or the last four digits of its number. Guesses
//! are counted per order and per address; an order that does not exist answers like one with a wrong proof.

use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use store::keyring::Purpose;

/// What became of a try.
#[derive(Debug, Clone)]
pub enum Proved {
    Yes(Box<TopUp>),
    No,
    /// Too many tries: not before this time.
    Locked(UnixMs),
}

const TRIES_PER_ORDER: i64 = 5;
const TRIES_PER_ADDRESS: i64 = 30;

/// Checks a proof for an order code. `address` is where the request comes from.
pub async fn prove(world: &World, code: &str, proof: &str, address: &str) -> Result<Proved> {
    let keys = vec![
        (format!("order-proof/{code}"), TRIES_PER_ORDER),
        (format!("order-proof-from/{address}"), TRIES_PER_ADDRESS),
    ];
    if let Some(until) = tries::count(world, keys).await? {
        return Ok(Proved::Locked(until));
    }
    let wanted = code.to_owned();
    let found = world
        .db
        .read(move |tx| {
            let Some(top_up) = store::top_up::find_by_code(tx, &wanted)? else { return Ok(None) };
            let line = store::line::load(tx, &top_up.line)?;
            Ok(Some((top_up, line.last4)))
        })
        .await?;
    let Some((top_up, last4)) = found else { return Ok(Proved::No) };
    let given: String = proof.trim().to_lowercase();
    let email = top_up.email_sealed.as_deref();
    let email = email.map(|e| world.keyring.open_sealed(Purpose::Email, e)).transpose()?;
    let fits = given == last4 || email.is_some_and(|e| e.to_lowercase() == given);
    Ok(if fits { Proved::Yes(Box::new(top_up)) } else { Proved::No })
}

/// Reads an e-mail address as far as a receipt needs it: one `@`, something on both sides, no spaces.
pub fn email(text: &str) -> std::result::Result<Option<String>, domain::refusal::Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let fits = text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ','))
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        });
    if fits { Ok(Some(text.to_owned())) } else { Err(domain::refusal::Refusal::EmailInvalid) }
}
