//! What the journeys stand on. Start reading at [`town::in_town`]; [`house::in_house`] is the same with processes.

pub mod agents;
pub mod api;
pub mod books;
pub mod buyer;
pub mod clock;
pub mod counter;
pub mod desk;
pub mod house;
pub mod judge;
pub mod logs;
pub mod marketing;
pub mod member;
pub mod network;
pub mod office;
pub mod outside;
pub mod program;
pub mod registry;
pub mod risk;
pub mod shop;
pub mod town;
pub mod wait;
