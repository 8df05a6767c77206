//! Partners: who they are, their API keys, and their float.

use crate::error::Result;
use crate::world::World;
use anyhow::Context;
use domain::id::{ApiKeyId, PartnerId};
use domain::ledger::{Outcome, book};
use domain::money::Money;
use domain::partner::{Caller, Scope};
use store::keyring::Purpose;
use store::{ledger, partner};

/// Makes a partner, or returns the one that has this name.
pub async fn create(world: &World, name: &str) -> Result<PartnerId> {
    let (name, context) = (name.to_owned(), world.step());
    let id = world.db.write(move |tx| {
        if let Some(known) = partner::find_by_name(tx, &name)? {
            return Ok(known);
        }
        let id = PartnerId::new(context.ids.as_ref(), context.now);
        partner::insert(tx, &id, &name, context.now)?;
        Ok(id)
    });
    Ok(id.await?)
}

/// A partner as an administrator sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: PartnerId,
    pub name: String,
    /// Oldest first, the revoked ones too.
    pub keys: Vec<partner::Key>,
    pub floats: Vec<FloatBalance>,
}

/// Every partner by name, with its keys and floats.
pub async fn list(world: &World) -> Result<Vec<Listed>> {
    let read = world.db.read(|tx| Ok((partner::list(tx)?, partner::list_keys(tx)?))).await?;
    let (partners, keys) = read;
    let mut listed = Vec::with_capacity(partners.len());
    for (id, name) in partners {
        let own = keys.iter().filter(|key| key.partner == id).cloned().collect();
        let floats = floats(world, &id).await?;
        listed.push(Listed { id, name, keys: own, floats });
    }
    Ok(listed)
}

/// A new API key. Its text is returned once; only a keyed hash is stored.
pub async fn create_key(
    world: &World,
    partner_id: &PartnerId,
    scopes: Vec<Scope>,
) -> Result<(ApiKeyId, String)> {
    let text = format!("rk_{}{}", hex::encode(world.ids.random()), hex::encode(world.ids.random()));
    let key = ApiKeyId::new(world.ids.as_ref(), world.now());
    let caller = Caller { partner: partner_id.clone(), key: key.clone(), scopes };
    let (hash, now) = (world.keyring.hash(Purpose::ApiKey, &text), world.now());
    world
        .db
        .write(move |tx| {
            anyhow::ensure!(partner::exists(tx, &caller.partner)?, "there is no partner {}", caller.partner);
            partner::insert_key(tx, &caller, &hash, now)
        })
        .await?;
    Ok((key, text))
}

/// Revokes a key; says whether there was one to revoke.
pub async fn revoke_key(world: &World, key: &ApiKeyId) -> Result<bool> {
    let (key, now) = (key.clone(), world.now());
    Ok(world.db.write(move |tx| partner::revoke_key(tx, &key, now)).await?)
}

/// Whose key this is, if it is one.
pub async fn authenticate(world: &World, key_text: &str) -> Result<Option<Caller>> {
    let hashes = world.keyring.hashes(Purpose::ApiKey, key_text);
    Ok(world.db.read(move |tx| partner::find_caller(tx, &hashes)).await?)
}

/// Books money that a partner paid in. The reference is the bank's; the same one again changes nothing, however it is
/// typed: an agent may state the same transfer ([`crate::agents::float`]).
pub async fn deposit(world: &World, id: &PartnerId, reference: &str, amount: Money) -> Result<Outcome> {
    let compared = domain::float_request::reference(reference);
    let posting = book::float_deposit(id, compared.as_deref().unwrap_or(reference), amount);
    let (context, id) = (world.step(), id.clone());
    let outcome = world.db.write(move |tx| {
        anyhow::ensure!(partner::exists(tx, &id)?, "there is no partner {id}");
        ledger::record(tx, &context.writer, context.now, std::slice::from_ref(&posting))?
            .pop()
            .context("the ledger gave no outcome")
    });
    Ok(outcome.await?)
}

/// How far a partner may go below zero (its credit line), as a positive amount.
pub async fn set_credit_line(world: &World, id: &PartnerId, credit_line: Money) -> Result<()> {
    let account = book::float(id, credit_line);
    let floor = -credit_line.minor;
    Ok(world.db.write(move |tx| ledger::set_floor(tx, &account, floor)).await?)
}

/// A float as its partner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloatBalance {
    pub balance: Money,
    pub available: Money,
    pub credit_line: Money,
}

/// The partner's floats, one per currency.
pub async fn floats(world: &World, id: &PartnerId) -> Result<Vec<FloatBalance>> {
    let prefix = format!("float:{id}:");
    let accounts = world.db.read(move |tx| ledger::accounts_with_prefix(tx, &prefix)).await?;
    accounts
        .into_iter()
        .map(|account| {
            let currency = account.id.unit().parse().context("a float without a currency")?;
            let floor = account.floor.unwrap_or(0);
            Ok(FloatBalance {
                balance: Money::new(account.balance(), currency),
                available: Money::new(account.available() - floor, currency),
                credit_line: Money::new(-floor, currency),
            })
        })
        .collect()
}
