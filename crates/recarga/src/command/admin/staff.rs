//! `recarga admin staff` and `recarga admin audit`: who may come into the office, and whether its audit is whole.

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::actor::Actor;
use domain::staff::{Role, Staff};
use flows::World;
use flows::office::{audit, staff};

#[derive(Debug, clap::Subcommand)]
pub enum StaffCommand {
    /// Add a member of staff and print the one-time token of the first sign-in
    Add {
        /// What they sign in with
        #[arg(long)]
        login: String,
        /// What colleagues read
        #[arg(long)]
        name: String,
        /// clerk or supervisor
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        source: Source,
    },
    /// Show everybody
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Shut a member of staff out at once
    Disable {
        login: String,
        #[command(flatten)]
        source: Source,
    },
    /// Take passphrase, second factor and sessions away, and print a new one-time token
    Reset {
        login: String,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Recompute the audit's hash chain; exit 1 when an entry was changed or is missing
    Verify {
        #[command(flatten)]
        source: Source,
    },
}

fn role(text: &str) -> std::result::Result<Role, String> {
    let known = Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    Role::parse(text).ok_or_else(|| format!("known roles are {known}"))
}

pub fn staff(command: &StaffCommand) -> Result<()> {
    match command {
        StaffCommand::Add { login, name, role, source } => wiring::administer(source, async |world| {
            let added = staff::add(world, Actor::Operator, login, name, *role).await?;
            let (id, token) = added.map_err(|refusal| Stop::wrong(refusal.to_string()))?;
            eprintln!("{id} was added.");
            hand_over(world, &token);
            Ok(())
        }),
        StaffCommand::List { source } => wiring::administer(source, async |world| {
            for Staff { id, login, name, role, state, .. } in staff::list(world).await? {
                println!("staff {id} {login} {name:?} {role} {state}");
            }
            Ok(())
        }),
        StaffCommand::Disable { login, source } => wiring::administer(source, async |world| {
            let member = named(world, login).await?;
            let done = staff::disable(world, Actor::Operator, &member.id).await?;
            done.map_err(|refusal| Stop::wrong(refusal.to_string()))?;
            println!("disabled");
            Ok(())
        }),
        StaffCommand::Reset { login, source } => wiring::administer(source, async |world| {
            let member = named(world, login).await?;
            let done = staff::reset(world, Actor::Operator, &member.id).await?;
            hand_over(world, &done.map_err(|refusal| Stop::wrong(refusal.to_string()))?);
            Ok(())
        }),
    }
}

async fn named(world: &World, login: &str) -> Result<Staff> {
    staff::find(world, login).await?.ok_or_else(|| Stop::wrong(format!("nobody has the login {login:?}")))
}

/// The token alone is on stdout.
fn hand_over(world: &World, token: &str) {
    eprintln!("One-time token, shown only this once, good for 24 hours. It is typed at");
    eprintln!("{}/office/join", world.settings.public_url);
    println!("{token}");
}

pub fn audit(command: &AuditCommand) -> Result<()> {
    let AuditCommand::Verify { source } = command;
    wiring::administer(source, async |world| {
        let verified = audit::verify(world).await?;
        println!("audit entries {}", verified.entries);
        for lie in &verified.lies {
            println!("LIE [audit] {lie}");
        }
        if verified.lies.is_empty() {
            println!("the chain is whole");
            Ok(())
        } else {
            println!("THE AUDIT IS NOT TRUE");
            Err(Stop::Said)
        }
    })
}
