//! Long messages that come in parts: the user data header (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8) and
//! the waiting room for parts. Start reading at [`split`] and [`Parts::add`].

/// The most messages that wait for their other parts; the oldest go first.
const MOST_WAITING: usize = 1_000;

/// The place of a part in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    reference: u16,
    total: u8,
    at: u8,
}

/// The part's place, if it is one, and the data after the header; none when the header is broken.
pub fn split(octets: &[u8], has_header: bool) -> Option<(Option<Part>, &[u8])> {
    if !has_header {
        return Some((None, octets));
    }
    let (length, rest) = octets.split_first()?;
    let mut elements = rest.get(..usize::from(*length))?;
    let data = &rest[usize::from(*length)..];
    let mut part = None;
    while let Some((&id, after)) = elements.split_first() {
        let (&size, after) = after.split_first()?;
        let value = after.get(..usize::from(size))?;
        elements = &after[usize::from(size)..];
        part = match (id, value) {
            (0x00, &[reference, total, at]) => Some(Part { reference: u16::from(reference), total, at }),
            (0x08, &[high, low, total, at]) => {
                Some(Part { reference: u16::from_be_bytes([high, low]), total, at })
            }
            _ => part,
        };
    }
    match part {
        Some(part) if part.at == 0 || part.at > part.total => None,
        part => Some((part, data)),
    }
}

#[derive(PartialEq, Eq)]
struct Key {
    from: String,
    to: String,
    reference: u16,
    total: u8,
}

struct Waiting {
    key: Key,
    parts: Vec<Option<Vec<u8>>>,
}

/// Messages of which some parts have not come yet, oldest first.
#[derive(Default)]
pub struct Parts(Vec<Waiting>);

impl Parts {
    /// Adds a part; gives the number of parts and all the data once the last one is there.
    pub fn add(&mut self, from: &str, to: &str, part: Part, data: &[u8]) -> Option<(u32, Vec<u8>)> {
        let key =
            Key { from: from.to_owned(), to: to.to_owned(), reference: part.reference, total: part.total };
        let found = self.0.iter().position(|waiting| waiting.key == key);
        let place = found.unwrap_or_else(|| {
            if self.0.len() >= MOST_WAITING {
                self.0.remove(0);
            }
            self.0.push(Waiting { key, parts: vec![None; usize::from(part.total)] });
            self.0.len() - 1
        });
        self.0[place].parts[usize::from(part.at) - 1] = Some(data.to_vec());
        if self.0[place].parts.iter().any(Option::is_none) {
            return None;
        }
        let whole = self.0.remove(place);
        Some((u32::from(part.total), whole.parts.into_iter().flatten().flatten().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_together_in_any_order() {
        let mut parts = Parts::default();
        let (second, data) = split(&[5, 0, 3, 7, 2, 2, b'l', b'o'], true).unwrap();
        assert_eq!(parts.add("a", "b", second.unwrap(), data), None);
        let (first, data) = split(&[5, 0, 3, 7, 2, 1, b'h', b'e', b'l'], true).unwrap();
        assert_eq!(parts.add("a", "b", first.unwrap(), data), Some((2, b"hello".to_vec())));
    }

    #[test]
    fn a_broken_header_is_refused() {
        assert_eq!(split(&[9, 0, 3, 7], true), None);
        assert_eq!(split(&[5, 0, 3, 7, 2, 3], true), None);
        assert_eq!(split(b"plain", false), Some((None, &b"plain"[..])));
    }
}
