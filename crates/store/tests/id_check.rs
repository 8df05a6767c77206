//! ID checks on both engines: what is written down of a document, and what never is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::id::{ClerkId, DeviceId, IdCheckId, PlaceId, TopUpId};
use domain::id_check::{NameMatch, Needed};
use domain::identity::{Document, Kind, Month};
use domain::time::UnixMs;
use store::Db;
use store::db::Options;
use store::id_check::{Check, insert, link, of_sale, purge};
use store::values;
use testkit::{Engine, Fresh, on_both_engines};

on_both_engines! {
    a_look_is_read_back_as_it_was_written
    a_look_that_served_no_sale_is_removed_in_time_and_one_that_did_stays
    nothing_of_a_document_is_kept_but_what_may_be
}

/// The specimen of ICAO 9303 part 4, appendix B.
const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

fn look(refused: Option<&str>) -> Check {
    let today = Month { year: 2010, month: 6 }.last_day().unwrap();
    let document = Document::scanned(TD3, today).unwrap();
    Check {
        id: IdCheckId::stored("idc_1"),
        sale_hash: "sale-1".into(),
        top_up: None,
        market: "GB".into(),
        place: PlaceId::stored("plc_1"),
        clerk: ClerkId::stored("clk_1"),
        device: DeviceId::stored("dev_1"),
        kept: Some(document.kept().clone()),
        refused: refused.map(str::to_owned),
        name_match: Some(NameMatch::Yes),
        of_age: Some(true),
        hashed: None,
        at: UnixMs(1_276_000_000_000),
    }
}

struct Place {
    db: Db,
    runtime: tokio::runtime::Runtime,
    _fresh: Fresh,
}

fn place(engine: Engine) -> Place {
    let fresh = Fresh::new(engine);
    let db = Db::open(&fresh.database, Options::of(&fresh.database, "test")).unwrap();
    Place { db, runtime: tokio::runtime::Runtime::new().unwrap(), _fresh: fresh }
}

mod checks {
    use super::*;

    pub fn a_look_is_read_back_as_it_was_written(engine: Engine) {
        let at = place(engine);
        let (one, refused) =
            (look(None), Check { id: IdCheckId::stored("idc_2"), kept: None, ..look(Some("empty")) });
        let (first, second) = (one.clone(), refused.clone());
        let read = at.runtime.block_on(at.db.write(move |tx| {
            insert(tx, &first)?;
            insert(tx, &second)?;
            link(tx, &first.id, &TopUpId::stored("tu_1"))?;
            assert!(link(tx, &first.id, &TopUpId::stored("tu_2")).is_err(), "one look serves one sale");
            assert!(of_sale(tx, &first.place, "sale-1", first.at.plus_ms(1), 20)?.is_empty(), "too old");
            of_sale(tx, &first.place, "sale-1", first.at, 20)
        }));
        let linked = Check { top_up: Some(TopUpId::stored("tu_1")), ..one.clone() };
        assert_eq!(read.unwrap(), [refused.clone(), linked.clone()]);
        let needed = Needed {
            because: Vec::new(),
            accepts: vec![Kind::Passport],
            name_match: true,
            minimum_age: Some(16),
            legal_basis: None,
        };
        assert!(one.serves(&needed) && !refused.serves(&needed) && !linked.serves(&needed));
        assert!(!one.serves(&Needed { legal_basis: Some("A law".into()), ..needed }));
    }

    pub fn a_look_that_served_no_sale_is_removed_in_time_and_one_that_did_stays(engine: Engine) {
        let at = place(engine);
        let (sold, unsold) = (look(None), Check { id: IdCheckId::stored("idc_2"), ..look(None) });
        let young = Check { id: IdCheckId::stored("idc_3"), at: sold.at.plus_ms(1), ..look(Some("expired")) };
        let left = at.runtime.block_on(at.db.write(move |tx| {
            for check in [&sold, &unsold, &young] {
                insert(tx, check)?;
            }
            link(tx, &sold.id, &TopUpId::stored("tu_1"))?;
            assert_eq!(purge(tx, young.at, 100)?, 1);
            of_sale(tx, &sold.place, "sale-1", sold.at, 20)
        }));
        let left: Vec<_> = left.unwrap().into_iter().map(|check| check.id.to_string()).collect();
        assert_eq!(left, ["idc_3", "idc_1"]);
    }

    pub fn nothing_of_a_document_is_kept_but_what_may_be(engine: Engine) {
        let at = place(engine);
        let one = look(None);
        let columns = [
            "id",
            "sale_hash",
            "top_up_id",
            "market",
            "place_id",
            "clerk_id",
            "device_id",
            "kind",
            "country",
            "last4",
            "expires",
            "outcome",
            "reason",
            "name_match",
            "number_hash",
            "legal_basis",
        ];
        let sql = format!("select {} from id_check limit 10", columns.join(", "));
        let rows = at.runtime.block_on(at.db.write(move |tx| {
            insert(tx, &one)?;
            tx.query(&sql, &values![], |row| {
                (0..columns.len())
                    .map(|at| Ok(row.opt_text(at)?.unwrap_or_default()))
                    .collect::<anyhow::Result<Vec<_>>>()
            })
        }));
        let dump = rows.unwrap().concat().join("|");
        assert_eq!(dump, "idc_1|sale-1||GB|plc_1|clk_1|dev_1|passport|UTO|02C3|2012-04|passed||yes||");
        for holder in ["L898902", "ERIKSSON", "ANNA", "7408", "1974", "184226"] {
            assert!(!dump.contains(holder), "{holder} in {dump}");
        }
        // Every text that the table can hold was looked at: what is added to it must be added here.
        let schema = include_str!("../migrations/sqlite/0015_id_checks.sql");
        let table = schema.split("create table id_check (").nth(1).unwrap().split(") strict").next().unwrap();
        assert_eq!(table.split(',').filter(|column| column.contains(" text")).count(), columns.len());
    }
}
