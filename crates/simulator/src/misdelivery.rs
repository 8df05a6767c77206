//! The ways in which a card's or an account's webhooks misbehave: late, repeated, out of order, forged.
//! Each works on the deliveries that the work in hand has just made. Start reading at [`postpone`].

use rusqlite::params;

use crate::books::Books;
use crate::stripe::errors::ApiError;
use crate::webhooks::Disguise;

/// Puts off every delivery of the work in hand.
pub fn postpone(books: &mut Books<'_>, by_ms: i64) -> Result<(), ApiError> {
    for (delivery, _) in &books.deliveries {
        books.execute(
            "update delivery set next_at = ?2 where id = ?1",
            params![delivery, books.now_ms + by_ms],
        )?;
    }
    Ok(())
}

fn completed(books: &Books<'_>) -> Option<i64> {
    let of_kind = |(_, kind): &&(i64, &str)| {
        matches!(*kind, "checkout.session.completed" | "PAYMENT.CAPTURE.COMPLETED")
    };
    books.deliveries.iter().find(of_kind).map(|(delivery, _)| *delivery)
}

fn event_of(books: &Books<'_>, delivery: i64) -> Result<String, ApiError> {
    let event = books
        .query_row("select event_id from delivery where id = ?1", params![delivery], |row| row.get(0))?;
    Ok(event)
}

/// The event that says that all is paid goes out five times at once.
pub fn send_five_times(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(delivery) = completed(books) else { return Ok(()) };
    let event = event_of(books, delivery)?;
    for _ in 0..4 {
        books.add_delivery(&event, Disguise::True.name(), books.now_ms)?;
    }
    Ok(())
}

/// Two forged copies of that event go out as well.
pub fn add_forgeries(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(delivery) = completed(books) else { return Ok(()) };
    let event = event_of(books, delivery)?;
    for disguise in [Disguise::AlteredBody, Disguise::WrongSecret] {
        books.add_delivery(&event, disguise.name(), books.now_ms)?;
    }
    Ok(())
}

/// Everything else waits until that event has been tried.
pub fn send_completed_first(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(first) = completed(books) else { return Ok(()) };
    for (delivery, _) in books.deliveries.iter().filter(|(delivery, _)| *delivery != first) {
        books.execute("update delivery set after = ?2 where id = ?1", params![delivery, first])?;
    }
    Ok(())
}

/// As [`send_completed_first`], for an older delivery as well that was held back.
pub fn send_after_completed(books: &mut Books<'_>, held: i64) -> Result<(), ApiError> {
    let Some(first) = completed(books) else { return Ok(()) };
    books.execute(
        "update delivery set after = ?2, next_at = ?3 where id = ?1 and state = 'pending'",
        params![held, first, books.now_ms],
    )?;
    send_completed_first(books)
}
