//! Care: customers write to support, and what staff does about it. Start reading at `support` (the portal's side) and
//! `desk` (staff's); `answer` is the mail and the text message that tell of an answer, `stuck`, `refunds` and `limits`
//! are the other pages of staff.

mod answer;
mod desk;
mod limits;
mod refunds;
mod stuck;
mod support;

pub use answer::{SupportAnswerEmail, SupportAnswerSms};
pub use desk::{CaseFilter, CaseRow, OfficeCase, OfficeCases, SavedReply};
pub use limits::{LimitRow, OfficeLimits, OfficeSetting, SwitchRow};
pub use refunds::{OfficeRefund, OfficeRefundAsk, OfficeRefunds, ReportRow, RequestRow, SourceRow};
pub use stuck::{Age, DoneRow, OfficeStuck, OfficeStuckDone, OfficeStuckPreview, StuckRow};
pub use support::{
    AskSupport, CaseFile, CaseLine, CaseProof, CaseThread, ContactWish, KnownOrder, NamedShop, OwnCase,
    SupportForm,
};
