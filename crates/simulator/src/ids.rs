//! Random identifiers in the shape the real provider gives them: a prefix and letters and digits.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` followed by `length` random letters and digits.
pub fn random(prefix: &str, length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source answers");
    let mut id = String::with_capacity(prefix.len() + length);
    id.push_str(prefix);
    // The small bias of % 62 is of no matter: these are names, not secrets.
    id.extend(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    id
}
