//! The journeys: everything that the product promises, against a foreign world that misbehaves.
//!
//! Two levels. In a `town` flows, web and database run inside the test, time can be moved and due work is run by
//! hand. In a `house` the real program runs as a process that is killed in its worst moments and started again.
//! Both have the simulator for payment provider and SMS centre, and both end with the same audit
//! (`support::books`): the ledger is true, and what the provider took is what we say it took.
//! Every fault is a sentence and runs on SQLite and on PostgreSQL. Start reading at `support::town`.

#[cfg(test)]
mod account_codes;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod agent_pages;
#[cfg(test)]
mod agents;
#[cfg(test)]
mod api_contract;
#[cfg(test)]
mod api_docs;
#[cfg(test)]
mod api_errors;
#[cfg(test)]
mod api_promises;
#[cfg(test)]
mod api_top_ups;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod business_days;
#[cfg(test)]
mod campaigns;
#[cfg(test)]
mod card_caps;
#[cfg(test)]
mod card_testing;
#[cfg(test)]
mod catalogue_rules;
#[cfg(test)]
mod checkout_clicks;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod counter;
#[cfg(test)]
mod counter_balance;
#[cfg(test)]
mod counter_cards;
#[cfg(test)]
mod counter_id_check;
#[cfg(test)]
mod counter_pages;
#[cfg(test)]
mod counter_paper;
#[cfg(test)]
mod counter_paper_letters;
#[cfg(test)]
mod counter_people;
#[cfg(test)]
mod counter_sales;
#[cfg(test)]
mod counter_training;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod demo_past;
#[cfg(test)]
mod disputes;
#[cfg(test)]
mod failed_calls;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fiscal;
#[cfg(test)]
mod float_by_card;
#[cfg(test)]
mod float_moves;
#[cfg(test)]
mod float_refunds;
#[cfg(test)]
mod float_sales;
#[cfg(test)]
mod help_pages;
#[cfg(test)]
mod history;
#[cfg(test)]
mod host_network;
#[cfg(test)]
mod host_network_float;
#[cfg(test)]
mod invoices;
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
mod mails;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod network_in_writing;
#[cfg(test)]
mod office;
#[cfg(test)]
mod office_routes;
#[cfg(test)]
mod office_search;
#[cfg(test)]
mod office_timeline;
#[cfg(test)]
mod order_page;
#[cfg(test)]
mod order_words;
#[cfg(test)]
mod outlet_places;
#[cfg(test)]
mod pages_by_index;
#[cfg(test)]
mod paying_again;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod paypal_payments;
#[cfg(test)]
mod personal_centre;
#[cfg(test)]
mod printing;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod promotions;
#[cfg(test)]
mod promotions_told;
#[cfg(test)]
mod receipt_files;
#[cfg(test)]
mod receipts_prove;
#[cfg(test)]
mod refund_requests;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod refunds_by_other_hands;
#[cfg(test)]
mod reversals;
#[cfg(test)]
mod several_processes;
#[cfg(test)]
mod several_refunds;
#[cfg(test)]
mod shops;
#[cfg(test)]
mod slow_neighbours;
#[cfg(test)]
mod stuck_list;
#[cfg(test)]
mod support;
#[cfg(test)]
mod support_cases;
#[cfg(test)]
mod support_files;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod wrong_turns;
