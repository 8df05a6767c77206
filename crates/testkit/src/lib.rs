//! A small world for tests: a fresh database on either engine, a clock that tests move, ids that count.
//!
//! A test on both engines is written once with [`on_both_engines!`]. PostgreSQL comes from
//! `RECARGA_TEST_POSTGRES`; without it the test fails, it is never skipped.

mod database;
mod determinism;

pub use database::{Engine, Fresh};
pub use determinism::{CountingIds, HandClock};

/// Makes `mod name { fn sqlite(), fn postgresql() }`, each calling `$test(Engine)`.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident)*) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::checks::$name($crate::Engine::Sqlite);
            }
            #[test]
            fn postgresql() {
                super::checks::$name($crate::Engine::Postgres);
            }
        }
    )*};
}
