//! Licence expressions (SPDX specification 2.3, annex D), as far as Cargo manifests use them.
//! The old spelling `MIT/Apache-2.0` means OR.

use anyhow::{Result, bail};

/// Licences under which something may be shipped.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "MPL-2.0",
    "CDLA-Permissive-2.0",
];

/// Whether the expression leaves us a choice of allowed licences only.
pub fn allowed(expression: &str) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut reader = Reader { words: spaced.split_whitespace().collect(), next: 0 };
    let answer = reader.any()?;
    match reader.take() {
        None => Ok(answer),
        Some(word) => bail!("`{word}` is left over in `{expression}`"),
    }
}

struct Reader<'a> {
    words: Vec<&'a str>,
    next: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.next += 1;
        word
    }

    fn skip(&mut self, word: &str) -> bool {
        let there = self.peek() == Some(word);
        if there {
            self.next += 1;
        }
        there
    }

    /// One of several, joined by OR: the weakest binding.
    fn any(&mut self) -> Result<bool> {
        let mut answer = self.all()?;
        while self.skip("OR") {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    fn all(&mut self) -> Result<bool> {
        let mut answer = self.one()?;
        while self.skip("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool> {
        match self.take() {
            Some("(") => {
                let answer = self.any()?;
                if !self.skip(")") {
                    bail!("a bracket is not closed");
                }
                Ok(answer)
            }
            Some(word @ (")" | "OR" | "AND" | "WITH")) => bail!("`{word}` where a licence is due"),
            Some(licence) if self.skip("WITH") => {
                let exception = self.take().unwrap_or_default();
                Ok(ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()))
            }
            Some(licence) => Ok(ALLOWED.contains(&licence)),
            None => bail!("the expression ends early"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_written() {
        let table = [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("Unlicense OR MIT", true),
            ("Unlicense", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("MIT AND GPL-2.0", false),
            ("MIT OR GPL-2.0 AND LGPL-3.0", true),
            ("ISC AND (Apache-2.0 OR OpenSSL)", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ];
        for (expression, expected) in table {
            assert_eq!(allowed(expression).unwrap(), expected, "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for expression in ["", "MIT OR", "(MIT", "MIT MIT", "AND MIT"] {
            assert!(allowed(expression).is_err(), "{expression}");
        }
    }
}
