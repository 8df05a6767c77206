//! Campaigns: marketing texts for those who agreed to them, and how people end them.
//!
//! Start reading at [`decide`]: one person of the staff writes and asks, another one approves, and both may stop it.
//! [`preview`] is what readers will get, [`readers`] is who gets it, [`send`] hands it over, each message once and none at night, and [`stop`] is STOP by
//! text message and the button in a mail. The consent is looked at in the step that takes a message, right before it
//! is handed over: not only when it was written down.

pub mod decide;
mod hand_over;
pub mod preview;
pub mod readers;
pub mod send;
pub mod stop;

use domain::campaign::PlanRefused;
use render::view::EmailFrame;

/// Why nothing was written or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such campaign.
    Unknown,
    /// It cannot be sent as it stands.
    Plan(PlanRefused),
    /// The promotion is not one of ours now, or the market is none.
    LinkUnknown,
    /// It is not in a state in which that can be done.
    NotNow,
    /// Whoever wrote it does not decide.
    SamePerson,
    /// Only its writer changes it or takes it back.
    NotTheirs,
    NotSupervisor,
    NoteMissing,
    NoteTooLong,
    /// Marketing is switched off.
    SwitchedOff,
}

/// What a flow of campaigns answers.
pub type Outcome<T> = std::result::Result<T, Refused>;

/// What stands around mails.
fn frame(world: &crate::World) -> EmailFrame {
    EmailFrame {
        brand: world.settings.brand.clone(),
        home_url: domain::links::home(&world.settings.public_url),
        support: world.settings.support.clone(),
        demo: world.settings.demo,
    }
}
