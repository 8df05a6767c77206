//! No page reads a whole table: the plan of every query behind a page, on both engines, with empty tables and no
//! statistics. To add a query: one line in [`reads`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::agent::AgentState;
use domain::campaign::CampaignState;
use domain::counter_journal::JournalSearch;
use domain::float_request::FloatRequestState;
use domain::history::{LAST_KEY, first_key};
use domain::id::{
    AgentId, BucketId, CampaignId, CaseId, ContactId, DeviceId, LineId, MessageId, PartnerId, PlaceId,
    StaffId, SubscriberId, TopUpId,
};
use domain::ledger::{AccountId, PostingKey, Purpose};
use domain::notice::NoticeChannel;
use domain::outlet::OutletState;
use domain::place::PlaceKind;
use domain::refund_request::RefundRequestState;
use domain::support_case::CaseState;
use domain::time::UnixMs;
use store::account::subscriber_line;
use store::db::{Options, plan};
use store::personal::{self, Range};
use store::support_case::{self, Desk};
use store::{Db, Tx, ledger, refund_request, values};
use testkit::{Engine, Fresh, on_both_engines};

on_both_engines! {
    no_query_behind_a_page_reads_a_whole_table
    a_query_without_an_index_is_named
}

type Read = (&'static str, fn(&mut Tx<'_>) -> anyhow::Result<()>);

fn range() -> Range {
    Range { from: first_key(UnixMs(0)), before: LAST_KEY.into(), group: None }
}

fn line() -> LineId {
    LineId::stored("line_1")
}

fn subscriber() -> SubscriberId {
    SubscriberId::stored("sub_1")
}

fn agent() -> AgentId {
    AgentId::stored("ag_1")
}

fn account() -> AccountId {
    AccountId::stored("credit:line_1:GBP")
}

fn place() -> PlaceId {
    PlaceId::stored("plc_1")
}

