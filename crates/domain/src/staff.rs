//! Staff: the people who work in the office, and what each may do there.

use crate::id::StaffId;
use crate::states;
use crate::time::UnixMs;

states! {
    /// What somebody may do in the office. A supervisor may do all that a clerk may.
    Role {
        Clerk = "clerk",
        Supervisor = "supervisor",
    }
}

states! {
    /// Whether somebody can sign in.
    StaffState {
        /// The one-time token was not used yet: there is no passphrase and no second factor.
        Invited = "invited",
        Active = "active",
        Disabled = "disabled",
    }
}

/// A member of staff as it is stored, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    /// What they sign in with: lower case, unique for ever.
    pub login: String,
    /// What colleagues read.
    pub name: String,
    pub role: Role,
    pub state: StaffState,
    pub created_at: UnixMs,
}

/// Reads a login name: 2 to 64 letters, digits and `.-_@+`, in lower case.
pub fn login(text: &str) -> Option<String> {
    let login = text.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
    ((2..=64).contains(&login.len()) && login.chars().all(fits)).then_some(login)
}

/// The least and the most characters of a passphrase (NIST SP 800-63B §5.1.1.2: length counts, not rules).
pub const PASSPHRASE_MIN: usize = 12;
pub const PASSPHRASE_MAX: usize = 200;

/// Is a passphrase long enough, and not the login or one character over and over?
pub fn passphrase_fits(passphrase: &str, login: &str) -> bool {
    let length = passphrase.chars().count();
    let first = passphrase.chars().next();
    (PASSPHRASE_MIN..=PASSPHRASE_MAX).contains(&length)
        && !passphrase.to_lowercase().contains(login)
        && !passphrase.chars().all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_in_any_case_and_nothing_else_is_one() {
        assert_eq!(login(" Ana.Clerk ").as_deref(), Some("ana.clerk"));
        assert_eq!(login("ana@example.org").as_deref(), Some("ana@example.org"));
        for bad in ["", "a", "two words", "安娜", "<b>"] {
            assert_eq!(login(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_passphrase_is_long_and_not_the_login() {
        assert!(passphrase_fits("five green lamps hum", "ana"));
        for bad in ["short", "aaaaaaaaaaaaaaaa", "i am ana.clerk today"] {
            assert!(!passphrase_fits(bad, "ana.clerk"), "{bad}");
        }
    }
}
