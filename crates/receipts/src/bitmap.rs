//! One bit per dot, as a thermal print head takes it.

/// Dots across 58 mm paper at 203 dots per inch.
pub const DOTS_58: u32 = 384;
/// Dots across 80 mm paper at 203 dots per inch.
pub const DOTS_80: u32 = 576;

/// Black and white dots, eight to a byte, the leftmost in the highest bit; a set bit is a black dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    pub width: u32,
    pub height: u32,
    /// `width / 8` bytes for each row.
    pub bytes: Vec<u8>,
}

impl Bitmap {
    /// As a portable bitmap (netpbm P4), which most programs open.
    pub fn to_pbm(&self) -> Vec<u8> {
        let mut file = format!("P4\n{} {}\n", self.width, self.height).into_bytes();
        file.extend_from_slice(&self.bytes);
        file
    }

    /// Is there a black dot?
    pub fn is_dark(&self, column: u32, row: u32) -> bool {
        let at = u64::from(row) * u64::from(self.width / 8) + u64::from(column / 8);
        let byte = usize::try_from(at).ok().and_then(|at| self.bytes.get(at));
        column < self.width && byte.is_some_and(|byte| byte & (0x80 >> (column % 8)) != 0)
    }
}
