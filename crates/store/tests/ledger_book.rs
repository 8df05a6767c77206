//! docs/ledger.md is executed: every example in it is posted by `domain::ledger::book`, recorded on both
//! engines, and compared line by line with what the document says.
//!
//! An example is a fenced block marked `ledger`. Start reading at [`Example`]; `step` knows what can be told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::actor::Actor;
use domain::bucket::Move;
use domain::id::{AttemptId, BucketId, FloatRequestId, LineId, PartnerId, RefundId, TopUpId};
use domain::ledger::agents;
use domain::ledger::bonus::Budget;
use domain::ledger::book::{self, Captured, Grant, Payer, RefundStep, Sale};
use domain::ledger::reversal::{self, Moved, WhoPaid};
use domain::ledger::{
    Account, AccountKind, Outcome, Phase, Posting, PostingKey, Purpose, Reason, Side, Transfer,
};
use domain::money::{BasisPoints, Money};
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::unit::Unit;
use domain::usage::TaxAtUse;
use std::collections::{BTreeMap, BTreeSet};
use store::db::Options;
use store::{Db, ledger};
use testkit::{Engine, Fresh, HandClock, on_both_engines};

on_both_engines! {
    every_example_is_recorded_as_the_document_says
    an_altered_example_is_noticed
}

const DOCUMENT: &str = include_str!("../../../docs/ledger.md");
const MARKET: &str = "GB";
const PROVIDER: &str = "stripe";
const WRITER: &str = "book";

/// One fenced block: `> verb name=value ...` is a step, under it its transfers as `debit credit amount reason`
/// (and the phase where it is not `posted`); `= account balance` (and `available N` where that is another
/// amount) at the end. Every account that was touched is listed.
#[derive(Debug, Default)]
struct Example {
    /// The document's line on which the block begins.
    line: usize,
    steps: Vec<String>,
    /// Each with the number of its step before it.
    transfers: Vec<String>,
    balances: BTreeSet<String>,
}

fn examples(document: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for (n, text) in document.lines().enumerate() {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match (&mut open, words.as_str()) {
            (None, "```ledger") => open = Some(Example { line: n + 1, ..Example::default() }),
            (None, _) | (Some(_), "") => {}
            (Some(_), "```") => found.extend(open.take()),
            (Some(example), words) => match words.split_once(' ') {
                Some((">", step)) => example.steps.push(step.to_owned()),
                Some(("=", balance)) => {
                    example.balances.insert(balance.to_owned());
                }
                _ => example.transfers.push(format!("{} {words}", example.steps.len())),
            },
        }
    }
    found
}

/// What a step tells besides its verb.
struct Told<'a>(BTreeMap<&'a str, &'a str>);

impl Told<'_> {
    fn word(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("a step does not tell {name}"))
    }

    fn number(&self, name: &str) -> i64 {
        self.word(name).parse().unwrap()
    }

    fn money(&self, name: &str) -> Money {
        Money::new(if self.0.contains_key(name) { self.number(name) } else { 0 }, "GBP".parse().unwrap())
    }
}

/// The posting of a step. `n` names what the step is about, so that two steps are never about the same.
fn step(text: &str, n: usize) -> Posting {
    let mut words = text.split(' ');
    let verb = words.next().unwrap();
    let told = Told(words.map(|word| word.split_once('=').unwrap()).collect());
    let refund = |step| {
        let id = RefundId::stored("rf_1");
        book::refund(&id, PROVIDER, MARKET, told.money("amount"), step)
    };
    match verb {
        "deposit" => book::float_deposit(&partner(), &format!("bank statement {n}"), told.money("amount")),
        "credit" => credit(&told, n),
        "capture" => {
            let what = match told.word("what") {
                "as_asked" => Captured::AsAsked,
                "surplus" => Captured::Surplus,
                "contradiction" => Captured::Contradiction,
                other => panic!("a capture is never {other}"),
            };
            let attempt = AttemptId::stored(format!("att_{n}"));
            book::capture(&attempt, PROVIDER, MARKET, told.money("amount"), what)
        }
        "sale" => book::float_sale(&top_up(), MARKET, &partner(), told.money("amount"), Actor::System),
        "sale_return" => {
            book::float_return(&top_up(), MARKET, &partner(), told.money("amount"), Actor::System)
        }
        "bank_transfer" | "float_move" | "commission_pay" => of_agents(verb, &told, n),
        "settle" => {
            book::settle(&AttemptId::stored(format!("att_{n}")), MARKET, told.money("amount"), Actor::System)
        }
        "refund_hold" => refund(RefundStep::Hold),
        "refund_post" => refund(RefundStep::Post),
        "refund_void" => refund(RefundStep::Void),
        "refund_bounce" => refund(RefundStep::Bounce),
        "budget" => budget().change(i64::try_from(n).unwrap(), told.number("change"), Actor::Operator),
        "bonus_hold" => budget().hold(&top_up(), told.number("amount"), Actor::Guest),
        "bonus_release" => budget().release(&top_up(), told.number("amount"), Actor::System),
        "usage" => usage(&told, n),
        "expire" => {
            let unit: Unit = told.word("unit").parse().unwrap();
            book::expire(&bucket(unit), unit, told.number("left"))
        }
        "reverse" | "reverse_hold" | "reverse_post" | "reverse_void" | "reverse_bounce" => {
            reversal(verb, &told, n)
        }
        other => panic!("{other} is no step"),
    }
}

