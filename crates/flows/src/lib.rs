//! Verbs: what the business does, one file per verb. Every write that changes money or state is here.
//!
//! Start reading at [`world::World`] (what a flow works with), then follow a top-up: [`top_up::quote`],
//! [`top_up::sell`] (from a partner's float) or [`top_up::checkout`] (on a hosted page), the one door for
//! evidence in [`payment::apply`], [`top_up::credit`], and [`notice`]. [`work`] runs what is due. No HTTP,
//! no pages and no provider's name here.

pub mod catalogue;
pub mod error;
pub mod lines;
pub mod notice;
pub mod partners;
pub mod payment;
pub mod proof;
pub mod receipt;
pub mod sweep;
pub mod top_up;
pub mod tries;
pub mod work;
pub mod world;

pub use error::Error;
pub use world::{Settings, World};
