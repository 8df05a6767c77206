//! Random identifiers in the shape the real providers give them: a prefix, letters and digits.

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

/// Random capital letters and digits, as PayPal's ids are.
pub fn capitals(length: usize) -> String {
    random("", length).to_ascii_uppercase()
}

/// A random UUID, version 4 (RFC 9562, section 5.4).
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source answers");
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    let part = |from: usize, to: usize| &digits[from..to];
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
