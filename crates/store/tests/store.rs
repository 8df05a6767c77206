//! The store on both engines: one text, the same behaviour.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::actor::Actor;
use domain::id::{Ids, PartnerId};
use domain::ledger::{AccountId, Outcome, Posting, PostingKey, Purpose, Reason, Refused, Transfer};
use domain::money::Money;
use domain::time::{Clock, UnixMs};
use store::db::Options;
use store::outbox::{NewWork, Topic};
use store::{Db, DbError, ledger, outbox, values};
use testkit::{CountingIds, Engine, Fresh, HandClock, on_both_engines};

on_both_engines! {
    a_step_that_fails_leaves_nothing_and_its_neighbours_stand
    equal_keys_get_the_first_answer_and_other_bodies_conflict
    a_refusal_stays_refused_after_the_float_was_filled
    two_equal_keys_in_one_batch_are_one_posting
    parallel_spending_never_breaks_the_floor
    the_verifier_finds_an_altered_total_and_an_altered_transfer
    recorded_rows_cannot_be_changed
    work_of_one_subject_is_claimed_in_order_and_returns_when_its_holder_dies
    a_full_queue_says_busy
    a_throttle_counts_within_its_window
    one_text_serves_one_key_and_many_keys_on_one_connection
    a_row_that_is_refused_as_the_last_thing_of_a_step_undoes_the_whole_step
    a_step_that_goes_on_after_a_database_error_is_not_half_applied
    one_command_that_cannot_be_applied_does_not_fail_its_batch
}

struct World {
    fresh: Fresh,
    db: Db,
    runtime: tokio::runtime::Runtime,
}

fn world(engine: Engine) -> World {
    let fresh = Fresh::new(engine);
    let options = Options::of(&fresh.database, "test");
    let db = Db::open(&fresh.database, options).unwrap();
    World { db, fresh, runtime: tokio::runtime::Runtime::new().unwrap() }
}

impl World {
    fn write<T: Send + 'static>(
        &self,
        step: impl Fn(&mut store::Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        self.runtime.block_on(self.db.write(step))
    }

    fn record(&self, posting: Posting) -> Outcome {
        self.write(move |tx| ledger::record(tx, "test", HandClock::START, std::slice::from_ref(&posting)))
            .unwrap()
            .remove(0)
    }

    fn lies(&self) -> Vec<ledger::Lie> {
        self.runtime.block_on(self.db.read(ledger::verify)).unwrap().lies
    }
}

const PARTNERS: &str = "insert into partner (id, name, created_at) values (?1, ?2, 0)";
const HOLDS: &str = "insert into hold (key, state) values (?1, 'open')";

fn names(world: &World) -> Vec<String> {
    let read = world.db.read(|tx| tx.query("select name from partner order by name", &[], |row| row.text(0)));
    world.runtime.block_on(read).unwrap()
}

fn partner() -> PartnerId {
    PartnerId::stored("pt_1")
}

fn deposit(reference: &str, minor: i64) -> Posting {
    domain::ledger::book::float_deposit(&partner(), reference, Money::new(minor, "GBP".parse().unwrap()))
}

fn spend(key: &str, minor: i64) -> Posting {
    let transfer = Transfer::posted(
        AccountId::stored("float:pt_1:GBP"),
        AccountId::stored("bundle_revenue:GB:GBP"),
        minor,
        Reason::Value,
    );
    Posting::new(PostingKey::new(key, Purpose::FloatDeposit), Actor::System, vec![transfer])
}

mod checks {
    use super::*;