/// What agents post beside their sales.
fn of_agents(verb: &str, told: &Told<'_>, n: usize) -> Posting {
    match verb {
        "bank_transfer" => {
            agents::bank_transfer(&partner(), &format!("RF{n}"), told.money("amount"), Actor::System)
        }
        "float_move" => {
            let (from, to) = (PartnerId::stored(told.word("from")), PartnerId::stored(told.word("to")));
            let id = FloatRequestId::stored(format!("flr_{n}"));
            agents::float_move(&id, &from, &to, told.money("amount"), Actor::System)
        }
        "commission_pay" => {
            let month = told.word("month");
            agents::commission_paid(&partner(), month, told.money("amount"), Actor::System)
        }
        other => panic!("{other} is no step of agents"),
    }
}

fn usage(told: &Told<'_>, n: usize) -> Posting {
    let unit: Unit = told.word("unit").parse().unwrap();
    let account = match unit {
        Unit::Money(_) => book::line_credit(&LineId::stored("line_1"), told.money("amount")),
        Unit::Octets | Unit::Seconds | Unit::Messages => book::bucket(&bucket(unit), unit),
    };
    let parts = [(account, told.number("amount"))];
    let usage = book::usage(&format!("pt_1/record-{n}"), unit, &parts, Actor::System);
    if !told.0.contains_key("taxable") {
        return usage;
    }
    let (taxable, tax) = (told.number("taxable"), told.number("tax"));
    let due = TaxAtUse { taxable, rate: BasisPoints(2000), tax };
    book::with_tax_at_use(usage, MARKET, &LineId::stored("line_1"), unit, due)
}

fn credit(told: &Told<'_>, n: usize) -> Posting {
    let rate = BasisPoints(told.word("tax_rate_bps").parse().unwrap());
    let (value, bonus, fee) = (told.money("value"), told.money("bonus"), told.money("fee"));
    let prices = PriceLines::of(value, bonus, fee, rate).unwrap();
    let prices = if told.0.contains_key("taxed_later") { prices.without_tax_on_value() } else { prices };
    let grants: Vec<Grant> = [Unit::Octets, Unit::Seconds, Unit::Messages]
        .into_iter()
        .filter(|unit| told.0.contains_key(unit.as_str()))
        .map(|unit| Grant { bucket: into(told, unit), unit, amount: told.number(unit.as_str()) })
        .collect();
    let benefit = if grants.is_empty() && !told.0.contains_key("bundle") {
        Benefit::Credit
    } else {
        Benefit::Bundle { allowances: Vec::new(), valid_for_days: 30 }
    };
    let sale = Sale {
        top_up: &TopUpId::stored(format!("tu_{n}")),
        market: MARKET,
        line: &LineId::stored("line_1"),
        prices: &prices,
        benefit: &benefit,
        grants: &grants,
        payer: match told.word("from") {
            "float" => Payer::Float(partner()),
            "captured" => Payer::Captured,
            other => panic!("nobody pays from {other}"),
        },
        network: told.0.get("by").copied(),
    };
    let moved = told.0.get("moved").map(|amount| Move {
        from: BucketId::stored(format!("bkt_{}", told.word("moved_from"))),
        to: into(told, Unit::Octets),
        unit: Unit::Octets,
        amount: amount.parse().unwrap(),
    });
    let credit = book::with_moves(book::credit(&sale, Actor::System).unwrap(), moved.as_slice());
    let credit = match told.0.get("taxed_later") {
        Some(_) => book::with_tax_later(credit, MARKET, &LineId::stored("line_1"), value),
        None => credit,
    };
    let credit = match told.0.get("commission") {
        Some(_) => agents::with_commission(credit, MARKET, &partner(), told.money("commission")),
        None => credit,
    };
    let Some(promotion) = told.0.get("promotion") else { return credit };
    let held = told.0.get("promised").map(|_| top_up());
    let to = book::line_credit(&LineId::stored("line_1"), value);
    budget().give(credit, to, promotion.parse().unwrap(), held.as_ref())
}

