//! The business day of an outlet: it waits for open shifts and for sales whose end nobody knows, is the sum of its Z
//! reports and what the ledger says, has a number without gaps, and stays as it is.

use crate::support::network::{network_settles, plan};
use crate::support::registry::{NETWORK_NUMBER, NUMBER};
use crate::support::shop::{Opening, Shop, gbp, open_shop, ten};
use crate::support::town::{Town, in_town};
use domain::business_day::{DayReport, Share, ShiftOfDay};
use domain::id::TopUpId;
use domain::tender::{Tender, TenderKind};
use domain::time::MINUTE_MS;
use flows::business_day::{self, DayRefusal};
use flows::counter::At;
use flows::counter::sale::{self, CounterSale, SaleOutcome};
use flows::counter::undo::{self, Undo};
use flows::{request, till};
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_day_is_the_sum_of_its_z_reports_and_what_the_ledger_says
    a_day_waits_for_open_shifts_and_for_sales_whose_end_is_not_known
    a_till_that_is_handed_over_goes_on_with_what_was_counted
    two_who_close_a_day_at_once_close_one_and_days_have_no_gaps
}

async fn sell(town: &Town, at: &At, key: &str) -> TopUpId {
    let tenders = vec![Tender::cash(gbp(1_000), None)];
    let wanted = CounterSale { at: at.clone(), key: key.into(), wanted: ten(NUMBER), tenders };
    match sale::sell(&town.world, wanted).await.expect("asked") {
        SaleOutcome::Told { sold: Ok(made), .. } => made.id,
        other => panic!("not sold: {other:?}"),
    }
}

async fn take_back(town: &Town, at: &At, id: &TopUpId) {
    let key = town.world.ids.next(town.world.now());
    let wanted = Undo {
        key: sale::key_of(at, &key, id.as_str()),
        at: at.clone(),
        top_up: id.clone(),
        reason: "wrong number".into(),
        supervisor: None,
        answering: request::plainly(&town.world),
    };
    undo::undo(&town.world, wanted).await.expect("asked");
}

async fn open(town: &Town, at: &At, minor: i64) {
    till::open(&town.world, at, gbp(minor)).await.expect("asked").expect("opened");
}

async fn close_shift(town: &Town, at: &At, pieces: &[(i64, i64)], reason: &str) {
    let pieces = BTreeMap::from_iter(pieces.iter().copied());
    till::count(&town.world, at, pieces).await.expect("asked").expect("counted");
    till::close(&town.world, at, reason, None).await.expect("asked").expect("closed");
}

async fn day(town: &Town, shop: &Shop) -> DayReport {
    let closed = business_day::close(&town.world, &shop.supervisor).await.expect("asked").expect("closed");
    let read = business_day::report(&town.world, &shop.supervisor, closed.number).await.expect("read");
    let (kept, report) = read.expect("a day");
    assert_eq!((kept, report.figures.total()), (closed.clone(), closed.total));
    report
}

async fn refused(town: &Town, at: &At) -> DayRefusal {
    business_day::close(&town.world, at).await.expect("asked").expect_err("refused")
}

mod checks {
    use super::*;