/// Every query behind a page, by what it reads.
fn reads() -> Vec<Read> {
    vec![
        ("own orders", |tx| personal::list_of_subscriber(tx, &subscriber(), None, &range(), 26).map(drop)),
        ("own orders of a line", |tx| {
            personal::list_of_subscriber(tx, &subscriber(), Some(&line()), &range(), 26).map(drop)
        }),
        ("orders to a line", |tx| personal::list_credited(tx, &line(), &range(), 26).map(drop)),
        ("later orders", |tx| {
            personal::list_credited_after(tx, &line(), &TopUpId::stored("tu_1"), 100).map(drop)
        }),
        ("what moved", |tx| {
            personal::moved(tx, &[PostingKey::new("tu_1", Purpose::Credit)], &account()).map(drop)
        }),
        ("what was used", |tx| store::usage::list_of_account(tx, &account(), "use_~", 26).map(drop)),
        ("a usage record", |tx| store::usage::find(tx, "pt_1/record").map(drop)),
        ("own lines", |tx| subscriber_line::list(tx, &subscriber()).map(drop)),
        ("a balance", |tx| ledger::balance(tx, &account()).map(drop)),
        ("buckets", |tx| store::bucket::list_valid(tx, &line(), UnixMs(1)).map(drop)),
        ("past buckets", |tx| store::bucket::list_past(tx, &line(), UnixMs(1), 10).map(drop)),
        ("a bucket", |tx| store::bucket::find(tx, &BucketId::stored("bkt_1")).map(drop)),
        ("stuck orders", |tx| store::stuck::late_orders(tx, UnixMs(1), 100).map(drop)),
        ("contradictions", |tx| store::stuck::contradictions(tx, 100).map(drop)),
        ("open refunds", |tx| store::stuck::open_refunds(tx, UnixMs(1), 100).map(drop)),
        ("unknown calls", |tx| store::stuck::unknown_calls(tx, UnixMs(1), 100).map(drop)),
        ("given-up work", |tx| store::stuck::given_up(tx, 100).map(drop)),
        ("whose work it is", |tx| {
            ["tu_1", "att_1", "rf_1", "msg_1", "op_1"]
                .iter()
                .try_for_each(|id| store::stuck::order_of(tx, id).map(drop))
        }),
        ("cases", |tx| {
            let mine = Desk::Of(StaffId::stored("stf_1"));
            let desks = [Desk::Open, Desk::Unassigned, mine, Desk::In(CaseState::Answered)];
            desks.iter().try_for_each(|desk| support_case::list(tx, desk, 100).map(drop))
        }),
        ("owed answers", |tx| support_case::count_open(tx, UnixMs(1), 100).map(drop)),
        ("a case", |tx| support_case::find_by_code(tx, "S-1").map(drop)),
        ("a case's messages", |tx| support_case::list_messages(tx, &CaseId::stored("case_1"), 100).map(drop)),
        ("cases of an order", |tx| support_case::list_by_top_up(tx, &TopUpId::stored("tu_1"), 20).map(drop)),
        ("own cases", |tx| support_case::list_by_subscriber(tx, &subscriber(), 20).map(drop)),
        ("refund requests", |tx| refund_request::list(tx, RefundRequestState::Asked, 100).map(drop)),
        ("an order's requests", |tx| {
            refund_request::list_by_top_up(tx, &TopUpId::stored("tu_1"), 20).map(drop)
        }),
        ("asked by one", |tx| {
            refund_request::asked_since(tx, &StaffId::stored("stf_1"), "GBP", UnixMs(1)).map(drop)
        }),
        ("orders of a day", |tx| store::figures::orders(tx, UnixMs(0), UnixMs(1)).map(drop)),
        ("times to credit", |tx| store::figures::times_to_credit(tx, UnixMs(0), UnixMs(1)).map(drop)),
        ("what waits for people", |tx| store::figures::open(tx, UnixMs(1)).map(drop)),
        ("campaigns", |tx| store::campaign::list(tx, CampaignState::Asked, 50).map(drop)),
        ("a campaign", |tx| store::campaign::find(tx, &CampaignId::stored("cmp_1")).map(drop)),
        ("who agreed", |tx| store::campaign::readers_after(tx, &["GB".to_owned()], "", 100).map(drop)),
        ("a campaign's counts", |tx| store::campaign::counts(tx, &CampaignId::stored("cmp_1")).map(drop)),
        ("what of it waits", |tx| store::campaign::has_open(tx, &CampaignId::stored("cmp_1")).map(drop)),
        ("a message of it", |tx| store::campaign::find_message(tx, &MessageId::stored("msg_1")).map(drop)),
        ("marketing in a week", |tx| {
            store::campaign::handed_since(tx, &subscriber(), UnixMs(1), 2).map(drop)
        }),
        ("a reply", |tx| store::campaign::find_stop_reply(tx, &ContactId::stored("con_1")).map(drop)),
        ("a consent", |tx| {
            store::account::consent::is_given(tx, &subscriber(), NoticeChannel::Sms).map(drop)
        }),
        ("invoices of a sale", |tx| store::invoice::list_by_top_up(tx, &TopUpId::stored("tu_1")).map(drop)),
        ("a series of invoices", |tx| store::invoice::list_series(tx, "GB-F-2026", 0, 100).map(drop)),
        ("contacts", |tx| store::account::contact::list(tx, &subscriber()).map(drop)),
    ]
}

/// Every query behind a page of shops.
fn reads_of_places() -> Vec<Read> {
    vec![
        ("a place", |tx| store::place::find_by_number(tx, "S10234").map(drop)),
        ("places of words", |tx| {
            store::place::numbers_by_beginning(tx, "soh", 300)?;
            store::place::numbers_by_word(tx, "soho", 300)?;
            store::place::list_by_number(tx, &["S10234"]).map(drop)
        }),
        ("places nearby, of all kinds and of one", |tx| {
            let here = domain::place::geo::Point { lat_e7: 515_115_000, lon_e7: -1_310_000 };
            store::place::near(tx, &here.neighbourhood(12), None, 200)?;
            store::place::near(tx, &here.neighbourhood(12), Some(PlaceKind::Kiosk), 200).map(drop)
        }),
        ("places of a country", |tx| {
            store::place::countries(tx, 60)?;
            store::place::list_by_city(tx, "GB", ("", ""), 400).map(drop)
        }),
        ("places for maps", |tx| {
            store::place::changed_at(tx)?;
            store::place::marks(tx, 5_000, 10)?;
            store::place::list_after(tx, "S10234", 500).map(drop)
        }),
        ("a place's photo", |tx| {
            let id = domain::id::PlaceId::stored("plc_1");
            store::place::photo_taken_at(tx, &id)?;
            store::place::photo(tx, &id).map(drop)
        }),
    ]
}