/// What takes a credit with the same words back.
fn reversal(verb: &str, told: &Told<'_>, n: usize) -> Posting {
    let moved = |t: &Transfer| Moved { debit: t.debit.clone(), credit: t.credit.clone(), amount: t.amount };
    let given: Vec<Moved> = credit(told, n).transfers.iter().map(moved).collect();
    let value = told.money("value");
    let (by_provider, part) = (told.word("from") == "captured", told.0.contains_key("captured"));
    let paid = WhoPaid {
        captured: by_provider.then(|| (book::clearing(PROVIDER, value), told.money("captured").minor)),
        float: (part || !by_provider).then(|| book::float(&partner(), value)),
    };
    let hold = PostingKey::new("rf_1", Purpose::RefundHold);
    let (key, phase, resolves) = match verb {
        "reverse_hold" => (hold, Phase::Pending, None),
        "reverse_post" => (PostingKey::new("rf_1", Purpose::RefundPost), Phase::PostPending, Some(hold)),
        "reverse_void" => (PostingKey::new("rf_1", Purpose::RefundVoid), Phase::VoidPending, Some(hold)),
        "reverse_bounce" => (PostingKey::new("rf_1", Purpose::RefundBounce), Phase::Posted, None),
        _ => (PostingKey::new(format!("tu_{n}"), Purpose::Reverse), Phase::Posted, None),
    };
    let taken = reversal::mirror(&given, &paid, phase);
    let transfers = if verb == "reverse_bounce" {
        let taken: Vec<Moved> = taken.iter().map(moved).collect();
        reversal::restore(&taken, MARKET, |bucket| bucket.clone())
    } else {
        taken
    };
    Posting { key, actor: Actor::System, transfers, resolves }
}

fn top_up() -> TopUpId {
    TopUpId::stored("tu_promised")
}

fn budget() -> Budget<'static> {
    Budget { promotion: "autumn", market: MARKET, unit: "GBP".parse().unwrap() }
}

fn partner() -> PartnerId {
    PartnerId::stored("pt_1")
}

/// The bucket that a purchase fills: its own where the example names it.
fn into(told: &Told<'_>, unit: Unit) -> BucketId {
    told.0.get("into").map_or_else(|| bucket(unit), |name| BucketId::stored(format!("bkt_{name}")))
}

fn bucket(unit: Unit) -> BucketId {
    BucketId::stored(format!("bkt_{unit}"))
}

