//! The pages of accounts: signing in and registering, the page for a code, and the account itself.

mod code;
mod own;
mod register;
mod sign_in;

pub use code::{CodeEntry, Resend};
pub use own::{
    AccountPage, AddLine, ChangeContact, ConfirmFirst, ConsentRow, ContactRow, DeviceRow, EraseAccount,
    ExportReadme, Flash, LineRow, LookRow,
};
pub use register::{Register, RegisterDetails};
pub use sign_in::{SignIn, SignInNote};

use super::Country;

/// Countries in samples.
fn countries() -> Vec<Country> {
    [("CN", "86"), ("GB", "44")].map(|(code, dial)| Country { code: code.into(), dial: dial.into() }).into()
}