    pub fn a_day_is_the_sum_of_its_z_reports_and_what_the_ledger_says(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            open(town, &shop.supervisor, 0).await;
            let first = sell(town, &shop.clerk, "one").await;
            let wrong = sell(town, &shop.clerk, "two").await;
            take_back(town, &shop.clerk, &wrong).await;
            let last = sell(town, &shop.supervisor, "three").await;
            close_shift(town, &shop.clerk, &[(1_000, 5), (500, 1)], "a note is missing").await;
            let lost = till::current(&town.world, &shop.supervisor).await.expect("read").expect("a shift");
            till::force(&town.world, &shop.supervisor, &lost.id, "the device died")
                .await
                .expect("asked")
                .expect("closed");
            let report = day(town, &shop).await;
            let spent = 100_000 - shop.float(town).await;
            assert_eq!((report.figures.total().minor, report.figures.commission_minor), (spent, 50));
            assert_eq!(shop.earned(town).await, report.figures.commission_minor);
            assert_eq!(report.figures.taken.get(&TenderKind::Cash), Some(&(3_000, 3)));
            assert_eq!(report.figures.returned.get(&TenderKind::Cash), Some(&(1_000, 1)));
            let clerk = Share { sales: 2, taken_minor: 2_000, returned_minor: 1_000 };
            assert_eq!(report.clerks.get(&shop.clerk.clerk.id), Some(&clerk));
            assert_eq!(report.devices.get(&shop.clerk.device.id), Some(&clerk));
            assert_eq!(report.clerks.len(), 2);
            let variances: Vec<_> = report.shifts.iter().map(ShiftOfDay::variance).collect();
            assert_eq!(variances, [Some(-500), None]);
            let mut total = 0;
            for of in &report.shifts {
                let z = till::report(&town.world, &shop.supervisor, &of.shift).await.expect("read");
                total += z.expect("a Z report").figures.total().minor;
            }
            assert_eq!(total, report.figures.total().minor);
            let code = async |id: TopUpId| town.read(move |tx| store::top_up::load(tx, &id)).await.code;
            assert_eq!((report.first, report.last), (Some(code(first).await), Some(code(last).await)));
            let change = town.world.db.write(|tx| {
                tx.execute("update business_day set sales = 9", &[])?;
                Ok(())
            });
            assert!(change.await.is_err(), "a closed day stays as it is");
        });
    }

    pub fn a_day_waits_for_open_shifts_and_for_sales_whose_end_is_not_known(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            shop.sell(town, "pending", NETWORK_NUMBER).await;
            assert_eq!(refused(town, &shop.clerk).await, DayRefusal::Supervisor);
            assert_eq!(refused(town, &shop.supervisor).await, DayRefusal::Nothing, "no shift was closed");
            close_shift(town, &shop.clerk, &[(1_000, 6)], "").await;
            assert_eq!(refused(town, &shop.supervisor).await, DayRefusal::Pending);
            let standing = business_day::standing(&town.world, &shop.supervisor, 5).await.expect("read");
            assert_eq!((standing.pending.len(), standing.open.len(), standing.closed), (1, 0, 1));
            town.work().await;
            network_settles(town, "refused").await;
            town.pass(MINUTE_MS).await;
            open(town, &shop.clerk, 6_000).await;
            assert_eq!(refused(town, &shop.supervisor).await, DayRefusal::ShiftsOpen);
            close_shift(town, &shop.clerk, &[(1_000, 6)], "").await;
            let report = day(town, &shop).await;
            assert_eq!(
                report.owed,
                (1, 1_000),
                "who did not come back keeps their money, and the day closes"
            );
            open(town, &shop.clerk, 6_000).await;
            let owed = till::owed(&town.world, &shop.clerk).await.expect("read");
            let given = till::give_back(&town.world, &shop.clerk, &owed[0].top_up).await.expect("asked");
            assert_eq!(given, Ok(gbp(1_000)));
            close_shift(town, &shop.clerk, &[(1_000, 5)], "").await;
            let next = day(town, &shop).await;
            let both = report.figures.total().minor + next.figures.total().minor;
            assert_eq!((both, 100_000 - shop.float(town).await), (0, 0));
            assert_eq!(report.figures.commission_minor + next.figures.commission_minor, 0);
        });
    }

    pub fn a_till_that_is_handed_over_goes_on_with_what_was_counted(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            sell(town, &shop.clerk, "one").await;
            let pieces = BTreeMap::from([(1_000, 6)]);
            till::count(&town.world, &shop.clerk, pieces).await.expect("asked").expect("counted");
            let myself = till::close(&town.world, &shop.clerk, "", Some(shop.clerk.clerk.clone())).await;
            assert_eq!(myself.expect("asked").err(), Some(till::TillRefusal::NextClerk));
            let next = Some(shop.supervisor.clerk.clone());
            let closed =
                till::close(&town.world, &shop.clerk, "", next).await.expect("asked").expect("closed");
            let open = till::current(&town.world, &shop.clerk).await.expect("read").expect("the next shift");
            assert_eq!((&open.clerk, &open.device), (&shop.supervisor.clerk.id, &closed.device));
            let x =
                till::report(&town.world, &shop.clerk, &open.id).await.expect("read").expect("an X report");
            assert_eq!((x.figures.expected(), x.figures.sales), (gbp(6_000), 0));
            assert_eq!(refused(town, &shop.supervisor).await, DayRefusal::ShiftsOpen);
        });
    }

    pub fn two_who_close_a_day_at_once_close_one_and_days_have_no_gaps(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            for number in 1..=2 {
                sell(town, &shop.clerk, &format!("sale-{number}")).await;
                close_shift(town, &shop.clerk, &[(1_000, 6)], "").await;
                let (one, other) = tokio::join!(
                    business_day::close(&town.world, &shop.supervisor),
                    business_day::close(&town.world, &shop.supervisor)
                );
                let mut both = [one.expect("asked"), other.expect("asked")];
                both.sort_by_key(Result::is_err);
                let [closed, refused] = both;
                assert_eq!(closed.map(|day| (day.number, day.sales)), Ok((number, 1)));
                assert_eq!(refused.expect_err("there was nothing more"), DayRefusal::Nothing);
                open(town, &shop.clerk, 5_000).await;
            }
        });
    }
}
