//! Verbs: what the business does, one file per verb. Every write that changes money or state is here.
//!
//! Start reading at [`world::World`] (what a flow works with), then follow a top-up: [`top_up::quote`],
//! [`top_up::sell`] (from a partner's float) or [`top_up::checkout`] (on a hosted page), the one door for
//! evidence in [`payment::apply`], [`top_up::credit`], and [`notice`]. [`work`] runs what is due. No HTTP,
//! no pages and no provider's name here.

pub mod account;
pub mod agents;
pub mod balance;
pub mod business_day;
pub mod campaign;
pub mod care;
pub mod catalogue;
pub mod counter;
pub mod error;
pub mod fiscal;
pub mod history;
pub mod id_check;
pub mod invoice;
pub mod line_history;
pub mod lines;
pub mod notice;
pub mod office;
pub mod partners;
pub mod payment;
pub mod places;
pub mod print;
pub mod promotion;
pub mod proof;
pub mod qr;
pub mod receipt;
pub mod receipt_proof;
pub mod request;
pub mod risk;
pub mod sweep;
pub mod till;
pub mod top_up;
pub mod tries;
pub mod usage;
pub mod work;
pub mod world;

pub use error::Error;
pub use world::{Settings, World};
