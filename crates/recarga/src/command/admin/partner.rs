//! `recarga admin partner` and `recarga admin api-key`: who sells for us, from how much, with which keys.

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::id::{ApiKeyId, NotAnId, PartnerId};
use domain::ledger::Outcome;
use domain::money::{Currency, Money};
use domain::partner::Scope;
use flows::partners::{self, FloatBalance, Listed};

#[derive(Debug, clap::Subcommand)]
pub enum PartnerCommand {
    /// Make a partner, or name the one that is there, and print its id
    Create {
        #[arg(long)]
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// Show every partner with its keys, what each may do, and its floats
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Book money that a partner paid in; the same reference again changes nothing
    Deposit {
        #[arg(long, value_name = "ID", value_parser = partner_id)]
        partner: PartnerId,
        #[command(flatten)]
        amount: Amount,
        /// The bank's reference of the payment
        #[arg(long)]
        reference: String,
        #[command(flatten)]
        source: Source,
    },
    /// Say how far a partner's float may go below zero
    CreditLine {
        #[arg(long, value_name = "ID", value_parser = partner_id)]
        partner: PartnerId,
        #[command(flatten)]
        amount: Amount,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, clap::Subcommand)]
pub enum ApiKeyCommand {
    /// Make an API key and print it: it is shown only this once
    Create {
        #[arg(long, value_name = "ID", value_parser = partner_id)]
        partner: PartnerId,
        /// What the key may do; may be given several times; all that sellers need when left out
        #[arg(long, value_parser = scope)]
        scope: Vec<Scope>,
        #[command(flatten)]
        source: Source,
    },
    /// Make an API key worthless
    Revoke {
        /// The key's id (key_…), not the key itself
        #[arg(value_parser = key_id)]
        id: ApiKeyId,
        #[command(flatten)]
        source: Source,
    },
}

/// An amount of money in minor units.
#[derive(Debug, clap::Args)]
pub struct Amount {
    /// In the smallest unit: 1000 is 10.00
    #[arg(long, value_name = "N")]
    amount_minor: i64,
    /// ISO 4217, such as GBP
    #[arg(long)]
    currency: Currency,
}

impl Amount {
    fn money(&self, min: i64) -> Result<Money> {
        if self.amount_minor < min {
            return Err(Stop::wrong(format!("--amount-minor: {} is less than {min}", self.amount_minor)));
        }
        Ok(Money::new(self.amount_minor, self.currency))
    }
}

fn partner_id(text: &str) -> std::result::Result<PartnerId, NotAnId> {
    PartnerId::parse(text)
}

fn key_id(text: &str) -> std::result::Result<ApiKeyId, NotAnId> {
    ApiKeyId::parse(text)
}

fn scope(text: &str) -> std::result::Result<Scope, String> {
    let known = Scope::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
    Scope::parse(text).ok_or_else(|| format!("known scopes are {known}"))
}

pub fn partner(command: &PartnerCommand) -> Result<()> {
    match command {
        PartnerCommand::Create { name, source } => wiring::administer(source, async |world| {
            if name.trim().is_empty() {
                return Err(Stop::wrong("--name: is empty"));
            }
            println!("{}", partners::create(world, name).await?);
            Ok(())
        }),
        PartnerCommand::List { source } => wiring::administer(source, async |world| {
            partners::list(world).await?.iter().for_each(show);
            Ok(())
        }),
        PartnerCommand::Deposit { partner, amount, reference, source } => {
            let amount = amount.money(1)?;
            wiring::administer(source, async |world| {
                let outcome = partners::deposit(world, partner, reference, amount).await?;
                println!("{}", deposited(&outcome, reference)?);
                Ok(())
            })
        }
        PartnerCommand::CreditLine { partner, amount, source } => {
            let credit_line = amount.money(0)?;
            wiring::administer(source, async |world| {
                partners::set_credit_line(world, partner, credit_line).await?;
                println!("credit line {} {}", credit_line.minor, credit_line.currency.code());
                Ok(())
            })
        }
    }
}

/// One line per partner, key and float: what it is, its id or currency, and what is known of it.
fn show(partner: &Listed) {
    println!("partner {} {:?}", partner.id, partner.name);
    for key in &partner.keys {
        let state = match key.revoked_at {
            None => "active".to_owned(),
            Some(at) => format!("revoked {}", at.rfc3339()),
        };
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        println!("  key {} {state}; made {}; {}", key.id, key.created_at.rfc3339(), scopes.join(" "));
    }
    for FloatBalance { balance, available, credit_line } in &partner.floats {
        let (currency, balance) = (balance.currency, balance.minor);
        let (available, credit_line) = (available.minor, credit_line.minor);
        println!("  float {currency} balance {balance}; available {available}; credit line {credit_line}");
    }
}

fn deposited(outcome: &Outcome, reference: &str) -> Result<&'static str> {
    match outcome {
        Outcome::Applied => Ok("booked"),
        Outcome::AppliedBefore => Ok("was booked before; nothing changed"),
        Outcome::Conflict => {
            Err(anyhow::anyhow!("the reference {reference:?} was booked before with another amount").into())
        }
        Outcome::Refused(why) => Err(anyhow::anyhow!("the ledger refused the deposit: {why:?}").into()),
    }
}

pub fn api_key(command: &ApiKeyCommand) -> Result<()> {
    match command {
        ApiKeyCommand::Create { partner, scope, source } => wiring::administer(source, async |world| {
            let scopes = if scope.is_empty() { Scope::of_sellers() } else { scope.clone() };
            let (id, key) = partners::create_key(world, partner, scopes).await?;
            eprintln!("{id} of {partner}; the key is shown only this once:");
            println!("{key}");
            Ok(())
        }),
        ApiKeyCommand::Revoke { id, source } => wiring::administer(source, async |world| {
            if !partners::revoke_key(world, id).await? {
                return Err(Stop::wrong(format!("there is no key {id} to revoke")));
            }
            println!("revoked");
            Ok(())
        }),
    }
}
