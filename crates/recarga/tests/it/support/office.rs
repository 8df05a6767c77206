//! Members of staff with a browser each, who sign in with real codes. Start reading at [`seat`].

use super::api::Answer;
use super::buyer::{Buyer, redirected};
use super::town::Town;
use domain::staff::Role;
use domain::time::SECOND_MS;
use flows::office::{second_factor, staff};

pub const PASSPHRASE: &str = "five green lamps hum";

/// A member of staff with a browser.
pub struct Member {
    pub login: &'static str,
    pub secret: String,
    pub browser: Buyer,
}

/// Somebody who can sign in.
pub async fn seat(town: &Town, login: &'static str, role: Role) -> Member {
    let secret = second_factor::new_secret(&town.world);
    let seated = staff::seat_in_demo(&town.world, login, login, role, PASSPHRASE, &secret).await;
    seated.expect("seated");
    Member { login, secret, browser: town.buyer() }
}

/// Somebody who has signed in.
pub async fn signed_in(town: &Town, login: &'static str, role: Role) -> Member {
    let member = seat(town, login, role).await;
    assert_eq!(redirected(&member.sign_in(town).await), "/office");
    member
}

impl Member {
    /// The code that the authenticator shows now.
    pub fn code(&self, town: &Town) -> String {
        second_factor::code_at(&self.secret, town.world.now()).expect("a code")
    }

    /// Signs in with a code that was not used yet.
    pub async fn sign_in(&self, town: &Town) -> Answer {
        town.clock.pass(31 * SECOND_MS);
        self.sign_in_with(PASSPHRASE, &self.code(town)).await
    }

    pub async fn sign_in_with(&self, passphrase: &str, code: &str) -> Answer {
        let form = [("login", self.login), ("passphrase", passphrase), ("code", code)];
        self.browser.post("/office/sign-in", &form).await
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {} {}", answer.header("location"), answer.text);
        answer.text
    }

    /// Looks for something in the one field, and gives where it leads or what it shows.
    pub async fn search(&self, typed: &str) -> Answer {
        self.browser.post("/office/search", &[("q", typed)]).await
    }
}
