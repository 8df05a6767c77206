//! What the network promises about its memory, and what that allows: sending a request again, and believing
//! that one never arrived. Pure: times come in as arguments. Start at [`Promises`].

use domain::time::UnixMs;

/// The network's own promises, as its contract states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promises {
    /// A request that its status query does not know so long after it arrived will never be carried out.
    /// `None`: no such promise, so not found never proves anything.
    pub not_found_is_final_after_ms: Option<i64>,
    /// For so long after it arrived a request id is remembered. Later it may be carried out a second time.
    pub forgets_after_ms: i64,
}

/// When a request was first and last written down to be sent. Committed before each sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    pub first_at: UnixMs,
    pub last_at: UnixMs,
}

impl Sent {
    /// Sent for the first time.
    pub fn first(now: UnixMs) -> Sent {
        Sent { first_at: now, last_at: now }
    }

    /// Sent once more.
    pub fn again(self, now: UnixMs) -> Sent {
        Sent { last_at: now, ..self }
    }
}

/// How late a call can still reach the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Travel {
    /// What has not left so long after it was written down is not sent any more.
    pub leaves_within_ms: i64,
    /// The longest that a call takes once it has left.
    pub takes_ms: i64,
}

/// May a request go out now?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaySend {
    Yes,
    /// It was written down too long ago: somebody may have concluded meanwhile that it never left.
    Stale,
    /// The network may have forgotten an earlier one and would carry it out twice.
    TooOld,
}

impl Promises {
    /// Is it safe to send what was written down as `sent`, now?
    pub fn may_send(self, sent: Sent, now: UnixMs, travel: Travel) -> MaySend {
        if now > sent.last_at.plus_ms(travel.leaves_within_ms) {
            return MaySend::Stale;
        }
        if arrives_by(sent, travel) >= sent.first_at.plus_ms(self.forgets_after_ms) {
            return MaySend::TooOld;
        }
        MaySend::Yes
    }

    /// Does *not found*, said to a question that left at `asked_at`, prove that nothing was or will be given?
    ///
    /// Only in the window between the promise about arrival, counted from the latest moment at which the last
    /// request can have arrived, and the moment at which the network may have forgotten the first.
    pub fn not_found_is_final(self, sent: Sent, asked_at: UnixMs, travel: Travel) -> bool {
        let Some(after_ms) = self.not_found_is_final_after_ms else { return false };
        let opens = arrives_by(sent, travel).plus_ms(after_ms);
        let closes = sent.first_at.plus_ms(self.forgets_after_ms);
        opens <= asked_at && asked_at.plus_ms(travel.takes_ms) < closes
    }
}

/// The latest moment at which the last request can have reached the network.
fn arrives_by(sent: Sent, travel: Travel) -> UnixMs {
    sent.last_at.plus_ms(travel.leaves_within_ms).plus_ms(travel.takes_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAVEL: Travel = Travel { leaves_within_ms: 5, takes_ms: 10 };
    const PROMISES: Promises = Promises { not_found_is_final_after_ms: Some(100), forgets_after_ms: 1_000 };

    fn sent(first: i64, last: i64) -> Sent {
        Sent { first_at: UnixMs(first), last_at: UnixMs(last) }
    }

    #[test]
    fn not_found_is_believed_only_inside_the_window_of_the_promises() {
        for (first, last, asked, is_final) in [
            (0, 0, 0, false),
            // The last request can arrive at 15; the promise counts from there.
            (0, 0, 114, false),
            (0, 0, 115, true),
            // Sent once more: the window opens later.
            (0, 50, 164, false),
            (0, 50, 165, true),
            // The answer may be given ten later, when the first request may be forgotten.
            (0, 0, 989, true),
            (0, 0, 990, false),
            (0, 900, 1_015, false),
            (0, 0, i64::MAX, false),
        ] {
            let found = PROMISES.not_found_is_final(sent(first, last), UnixMs(asked), TRAVEL);
            assert_eq!(found, is_final, "sent {first} and {last}, asked {asked}");
        }
    }

    #[test]
    fn without_a_promise_not_found_proves_nothing_ever() {
        let promises = Promises { not_found_is_final_after_ms: None, ..PROMISES };
        for asked in [0, 115, 500, 10_000] {
            assert!(!promises.not_found_is_final(sent(0, 0), UnixMs(asked), TRAVEL), "{asked}");
        }
    }

    #[test]
    fn a_request_leaves_at_once_or_not_at_all_and_never_when_it_may_be_forgotten() {
        for (first, last, now, expected) in [
            (0, 0, 0, MaySend::Yes),
            (0, 0, 5, MaySend::Yes),
            (0, 0, 6, MaySend::Stale),
            (0, 500, 6, MaySend::Yes),
            // Would arrive by 999, by 1000.
            (0, 984, 984, MaySend::Yes),
            (0, 985, 985, MaySend::TooOld),
            (0, i64::MAX, i64::MAX, MaySend::TooOld),
        ] {
            let found = PROMISES.may_send(sent(first, last), UnixMs(now), TRAVEL);
            assert_eq!(found, expected, "sent {first} and {last}, now {now}");
        }
    }

    #[test]
    fn what_is_believed_never_received_cannot_be_on_its_way_any_more() {
        for last in (0..1_200).step_by(7) {
            for now in (last..1_400).step_by(3) {
                let sent = sent(0, last);
                let concluded = PROMISES.not_found_is_final(sent, UnixMs(now), TRAVEL);
                let leaves = PROMISES.may_send(sent, UnixMs(now), TRAVEL) == MaySend::Yes;
                assert!(!(concluded && leaves), "sent 0 and {last}, now {now}");
            }
        }
    }
}
