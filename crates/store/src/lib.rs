//! Our database: one file per noun, the ledger's writer, the outbox, the keyring.
//!
//! Start reading at [`db`]: the door through which every step goes. [`db`], the ledger's writer and the
//! outbox's claim are the only places that know which engine runs. Nothing here decides anything: rules are
//! in `domain`, verbs are in `flows`.

pub mod account;
pub mod agent;
pub mod agent_document;
pub mod attempt;
pub mod audit;
pub mod bucket;
pub mod business_day;
pub mod campaign;
pub mod clerk;
pub mod clerk_session;
pub mod commission;
pub mod counter_journal;
pub mod db;
pub mod device;
pub mod fail;
pub mod figures;
pub mod fiscal;
pub mod float_request;
pub mod history;
pub mod hot;
pub mod id_check;
pub mod inbox;
pub mod invoice;
pub mod keyring;
pub mod ledger;
pub mod line;
pub mod market;
pub mod message;
pub mod migrate;
pub mod network_credit;
pub mod offer;
pub mod operation;
pub mod outbox;
pub mod outlet;
pub mod pairing;
pub mod partner;
pub mod payment;
pub mod personal;
pub mod place;
pub mod print_count;
pub mod print_job;
pub mod promotion;
pub mod quote;
pub mod reader_attempt;
pub mod recent;
pub mod refund;
pub mod refund_request;
pub mod report;
pub mod response;
pub mod risk;
pub mod search;
pub mod shift;
pub mod sold;
pub mod staff;
pub mod stuck;
pub mod support_case;
pub mod support_file;
pub mod tender;
pub mod throttle;
pub mod top_up;
pub mod trace;
pub mod usage;

pub use db::{Database, Db, DbError, Each, Row, Tx, Value};
