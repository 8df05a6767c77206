//! What the verifier says about agents: each of its rules is broken once and named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::actor::Actor;
use domain::id::PartnerId;
use domain::ledger::{Posting, PostingKey, Purpose, agents};
use domain::money::Money;
use store::db::Options;
use store::{Db, ledger};
use testkit::{Engine, Fresh, HandClock, on_both_engines};

on_both_engines! {
    commission_that_was_not_posted_or_posted_twice_is_found
    a_price_that_was_not_handed_over_is_found
    money_back_for_a_sale_that_stands_is_found
}

struct World {
    _fresh: Fresh,
    db: Db,
    runtime: tokio::runtime::Runtime,
}

/// One sale of ten pounds at a counter that earned 25 pence, as its flow writes it.
fn world(engine: Engine) -> World {
    let fresh = Fresh::new(engine);
    let db = Db::open(&fresh.database, Options::of(&fresh.database, "test")).unwrap();
    let world = World { _fresh: fresh, db, runtime: tokio::runtime::Runtime::new().unwrap() };
    world.run(
        "insert into top_up (id, code, market, line_id, offer_id, offer_version_id, channel, settlement, state, version, \
         currency, value_minor, bonus_minor, fee_minor, tax_minor, tax_rate_bps, total_minor, partner_id, locale, \
         created_at, state_at, actor) values ('tu_1', 'C1', 'GB', 'line_1', 'o', 'ov', 'agent', 'float', 'reversed', 1, \
         'GBP', 1000, 0, 0, 0, 0, 1000, 'pt_1', 'en', 0, 0, 'system')",
    );
    world.run(
        "insert into tender (top_up_id, n, kind, amount_minor, currency, shift_id, place_id, clerk_id, at, taken) \
         values ('tu_1', 0, 'cash', 400, 'GBP', 'shf_1', 'plc_1', 'clk_1', 0, 1), \
         ('tu_1', 1, 'card', 600, 'GBP', 'shf_1', 'plc_1', 'clk_1', 0, 1)",
    );
    world.run(
        "insert into commission (top_up_id, kind, agent_id, partner_id, month, class, value_minor, amount_minor, \
         currency, rule, volume_minor, at) \
         values ('tu_1', 'earned', 'ag_1', 'pt_1', '2026-11', 'credit', 1000, 25, 'GBP', 'standard/1', 0, 0)",
    );
    world.earn("tu_1", 25);
    assert_eq!(world.lies(), Vec::<String>::new());
    world
}

impl World {
    fn run(&self, sql: &'static str) {
        let done = self.db.write(move |tx| tx.execute(sql, &[]).map(|_| ()));
        self.runtime.block_on(done).unwrap();
    }

    fn earn(&self, subject: &'static str, minor: i64) {
        let posting = Posting::new(PostingKey::new(subject, Purpose::FloatMove), Actor::System, vec![]);
        let earned = Money::new(minor, "GBP".parse().unwrap());
        let posting = agents::with_commission(posting, "GB", &PartnerId::stored("pt_1"), earned);
        let done = self.db.write(move |tx| {
            ledger::record(tx, "test", HandClock::START, std::slice::from_ref(&posting)).map(|_| ())
        });
        self.runtime.block_on(done).unwrap();
    }

    /// What the rules about agents found; other rules know nothing of a sale that stands alone.
    fn lies(&self) -> Vec<String> {
        let lies = self.runtime.block_on(self.db.read(ledger::verify)).unwrap().lies;
        let own = lies.into_iter().filter(|lie| matches!(lie.check, "commission" | "tenders"));
        own.map(|lie| lie.what).collect()
    }

    fn says(&self, words: &str) {
        let lies = self.lies();
        assert!(lies.iter().any(|lie| lie.contains(words)), "{words}: {lies:?}");
    }
}

mod checks {
    use super::*;

    pub fn commission_that_was_not_posted_or_posted_twice_is_found(engine: Engine) {
        let world = world(engine);
        world.earn("tu_1b", 5);
        world.says("got another sum");
        world.run("update commission set amount_minor = 30");
        assert_eq!(world.lies(), Vec::<String>::new());
        world.run(
            "insert into commission (top_up_id, kind, agent_id, partner_id, month, class, value_minor, amount_minor, \
             currency, rule, volume_minor, at) \
             values ('tu_1', 'taken_back', 'ag_1', 'pt_1', '2026-11', 'credit', -1000, -29, 'GBP', 'standard/1', 0, 0)",
        );
        world.says("taken back otherwise");
        let stolen = agents::commission_paid(
            &PartnerId::stored("pt_1"),
            "2026-11",
            Money::new(1, "GBP".parse().unwrap()),
            Actor::System,
        );
        let mut stolen = stolen;
        stolen.transfers[0].credit =
            domain::ledger::book::float(&PartnerId::stored("pt_2"), Money::new(1, "GBP".parse().unwrap()));
        let done = world.db.write(move |tx| {
            ledger::record(tx, "test", HandClock::START, std::slice::from_ref(&stolen)).map(|_| ())
        });
        world.runtime.block_on(done).unwrap();
        world.says("paid to somebody else");
    }

    pub fn a_price_that_was_not_handed_over_is_found(engine: Engine) {
        let world = world(engine);
        world.run("update tender set amount_minor = 599 where n = 1");
        world.says("exactly its price");
        world.run("update tender set amount_minor = 600, currency = 'EUR' where n = 1");
        world.says("exactly its price");
        world.run("delete from tender");
        world.says("nobody says what was handed over");
    }

    pub fn money_back_for_a_sale_that_stands_is_found(engine: Engine) {
        let world = world(engine);
        world.run(
            "insert into owed_back (top_up_id, place_id, amount_minor, currency, since) \
             values ('tu_1', 'plc_1', 400, 'GBP', 0)",
        );
        assert_eq!(world.lies(), Vec::<String>::new());
        world.run("update owed_back set amount_minor = 401");
        world.says("another sum than the cash");
        world.run("update owed_back set amount_minor = 400, given_at = 5");
        world.says("another sum than the cash");
        world.run(
            "insert into tender (top_up_id, n, kind, amount_minor, currency, shift_id, place_id, clerk_id, at, taken) \
             values ('tu_1', 2, 'cash', -400, 'GBP', 'shf_1', 'plc_1', 'clk_1', 0, 1)",
        );
        assert_eq!(world.lies(), Vec::<String>::new());
        world.run("update tender set amount_minor = -401 where n = 2");
        world.says("more than was taken");
        world.run("update tender set amount_minor = -400 where n = 2");
        world.run("update top_up set state = 'credited'");
        world.says("its money went back");
        world.says("its money is owed back");
        world.run("update tender set taken = 0");
        world.says("never came into the till");
    }
}
