//! Proof that somebody may see an order: its e-mail address or the last four digits of its number, or the word that
//! the way back from the payment page carries. Wrong ones are counted per order and place, so that nobody locks the
//! buyer out; an order that does not exist answers like one with a wrong proof.

use crate::error::Result;
use crate::tries;
use crate::world::World;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use domain::time::{DAY_MS, UnixMs};
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

/// From one place for one order.
const TRIES_PER_ORDER: i64 = 5;
/// From one place for all orders.
const TRIES_PER_PLACE: i64 = 30;
/// From all places for one order by last four digits: more than people need who share it, far fewer than there are.
const DIGITS_PER_ORDER_EVERYWHERE: i64 = 50;
/// The same by e-mail address, counted apart: nobody finds one by trying, and whoever guesses digits from many places
/// does not lock out the buyer who has it.
const ADDRESSES_PER_ORDER_EVERYWHERE: i64 = 1_000;

/// Checks a proof for an order code. `address` is where the request comes from.
pub async fn prove(world: &World, code: &str, proof: &str, address: &str) -> Result<Proved> {
    let place = tries::place(address);
    let everywhere = if proof.contains('@') {
        (format!("order-proof/{code}/address"), ADDRESSES_PER_ORDER_EVERYWHERE)
    } else {
        (format!("order-proof/{code}/digits"), DIGITS_PER_ORDER_EVERYWHERE)
    };
    let here = vec![
        (format!("order-proof/{code}/from/{place}"), TRIES_PER_ORDER),
        (format!("order-proof-from/{place}"), TRIES_PER_PLACE),
    ];
    let keys: Vec<String> = here.iter().chain([&everywhere]).map(|(key, _)| key.clone()).collect();
    if let Some(until) = tries::count(world, here).await? {
        return Ok(Proved::Locked(until));
    }
    // Counted after the others: whoever is locked out here uses nothing up for everybody else.
    if let Some(until) = tries::count(world, vec![everywhere]).await? {
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
    if !fits {
        return Ok(Proved::No);
    }
    tries::give_back(world, keys).await?;
    Ok(Proved::Yes(Box::new(top_up)))
}

/// How long after the order the way back from the payment page shows it.
const RETURN_MS: i64 = DAY_MS;

fn return_text(code: &str) -> String {
    format!("return {code}")
}

/// The word on the way back from the payment page. The same each time, because a provider takes one key with one
/// request only.
pub(crate) fn return_word(world: &World, code: &str) -> String {
    world.keyring.hash(Purpose::OrderPass, &return_text(code))
}

/// The order that somebody comes back to, with the word that only its payment page was given.
pub async fn returned(world: &World, code: &str, word: &str) -> Result<Option<TopUp>> {
    let words = world.keyring.hashes(Purpose::OrderPass, &return_text(code));
    let same = |own: &String| verify_slices_are_equal(own.as_bytes(), word.as_bytes()).is_ok();
    if !words.iter().any(same) {
        return Ok(None);
    }
    let wanted = code.to_owned();
    let found = world.db.read(move |tx| store::top_up::find_by_code(tx, &wanted)).await?;
    Ok(found.filter(|order| world.now() < order.created_at.plus_ms(RETURN_MS)))
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
