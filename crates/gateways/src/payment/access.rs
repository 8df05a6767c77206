//! Access tokens, for providers whose keys only open a session. Start at [`TokenCache::take`].
//!
//! A token is kept until it ends, and thrown away when the provider no longer takes it.

use super::{HttpAnswer, HttpCall};
use crate::secret::Secret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How to get an access token from a provider.
pub trait SignIn: Send + Sync {
    fn request(&self) -> HttpCall;
    fn read(&self, answer: &HttpAnswer) -> Result<AccessToken, String>;
}

/// A token and for how long the provider says that it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub token: Secret,
    pub lives: Duration,
}

/// A token is not used in its last minute: a call takes a while to arrive.
const MARGIN: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub(super) struct TokenCache(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    token: Option<(Secret, Instant)>,
    /// When the last sign-in failed, and why.
    failed: Option<(Instant, String)>,
}

impl TokenCache {
    /// The token, by `sign_in` if there is none. One call signs in; those that wait share its outcome.
    pub(super) async fn take(
        &self,
        sign_in: impl Future<Output = Result<AccessToken, String>>,
    ) -> Result<Secret, String> {
        let asked = Instant::now();
        let mut held = self.0.lock().await;
        match &*held {
            Held { token: Some((token, until)), .. } if Instant::now() < *until => return Ok(token.clone()),
            Held { failed: Some((at, why)), .. } if *at >= asked => return Err(why.clone()),
            Held { .. } => {}
        }
        match sign_in.await {
            Ok(AccessToken { token, lives }) => {
                let until = Instant::now() + lives.saturating_sub(MARGIN);
                *held = Held { token: Some((token.clone(), until)), failed: None };
                Ok(token)
            }
            Err(why) => {
                *held = Held { token: None, failed: Some((Instant::now(), why.clone())) };
                Err(why)
            }
        }
    }

    /// Forgets a token that was refused, unless somebody has replaced it already.
    pub(super) async fn forget(&self, refused: &Secret) {
        let mut held = self.0.lock().await;
        if held.token.as_ref().is_some_and(|(token, _)| token == refused) {
            held.token = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn token(text: &str, seconds: u64) -> Result<AccessToken, String> {
        Ok(AccessToken { token: Secret::new(text), lives: Duration::from_secs(seconds) })
    }

    #[tokio::test]
    async fn a_token_is_kept_until_its_last_minute() {
        let cache = TokenCache::default();
        assert_eq!(cache.take(token("a", 3600)).await, Ok(Secret::new("a")));
        assert_eq!(cache.take(token("b", 3600)).await, Ok(Secret::new("a")));
        let short = TokenCache::default();
        assert_eq!(short.take(token("a", 60)).await, Ok(Secret::new("a")));
        assert_eq!(short.take(token("b", 60)).await, Ok(Secret::new("b")));
    }

    #[tokio::test]
    async fn only_the_refused_token_is_forgotten() {
        let cache = TokenCache::default();
        cache.take(token("a", 3600)).await.unwrap();
        cache.forget(&Secret::new("older")).await;
        assert_eq!(cache.take(token("b", 3600)).await, Ok(Secret::new("a")));
        cache.forget(&Secret::new("a")).await;
        assert_eq!(cache.take(token("b", 3600)).await, Ok(Secret::new("b")));
    }

    #[tokio::test]
    async fn those_who_wait_for_a_sign_in_share_its_failure() {
        let cache = TokenCache::default();
        let (first, second) = tokio::join!(
            cache.take(async {
                tokio::task::yield_now().await;
                Err("down".to_owned())
            }),
            cache.take(token("b", 3600)),
        );
        assert_eq!((first, second), (Err("down".to_owned()), Err("down".to_owned())));
        assert_eq!(cache.take(token("b", 3600)).await, Ok(Secret::new("b")));
    }
}
