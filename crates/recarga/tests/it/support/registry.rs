//! What every town and house is furnished with: a catalogue, lines, a partner with money and its key.

use domain::id::PartnerId;
use domain::money::Money;
use domain::partner::Scope;
use flows::{World, partners};

pub const CATALOGUE: &str = include_str!("../data/catalogue.toml");
pub const LINES: &str = include_str!("../data/lines.csv");

/// The number that most journeys top up; its owner reads English.
pub const NUMBER: &str = "447400123456";
/// Its owner reads Chinese.
pub const CHINESE_NUMBER: &str = "447400188888";
/// A number in another market and currency.
pub const GERMAN_NUMBER: &str = "4915123456701";
/// The host network keeps the balance of this one and of the next, whose owner reads Chinese.
pub const NETWORK_NUMBER: &str = "447400127100";
pub const CHINESE_NETWORK_NUMBER: &str = "447400127108";
/// £10 of credit for £10.
pub const TEN: &str = "gb-credit-10";
/// What the first partner has paid in, in each currency.
pub const FLOAT_MINOR: i64 = 1_000_000;

/// A partner with a key that may do everything.
#[derive(Clone)]
pub struct Partner {
    pub id: PartnerId,
    pub key: String,
}

/// Imports the catalogue and the lines and opens the first partner.
pub async fn furnish(world: &World) -> Partner {
    flows::catalogue::import(world, CATALOGUE).await.expect("imported").expect("the catalogue is right");
    flows::lines::import(world, LINES).await.expect("imported").expect("the lines are right");
    let partner = open_partner(world, "Corner Shop", FLOAT_MINOR).await;
    deposit(world, &partner, "euro", FLOAT_MINOR, "EUR").await;
    partner
}

/// A partner with so much in GBP.
pub async fn open_partner(world: &World, name: &str, float_minor: i64) -> Partner {
    let id = partners::create(world, name).await.expect("made");
    let (_, key) = partners::create_key(world, &id, Scope::ALL.to_vec()).await.expect("made");
    let partner = Partner { id, key };
    if float_minor > 0 {
        deposit(world, &partner, "first", float_minor, "GBP").await;
    }
    partner
}

pub async fn deposit(world: &World, partner: &Partner, reference: &str, minor: i64, currency: &str) {
    let amount = Money::new(minor, currency.parse().expect("a currency"));
    deposit_to(world, &partner.id, reference, amount).await;
}

/// Puts money on a float.
pub async fn deposit_to(world: &World, partner: &PartnerId, reference: &str, amount: Money) {
    let outcome = partners::deposit(world, partner, reference, amount).await.expect("booked");
    assert!(outcome.stands(), "{outcome:?}");
}

/// The market of the tests asks for documents by a rule.
pub async fn market_asks(town: &super::town::Town, rule: &str) {
    let with = format!(
        "[market.id_check]\naccepts = [\"passport\", \"china_resident_id\", \"hong_kong_id\", \"home_return_permit\"]\n{rule}\n\n[market.invoice]"
    );
    town.import_catalogue(&CATALOGUE.replacen("[market.invoice]", &with, 1)).await;
}
