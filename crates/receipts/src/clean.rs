//! Makes any text safe to set: what no font can draw becomes a replacement mark, what would turn the line around
//! unseen is dropped, and a run without a space may break anywhere.

/// Letters that a run without a space may have before it may break between any two of them.
const LONGEST_RUN: usize = 20;

const BREAK: char = '\u{200B}';
const REPLACEMENT: char = '\u{FFFD}';

/// The text as it can be set. `drawn` tells whether a font can draw a character.
pub fn clean(text: &str, drawn: impl Fn(char) -> bool) -> String {
    let kept = text.chars().filter_map(|letter| match letter {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if letter.is_control() || overrides_direction(letter) => None,
        _ if invisible(letter) || drawn(letter) => Some(letter),
        _ if drawn(REPLACEMENT) => Some(REPLACEMENT),
        _ => Some('?'),
    });
    breakable(kept.collect())
}

/// Forced directions and deprecated shaping: nothing that an honest name needs, and good for showing
/// another number than the one that is meant.
fn overrides_direction(letter: char) -> bool {
    matches!(letter, '\u{202D}' | '\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}')
}

/// Characters that shape a line without a mark of their own; fonts need not hold them.
fn invisible(letter: char) -> bool {
    matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202C}' | '\u{2060}' | '\u{2066}'..='\u{2069}')
}

/// Letters that join their neighbours or break by themselves are left alone.
fn may_part(letter: char) -> bool {
    !invisible(letter) && (u32::from(letter) < 0x0590 || matches!(letter, '\u{1E00}'..='\u{1EFF}'))
}

fn breakable(text: String) -> String {
    let long = |run: &str| run.chars().filter(|letter| may_part(*letter)).count() > LONGEST_RUN;
    if !text.split(' ').any(long) {
        return text;
    }
    let runs = text.split(' ').map(|run| if long(run) { parted(run) } else { run.to_owned() });
    runs.collect::<Vec<_>>().join(" ")
}

/// An address parts after its own marks; only a part that is still too long parts between any two letters.
fn parted(run: &str) -> String {
    let parts = run.split_inclusive(['/', '.', '-', '_', '@', ':', '?', '&', '=', ',', ';']);
    let parts = parts.map(|part| {
        if part.chars().filter(|letter| may_part(*letter)).count() <= LONGEST_RUN {
            return part.to_owned();
        }
        let mut out = String::with_capacity(part.len() * 4);
        let mut before = None;
        for letter in part.chars() {
            // An accent set apart from its letter would stand alone on the next line.
            let accent = matches!(letter, '\u{0300}'..='\u{036F}');
            if before.is_some_and(may_part) && may_part(letter) && !accent {
                out.push(BREAK);
            }
            out.push(letter);
            before = Some(letter);
        }
        out
    });
    parts.collect::<Vec<_>>().join("\u{200B}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin(letter: char) -> bool {
        letter.is_ascii() || letter == REPLACEMENT
    }

    #[test]
    fn what_no_font_can_draw_becomes_a_replacement_mark() {
        assert_eq!(clean("caf\u{1F600}", latin), "caf\u{FFFD}");
        assert_eq!(clean("caf\u{1F600}", |letter| letter.is_ascii()), "caf?");
    }

    #[test]
    fn a_forced_direction_and_control_characters_are_dropped() {
        assert_eq!(clean("a\u{202E}b\u{0}c\nd", latin), "abc d");
        assert_eq!(clean("\u{2068}a\u{2069}", latin), "\u{2068}a\u{2069}");
    }

    #[test]
    fn only_a_long_run_without_a_space_may_break_anywhere() {
        assert_eq!(clean("a plain name", latin), "a plain name");
        let cut = clean(&"x".repeat(30), latin);
        assert_eq!(cut.matches(BREAK).count(), 29);
        assert_eq!(cut.replace(BREAK, ""), "x".repeat(30));
    }

    #[test]
    fn an_address_parts_after_its_marks() {
        assert_eq!(
            clean("example.com/r/RX7K2M9Q4T", latin),
            "example.\u{200B}com/\u{200B}r/\u{200B}RX7K2M9Q4T"
        );
    }

    #[test]
    fn an_accent_stays_with_its_letter() {
        let accented = "e\u{0301}".repeat(25);
        assert!(!clean(&accented, |_| true).contains("\u{200B}\u{0301}"));
    }
}