/// Records the example on a ledger of its own and says what is there otherwise than told.
fn differences(engine: Engine, example: &Example) -> Vec<String> {
    let fresh = Fresh::new(engine);
    let db = Db::open(&fresh.database, Options::of(&fresh.database, WRITER)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let postings: Vec<Posting> = example.steps.iter().enumerate().map(|(n, text)| step(text, n)).collect();
    let count = postings.len();
    let write =
        db.write(move |tx| postings.iter().map(|posting| record(tx, posting)).collect::<Result<Vec<_>, _>>());
    let outcomes = runtime.block_on(write).unwrap();
    assert_eq!(outcomes, vec![Outcome::Applied; count], "docs/ledger.md:{}", example.line);
    let transfers = runtime.block_on(db.read(transfers)).unwrap();
    let accounts = runtime.block_on(db.read(|tx| ledger::accounts_with_prefix(tx, ""))).unwrap();
    let lies = runtime.block_on(db.read(ledger::verify)).unwrap().lies;
    // There are no orders, attempts, buckets and rows of commission here, so what compares the ledger with them is left out.
    let about_orders = [
        "buckets",
        "captures",
        "commission",
        "clearing",
        "credits",
        "refunds",
        "undelivered",
        "promotions",
        "usage",
        "reversals",
        "network",
    ];
    let lies: Vec<_> = lies.iter().filter(|lie| !about_orders.contains(&lie.check)).collect();
    assert!(lies.is_empty(), "docs/ledger.md:{}: {lies:?}", example.line);
    let mut found = differ(&example.transfers, &transfers);
    found.extend(differ(&example.balances, &accounts.iter().map(balance).collect::<BTreeSet<_>>()));
    found
}

fn record(tx: &mut store::Tx<'_>, posting: &Posting) -> anyhow::Result<Outcome> {
    Ok(ledger::record(tx, WRITER, HandClock::START, std::slice::from_ref(posting))?.remove(0))
}

fn transfers(tx: &mut store::Tx<'_>) -> anyhow::Result<Vec<String>> {
    let sql = "select n, debit, credit, amount, reason, phase from transfer order by n, leg";
    tx.query(sql, &[], |row| {
        let phase = row.text(5)?;
        let phase = if phase == "posted" { String::new() } else { format!(" {phase}") };
        let (n, debit, credit) = (row.int(0)?, row.text(1)?, row.text(2)?);
        Ok(format!("{n} {debit} {credit} {} {}{phase}", row.int(3)?, row.text(4)?))
    })
}

fn balance(account: &Account) -> String {
    let (posted, available) = (account.balance(), account.available());
    let held = if posted == available { String::new() } else { format!(" available {available}") };
    format!("{} {posted}{held}", account.id)
}

fn differ<'a>(
    told: impl IntoIterator<Item = &'a String>,
    found: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let (told, found): (Vec<_>, Vec<_>) = (told.into_iter().collect(), found.into_iter().collect());
    if told == found {
        return Vec::new();
    }
    let not_found = told.iter().filter(|line| !found.contains(line)).map(|line| format!("- {line}"));
    let not_told = found.iter().filter(|line| !told.contains(line)).map(|line| format!("+ {line}"));
    std::iter::once("not the same lines in the same order".to_owned())
        .chain(not_found)
        .chain(not_told)
        .collect()
}

mod checks {
    use super::*;

    pub fn every_example_is_recorded_as_the_document_says(engine: Engine) {
        for example in examples(DOCUMENT) {
            let found = differences(engine, &example);
            assert!(found.is_empty(), "docs/ledger.md:{}:\n{}", example.line, found.join("\n"));
        }
    }

    pub fn an_altered_example_is_noticed(engine: Engine) {
        let example = || examples(DOCUMENT).remove(1);
        let mut altered = example();
        altered.transfers[0] = altered.transfers[0].replace("000", "001");
        assert_eq!(differences(engine, &altered).len(), 3, "another amount");
        let mut altered = example();
        altered.balances.pop_first();
        assert_eq!(differences(engine, &altered).len(), 2, "a balance left out");
        let mut altered = example();
        altered.transfers.reverse();
        assert_eq!(differences(engine, &altered).len(), 1, "another order");
    }
}

#[test]
fn every_kind_of_posting_and_every_reason_has_an_example() {
    let postings: Vec<Posting> = examples(DOCUMENT)
        .iter()
        .flat_map(|example| example.steps.iter().enumerate().map(|(n, text)| step(text, n)))
        .collect();
    let purposes: BTreeSet<Purpose> = postings.iter().map(|posting| posting.key.purpose).collect();
    assert_eq!(purposes, Purpose::ALL.iter().copied().collect());
    let reasons: BTreeSet<Reason> = postings.iter().flat_map(|p| &p.transfers).map(|t| t.reason).collect();
    assert_eq!(reasons, Reason::ALL.iter().copied().collect());
}

#[test]
fn the_chart_of_accounts_lists_every_kind_with_its_side_and_floor() {
    let listed: Vec<Vec<&str>> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`')).take(3).collect())
        .collect();
    let expected: Vec<Vec<&str>> = AccountKind::ALL
        .iter()
        .map(|kind| {
            let side = match kind.side() {
                Side::Debit => "debit",
                Side::Credit => "credit",
            };
            vec![kind.as_str(), side, if kind.floor() == Some(0) { "0" } else { "none" }]
        })
        .collect();
    assert_eq!(listed, expected);
}
