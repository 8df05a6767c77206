//! The journeys: everything that the product promises, against a foreign world that misbehaves.
//!
//! Two levels. In a `town` flows, web and database run inside the test, time can be moved and due work is run by
//! hand. In a `house` the real program runs as a process that is killed in its worst moments and started again.
//! Both have the simulator for payment provider and SMS centre, and both end with the same audit
//! (`support::books`): the ledger is true, and what the provider took is what we say it took.
//! Every fault is a sentence and runs on SQLite and on PostgreSQL. Start reading at `support::town`.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod api_contract;
#[cfg(test)]
mod api_promises;
#[cfg(test)]
mod api_top_ups;
#[cfg(test)]
mod checkout_clicks;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod float_sales;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod kills_in_a_group_commit;
#[cfg(test)]
mod late_looks;
#[cfg(test)]
mod late_money;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod order_page;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod several_processes;
#[cfg(test)]
mod several_refunds;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhooks;