    pub fn a_step_that_fails_leaves_nothing_and_its_neighbours_stand(engine: Engine) {
        let world = world(engine);
        let outcomes = world.runtime.block_on(async {
            let insert = |key: &'static str, fails: bool| {
                world.db.write(move |tx| {
                    tx.execute(
                        "insert into throttle (key, window_at, count) values (?1, 1, 1)",
                        &values![key],
                    )?;
                    anyhow::ensure!(!fails, "told to fail");
                    Ok(())
                })
            };
            tokio::join!(insert("a", false), insert("b", true), insert("c", false))
        });
        assert!(outcomes.0.is_ok() && outcomes.1.is_err() && outcomes.2.is_ok());
        let keys = world
            .runtime
            .block_on(
                world.db.read(|tx| tx.query("select key from throttle order by key", &[], |row| row.text(0))),
            )
            .unwrap();
        assert_eq!(keys, ["a", "c"]);
    }

    pub fn equal_keys_get_the_first_answer_and_other_bodies_conflict(engine: Engine) {
        let world = world(engine);
        assert_eq!(world.record(deposit("r1", 1000)), Outcome::Applied);
        assert_eq!(world.record(deposit("r1", 1000)), Outcome::AppliedBefore);
        assert_eq!(world.record(deposit("r1", 2000)), Outcome::Conflict);
        assert_eq!(world.lies(), []);
    }

    pub fn a_refusal_stays_refused_after_the_float_was_filled(engine: Engine) {
        let world = world(engine);
        assert_eq!(world.record(spend("s1", 10)), Outcome::Refused(Refused::Floor));
        assert_eq!(world.record(deposit("r1", 1000)), Outcome::Applied);
        assert_eq!(world.record(spend("s1", 10)), Outcome::Refused(Refused::Floor));
        assert_eq!(world.record(spend("s2", 10)), Outcome::Applied);
        assert_eq!(world.lies(), []);
    }

    pub fn two_equal_keys_in_one_batch_are_one_posting(engine: Engine) {
        let world = world(engine);
        let outcomes = world
            .write(|tx| {
                let batch =
                    [deposit("r1", 5), deposit("r1", 5), deposit("r1", 6), spend("s", 6), spend("t", 5)];
                ledger::record(tx, "test", HandClock::START, &batch)
            })
            .unwrap();
        assert_eq!(
            outcomes,
            [
                Outcome::Applied,
                Outcome::AppliedBefore,
                Outcome::Conflict,
                Outcome::Refused(Refused::Floor),
                Outcome::Applied
            ]
        );
        assert_eq!(world.lies(), []);
    }

    pub fn parallel_spending_never_breaks_the_floor(engine: Engine) {
        let world = world(engine);
        world.record(deposit("r1", 50));
        let applied = world.runtime.block_on(async {
            let tasks: Vec<_> = (0..200)
                .map(|n| {
                    let db = world.db.clone();
                    tokio::spawn(async move {
                        let posting = spend(&format!("s{n}"), 1);
                        db.write(move |tx| {
                            ledger::record(tx, "test", HandClock::START, std::slice::from_ref(&posting))
                        })
                        .await
                        .unwrap()
                        .remove(0)
                    })
                })
                .collect();
            let mut applied = 0;
            for task in tasks {
                applied += usize::from(task.await.unwrap() == Outcome::Applied);
            }
            applied
        });
        assert_eq!(applied, 50);
        assert_eq!(world.lies(), []);
    }

    pub fn the_verifier_finds_an_altered_total_and_an_altered_transfer(engine: Engine) {
        let world = world(engine);
        world.record(deposit("r1", 1000));
        assert_eq!(world.lies(), []);
        world
            .write(|tx| {
                tx.execute("update account set credits_posted = 999 where id = 'float:pt_1:GBP'", &[])
            })
            .unwrap();
        let checks: Vec<&str> = world.lies().iter().map(|lie| lie.check).collect();
        assert!(checks.contains(&"totals") && checks.contains(&"sum zero"), "{checks:?}");
        world
            .write(|tx| {
                tx.execute("update account set credits_posted = 1000 where id = 'float:pt_1:GBP'", &[])
            })
            .unwrap();
        let remove = match engine {
            Engine::Sqlite => "drop trigger transfer_no_update",
            Engine::Postgres => "alter table transfer disable trigger transfer_immutable",
        };
        world.write(move |tx| tx.execute(remove, &[])).unwrap();
        world.write(|tx| tx.execute("update transfer set amount = 7", &[])).unwrap();
        let checks: Vec<&str> = world.lies().iter().map(|lie| lie.check).collect();
        assert!(checks.contains(&"transfers"), "{checks:?}");
    }

    pub fn recorded_rows_cannot_be_changed(engine: Engine) {
        let world = world(engine);
        world.record(deposit("r1", 1000));
        for sql in [
            "update posting set outcome = 'floor'",
            "delete from posting",
            "update transfer set amount = 1",
            "delete from transfer",
        ] {
            let error = world.write(move |tx| tx.execute(sql, &[])).unwrap_err();
            assert!(format!("{:#}", anyhow::Error::from(error)).contains("immutable"), "{sql}");
        }
        assert_eq!(world.lies(), []);
    }

    pub fn work_of_one_subject_is_claimed_in_order_and_returns_when_its_holder_dies(engine: Engine) {
        let world = world(engine);
        let now = HandClock::START;
        world
            .write(move |tx| {
                let ids = CountingIds::default();
                for (n, subject) in (0..).zip(["a", "a", "b"]) {
                    let work = NewWork::due(Topic::TopUpChanged, subject, now);
                    outbox::push(tx, work, &ids as &dyn Ids, UnixMs(now.0 + n))?;
                }
                Ok(())
            })
            .unwrap();
        let claim = |at: UnixMs| world.write(move |tx| outbox::claim(tx, at, 10)).unwrap();
        let first = claim(now);
        let subjects: Vec<&str> = first.iter().map(|w| w.subject.as_str()).collect();
        assert_eq!(subjects, ["a", "b"], "the second row of a waits for the first");
        assert!(claim(now).is_empty(), "what is claimed is not claimed again");
        let again = claim(now.plus_ms(outbox::LEASE_MS));
        assert_eq!(again.len(), 2, "a dead holder's rows come back");
        let (old, new) = (first[0].clone(), again[0].clone());
        assert!(!world.write(move |tx| outbox::finish(tx, &old)).unwrap(), "the dead holder may not finish");
        assert!(world.write(move |tx| outbox::finish(tx, &new)).unwrap());
        assert_eq!(claim(now.plus_ms(outbox::LEASE_MS)).len(), 1, "now the second row of a is due");
    }

    pub fn a_full_queue_says_busy(engine: Engine) {
        let fresh = Fresh::new(engine);
        let options = Options { queue_max: 1, threads: 1, ..Options::of(&fresh.database, "test") };
        let db = Db::open(&fresh.database, options).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let (started, running) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        runtime.block_on(async {
            let slow = tokio::spawn({
                let db = db.clone();
                async move {
                    db.write(move |_| {
                        let _ = started.send(());
                        let _ = wait.lock().unwrap().recv();
                        Ok(())
                    })
                    .await
                }
            });
            tokio::task::spawn_blocking(move || running.recv()).await.unwrap().unwrap();
            let queued = tokio::spawn({
                let db = db.clone();
                async move { db.write(|_| Ok(())).await }
            });
            while db.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            assert!(matches!(db.write(|_| Ok(())).await, Err(DbError::Busy)));
            release.send(()).unwrap();
            assert!(slow.await.unwrap().is_ok() && queued.await.unwrap().is_ok());
        });
    }

    pub fn one_text_serves_one_key_and_many_keys_on_one_connection(engine: Engine) {
        let world = world(engine);
        world.record(deposit("r1", 1000));
        let sql = "select id from account where id = ?1";
        let found = world.write(move |tx| {
            let one = tx.query(sql, &values!["float:pt_1:GBP"], |row| row.text(0))?;
            let many =
                tx.query_each(sql, &["float:pt_1:GBP", "bank:operator:GBP", "none"], |row| row.text(0))?;
            let again = tx.query(sql, &values!["bank:operator:GBP"], |row| row.text(0))?;
            Ok((one.len(), many.len(), again.len()))
        });
        assert_eq!(found.unwrap(), (1, 2, 1));
    }

    pub fn a_row_that_is_refused_as_the_last_thing_of_a_step_undoes_the_whole_step(engine: Engine) {
        let world = world(engine);
        let twice = world.write(|tx| {
            tx.insert_all(PARTNERS, &[values!["pt_1", "One"].to_vec()])?;
            tx.insert_all(HOLDS, &[values!["h_1"].to_vec(), values!["h_1"].to_vec()])
        });
        assert!(matches!(twice, Err(DbError::Failed(_))), "{twice:?}");
        assert_eq!(names(&world), Vec::<String>::new());
        world.write(|tx| tx.insert_all(PARTNERS, &[values!["pt_2", "Two"].to_vec()])).unwrap();
        assert_eq!(names(&world), ["Two"]);
    }

    pub fn a_step_that_goes_on_after_a_database_error_is_not_half_applied(engine: Engine) {
        let world = world(engine);
        let went_on = world.write(|tx| {
            tx.insert_all(PARTNERS, &[values!["pt_1", "One"].to_vec()])?;
            let _ = tx.execute("insert into hold (key) values (?1)", &values!["without a state"]);
            Ok(())
        });
        // SQLite undoes the statement alone, PostgreSQL the transaction: what is said is what stands.
        assert_eq!(names(&world).len(), usize::from(went_on.is_ok()));
    }

    pub fn one_command_that_cannot_be_applied_does_not_fail_its_batch(engine: Engine) {
        let world = world(engine);
        let step: std::sync::Arc<store::hot::Step<String, String>> = std::sync::Arc::new(|tx, names| {
            anyhow::ensure!(!names.iter().any(|name| name == "poison"), "cannot be applied");
            let rows: Vec<_> = names.iter().map(|name| values![name, name].to_vec()).collect();
            tx.insert_all(PARTNERS, &rows)?;
            Ok(names.to_vec())
        });
        let hot = store::hot::Hot::new(world.db.clone(), step);
        let asked = ["a", "b", "poison", "c", "d"].map(str::to_owned);
        let outcomes = world.runtime.block_on(async {
            futures_util::future::join_all(asked.iter().map(|name| hot.submit(name.clone()))).await
        });
        for (name, outcome) in asked.iter().zip(&outcomes) {
            assert_eq!(outcome.as_ref().ok(), Some(name).filter(|name| *name != "poison"), "{name}");
        }
        assert_eq!(names(&world), ["a", "b", "c", "d"]);
    }

    pub fn a_throttle_counts_within_its_window(engine: Engine) {
        let world = world(engine);
        let clock = HandClock::new();
        let count =
            |now: UnixMs| world.write(move |tx| store::throttle::count(tx, "k", 1000, now)).unwrap().0;
        assert_eq!((count(clock.now()), count(clock.now())), (1, 2));
        clock.advance_ms(999);
        assert_eq!(count(clock.now()), 3);
        clock.advance_ms(1);
        assert_eq!(count(clock.now()), 1);
    }
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let columns = |engine| -> Vec<String> {
        let world = world(engine);
        let sql = match engine {
            Engine::Sqlite => {
                "select m.name || '.' || c.name || ' ' || replace(lower(c.type), 'integer', 'bigint') || ' ' || \
                 case when c.\"notnull\" = 1 or c.pk > 0 then 'not null' else 'null' end \
                 from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' \
                 and m.name not like 'sqlite_%'"
            }
            Engine::Postgres => {
                "select table_name || '.' || column_name || ' ' || data_type || ' ' || \
                 case is_nullable when 'NO' then 'not null' else 'null' end \
                 from information_schema.columns where table_schema = 'public'"
            }
        };
        let mut all =
            world.runtime.block_on(world.db.read(move |tx| tx.query(sql, &[], |row| row.text(0)))).unwrap();
        all.sort();
        drop(world.fresh);
        all
    };
    let (sqlite, postgres) = (columns(Engine::Sqlite), columns(Engine::Postgres));
    assert!(sqlite.len() > 100, "{}", sqlite.len());
    assert_eq!(sqlite, postgres);
}
