//! What a printer says about itself: the bytes of `DLE EOT` (real time, answered even when it cannot print) and of
//! `GS r` (answered in turn, after everything before it was worked through). Epson ESC/POS reference, "DLE EOT" and
//! "GS r".

pub use domain::print_job::PrinterTrouble as Trouble;

/// How a printer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Ready { paper_near_end: bool },
    Not(Trouble),
}

/// What can be asked in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Printer,
    OfflineCause,
    Paper,
}

impl Ask {
    /// `DLE EOT n`: three bytes. The crate's own request has a fourth that only some printers expect.
    pub fn bytes(self) -> [u8; 3] {
        let n = match self {
            Ask::Printer => 1,
            Ask::OfflineCause => 2,
            Ask::Paper => 4,
        };
        [0x10, 0x04, n]
    }
}

/// `GS r 1`: the paper sensor, answered in turn.
pub(super) const PAPER_IN_TURN: [u8; 3] = [0x1d, b'r', 1];

/// Is this byte an answer to `DLE EOT`? Bits 1 and 4 are set, 0 and 7 are not.
pub(super) fn is_real_time(byte: u8) -> bool {
    byte & 0b1001_0011 == 0b0001_0010
}

/// Is this byte an answer to `GS r`? Bits 4 and 7 are not set.
pub(super) fn is_in_turn(byte: u8) -> bool {
    byte & 0b1001_0000 == 0
}

/// Bit 3 of the first answer.
pub(super) fn is_offline(printer: u8) -> bool {
    printer & 0b0000_1000 != 0
}

/// Why it is off line, as far as the second answer says.
pub(super) fn offline_cause(byte: u8) -> Option<Trouble> {
    if byte & 0b0000_0100 != 0 {
        Some(Trouble::CoverOpen)
    } else if byte & 0b0010_0000 != 0 {
        Some(Trouble::PaperOut)
    } else if byte & 0b0100_0000 != 0 {
        Some(Trouble::Fault)
    } else {
        None
    }
}

/// Bits 5 and 6 of the paper sensor's answer in real time: the roll has ended.
pub(super) fn is_paper_out(paper: u8) -> bool {
    paper & 0b0110_0000 != 0
}

/// Bits 2 and 3 of the paper sensor's answer: the roll ends soon. In turn, the bits are 0 and 1.
pub(super) fn is_near_end(paper: u8) -> bool {
    paper & 0b0000_1100 != 0
}

/// The same in an answer in turn.
pub(super) fn is_near_end_in_turn(paper: u8) -> bool {
    paper & 0b0000_0011 != 0
}

/// Bits 2 and 3 of an answer in turn: no paper.
pub(super) fn is_paper_out_in_turn(paper: u8) -> bool {
    paper & 0b0000_1100 != 0
}