/// Every query behind a page about agents.
fn reads_of_agents() -> Vec<Read> {
    vec![
        ("agents", |tx| {
            store::agent::list(tx, AgentState::Applied, "", 50)?;
            store::agent::list_children(tx, &agent(), 50)?;
            store::agent::list_approvals(tx, &agent())?;
            store::agent_document::list(tx, &agent(), 40)?;
            store::agent_document::list_ending(tx, UnixMs(1), 40).map(drop)
        }),
        ("outlets", |tx| {
            store::outlet::list(tx, &agent(), "", 50)?;
            store::outlet::list_in(tx, OutletState::Proposed, 50)?;
            store::outlet::count(tx, &agent())?;
            store::outlet::crossed(tx, "", 500)?;
            store::outlet::standing(tx, &["plc_1"]).map(drop)
        }),
        ("float requests", |tx| {
            store::float_request::list(tx, FloatRequestState::Asked, 50)?;
            store::float_request::list(tx, FloatRequestState::Done, 50)?;
            store::float_request::list_of(tx, &agent(), 50)?;
            store::float_request::moved_since(tx, &PartnerId::stored("pt_1"), "GBP", UnixMs(1)).map(drop)
        }),
        ("commission", |tx| {
            store::commission::list_plans(tx, 50)?;
            store::commission::bases(tx, &["pt_1"], "2026-11")?;
            store::sold::sums(tx, &["ag_1/2026-11"])?;
            store::commission::list_of_agent(tx, &agent(), "2026-11", "", 50).map(drop)
        }),
    ]
}

/// Every query behind a page of a counter.
fn reads_of_counters() -> Vec<Read> {
    vec![
        ("a clerk by number", |tx| store::clerk::find_by_number(tx, &agent(), 11).map(drop)),
        ("clerks", |tx| store::clerk::list(tx, &agent()).map(drop)),
        ("how many clerks", |tx| store::clerk::count(tx, &agent(), 200).map(drop)),
        ("the cookies of a device and of its unlocking", |tx| {
            let (devices, sessions) =
                (store::device::each_by_secret(&["h"]), store::clerk_session::each_by_secret(&["h"]));
            tx.query_both(devices, sessions).map(drop)
        }),
        ("a device's key", |tx| store::device::has_key(tx, "04").map(drop)),
        ("devices", |tx| store::device::list(tx, &agent()).map(drop)),
        ("devices of a place", |tx| store::device::list_at(tx, &place()).map(drop)),
        ("who is at a device", |tx| {
            store::clerk_session::find_open(tx, &DeviceId::stored("dev_1")).map(drop)
        }),
        ("a counter's journal", |tx| {
            let (last, code) =
                (JournalSearch::LastFour("3456".into()), JournalSearch::Code("7K2M9-QX4TB".into()));
            let searches = [JournalSearch::All, last, code, JournalSearch::Amount(1000)];
            let newest = store::counter_journal::NEWEST;
            searches
                .iter()
                .try_for_each(|by| store::counter_journal::list(tx, &place(), by, newest, 50).map(drop))
        }),
    ]
}

fn scans(engine: Engine, read: fn(&mut Tx<'_>) -> anyhow::Result<()>) -> Vec<String> {
    let fresh = Fresh::new(engine);
    let db = Db::open(&fresh.database, Options::of(&fresh.database, "plans")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(db.read(move |tx| plan::scans(tx, read))).unwrap()
}

mod checks {
    use super::*;

    pub fn no_query_behind_a_page_reads_a_whole_table(engine: Engine) {
        let fresh = Fresh::new(engine);
        let db = Db::open(&fresh.database, Options::of(&fresh.database, "plans")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for (what, read) in [reads(), reads_of_places(), reads_of_agents(), reads_of_counters()].concat() {
            let found = runtime.block_on(db.read(move |tx| plan::scans(tx, read))).unwrap();
            assert_eq!(found, Vec::<String>::new(), "{what}");
        }
    }

    pub fn a_query_without_an_index_is_named(engine: Engine) {
        let found = scans(engine, |tx| {
            tx.query("select id from line where last4 = ?1", &values!["3456"], |row| row.text(0)).map(drop)
        });
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
