//! Cells of a table for spreadsheets (RFC 4180): quoted, and never a formula.

/// A text as one cell. One that begins like a formula gets an apostrophe before it: spreadsheets would run it, and
/// parts of it are names that others chose (OWASP, CSV injection).
pub fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guarded = if formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\n', '\r', ';', '\'']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_out_of_its_place() {
        for (text, written) in [
            ("Credit 10", "Credit 10"),
            ("=1+1", "\"'=1+1\""),
            ("+44", "\"'+44\""),
            ("-2", "\"'-2\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("a, \"b\"\nc", "\"a, \"\"b\"\"\nc\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
