//! Nouns and rules of Recarga, pure: no async, no SQL, no HTTP, no clock, no randomness.
//!
//! Time comes in as [`time::UnixMs`], ids come in from [`id::Ids`]. Start reading at [`top_up`] (what people
//! buy and the states they see), then [`payment`] (money that comes through a provider) and [`ledger`]
//! (what is true about money).

pub mod account;
pub mod actor;
pub mod afterwards;
pub mod agent;
pub mod agent_refusal;
pub mod audit;
pub mod bucket;
pub mod business_day;
pub mod campaign;
pub mod catalogue;
pub mod clerk;
pub mod code;
pub mod commission;
pub mod counter;
pub mod counter_code;
pub mod counter_journal;
pub mod device;
pub mod fiscal;
pub mod float_request;
pub mod history;
pub mod id;
pub mod id_check;
pub mod identity;
pub mod invoice;
pub mod ledger;
pub mod line;
pub mod links;
pub mod locale;
pub mod machine;
pub mod market;
pub mod money;
pub mod msisdn;
pub mod network_credit;
pub mod notice;
pub mod offer;
pub mod order;
pub mod outlet;
pub mod partner;
pub mod payment;
pub mod place;
pub mod price;
pub mod print_job;
pub mod promotion;
pub mod proof_of_sale;
pub mod receipt;
pub mod refund;
pub mod refund_request;
pub mod refusal;
pub mod risk;
pub mod security_code;
pub mod slip;
pub mod sms;
pub mod staff;
pub mod stuck;
pub mod support_case;
pub mod tender;
pub mod till;
pub mod time;
pub mod top_up;
pub mod unit;
pub mod usage;
