//! Splits Rust text into code, strings and comments, so that a rule about one does not stumble over another.
//! Each part has the length and the line breaks of the whole, so offsets and line numbers stay true.

use std::sync::LazyLock;

use regex::Regex;

/// Comments, then strings (raw ones with up to three marks), then characters: the first that matches wins.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?s)(?P<comment>//[^\n]*|/\*.*?\*/)",
        r#"|(?P<string>\b[bc]?r"[^"]*""#,
        r#"|\b[bc]?r\x23".*?"\x23|\b[bc]?r\x23{2}".*?"\x23{2}|\b[bc]?r\x23{3}".*?"\x23{3}"#,
        r#"|"(?:\\.|[^"\\])*")"#,
        r"|(?P<character>'(?:\\u\{[^}]*\}|\\x..|\\.|[^\\'\n])')",
    ))
    .expect("the token expression is valid")
});

/// Stands where another part has its text; no rule's expression matches it.
const GAP: u8 = 0;

/// The three parts of one file.
pub struct Parts {
    pub code: String,
    pub strings: String,
    pub comments: String,
}

/// Splits `text` into its parts.
pub fn split(text: &str) -> Parts {
    let mut strings = gaps(text);
    let mut comments = gaps(text);
    let mut code = text.as_bytes().to_vec();
    for token in TOKEN.captures_iter(text) {
        let whole = token.get(0).expect("group 0 is the match").range();
        let target = if token.name("comment").is_some() { &mut comments } else { &mut strings };
        target[whole.clone()].copy_from_slice(&text.as_bytes()[whole.clone()]);
        for byte in &mut code[whole] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    Parts { code: utf8(code), strings: utf8(strings), comments: utf8(comments) }
}

fn gaps(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == b'\n' { byte } else { GAP }).collect()
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("whole tokens are copied or blanked, so characters stay whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(part: &str) -> Vec<&str> {
        part.split(|c: char| c.is_whitespace() || c == '\0').filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn code_strings_and_comments_are_told_apart() {
        let parts = split(
            "let a = \"x // y\"; // z \"w\"\nf('\"', r#\"raw \" one\"#, b\"bytes\"); /* é\n */ g::<'a>()",
        );
        assert_eq!(words(&parts.comments), ["//", "z", "\"w\"", "/*", "é", "*/"]);
        assert_eq!(
            words(&parts.strings),
            ["\"x", "//", "y\"", "'\"'", "r#\"raw", "\"", "one\"#", "\"bytes\""]
        );
        assert!(parts.code.contains("let a ="), "{}", parts.code);
        assert!(parts.code.contains("g::<'a>()"), "{}", parts.code);
        assert!(!parts.code.contains("raw"), "{}", parts.code);
    }

    #[test]
    fn lines_stay_where_they_were() {
        let text = "a\n\"b\nc\"\n// d\ne";
        let parts = split(text);
        for part in [&parts.code, &parts.strings, &parts.comments] {
            assert_eq!(part.len(), text.len());
            assert_eq!(part.lines().count(), text.lines().count());
        }
    }
}
