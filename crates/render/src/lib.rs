//! Everything a person reads: pages, receipts and text messages, in every language.
//!
//! A page is a typed view ([`view`]) and a template of the same subject in `templates/`; its words stand in
//! `locales/`. [`Renderer`] puts them together and is made once. It must not know the database, HTTP or the
//! clock. Start reading in `renderer.rs`, then `view/start.rs` beside `templates/portal/start.html`.

mod afterwards;
pub mod assets;
pub mod chrome;
pub mod csv;
mod escape;
pub mod format;
mod functions;
mod press;
pub mod problem;
mod receipt_document;
mod renderer;
mod report_document;
pub mod sentence;
mod slip;
mod sms;
mod texts;
pub mod view;

pub use afterwards::AfterwardsValues;
pub use chrome::{AccountLink, Chrome, Listed, Theme};
pub use press::Press;
pub use problem::{Advice, AmountLimits, PageProblem, Problem};
pub use receipt_document::{OnPaper, ProofShown, Worthless};
pub use receipts;
pub use renderer::Renderer;
pub use sentence::SentenceValues;
pub use slip::{paper, slip};
pub use view::View;
