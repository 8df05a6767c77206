//! The office: who works there, how they sign in, what they see and what is written down of it.
//!
//! Start reading at [`staff`] (who may come in), [`session`] (who is in) and [`audit`] (what they did); [`find`] and
//! [`waiting`] answer what staff asks about an order.

pub mod audit;
pub mod figures;
pub mod find;
pub mod reveal;
pub mod second_factor;
pub mod session;
pub mod staff;
pub mod waiting;
