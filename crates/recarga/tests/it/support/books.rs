//! The audit with which every journey ends: the ledger is true, what the provider took less what it gave back is
//! what its clearing account says, and all of it was credited, is on its way, or waits for people.

use super::outside::Outside;
use std::collections::BTreeMap;
use store::{Db, ledger};

type ByCurrency = BTreeMap<String, i64>;

/// Checks our books against themselves and against the provider's.
pub async fn books_agree(db: &Db, outside: &Outside) {
    ledger_is_true(db).await;
    let (clearing, delivered) = db
        .read(|tx| {
            let of = |tx: &mut store::Tx<'_>, sql: &str| {
                let rows = tx.query(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))?;
                let mut sums = ByCurrency::new();
                for (account, amount) in rows {
                    *sums.entry(account.rsplit(':').next().unwrap_or("").to_owned()).or_default() += amount;
                }
                anyhow::Ok(sums)
            };
            let clearing =
                "select id, debits_posted - credits_posted from account where id like 'clearing:%'";
            let waiting = "select id, credits_posted - debits_posted from account \
                           where id like 'undelivered:%' or id like 'suspense:%' \
                           union all select ':' || p.currency, p.amount_minor from top_up t \
                           join payment p on p.order_id = t.id \
                           where t.credited_at is not null and t.state <> 'reversed' \
                           union all select ':' || a.captured_currency, a.captured_minor from attempt a \
                           join payment p on p.id = a.payment_id join float_request f on f.id = p.order_id \
                           where a.captured_minor is not null and f.state = 'done'";
            Ok((of(tx, clearing)?, of(tx, waiting)?))
        })
        .await
        .expect("the ledger is read");
    let provider = at_the_provider(outside).await;
    assert_eq!(
        nonzero(clearing.clone()),
        nonzero(provider),
        "our clearing account, and the provider's books"
    );
    assert_eq!(nonzero(clearing), nonzero(delivered), "what was captured, and what became of it");
}

/// Recomputes the ledger.
pub async fn ledger_is_true(db: &Db) {
    let report = db.read(ledger::verify).await.expect("the ledger is read");
    assert_eq!(report.lies, [], "{report:?}");
}

async fn at_the_provider(outside: &Outside) -> ByCurrency {
    let books = outside.books().await;
    let amount = |sum: &serde_json::Value, field: &str| sum[field].as_i64().expect("an amount");
    let mut all = ByCurrency::new();
    for provider in [&books, &books["paypal"]] {
        for (currency, sum) in provider["by_currency"].as_object().expect("sums") {
            let kept = amount(sum, "captured_minor") - amount(sum, "refunded_minor");
            *all.entry(currency.to_uppercase()).or_default() += kept;
        }
    }
    all
}

fn nonzero(sums: ByCurrency) -> ByCurrency {
    sums.into_iter().filter(|(_, sum)| *sum != 0).collect()
}
