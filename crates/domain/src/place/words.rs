//! The words by which a place is found: folded, Latin ones whole (they are searched by their beginning), Chinese,
//! Japanese and Korean runs as pairs of neighbours, because nobody writes spaces there. Start reading at [`of`].

use super::Place;
use std::collections::BTreeSet;

/// Words of one place, and terms of one search; the rest is not looked at.
const WORDS_MAX: usize = 80;
const TERMS_MAX: usize = 6;
const WORD_CHARS_MAX: usize = 24;
/// Between the word of a city and another word, in an entry for both.
const WITH: char = '\u{1f}';

/// One thing that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The beginning of a word.
    Begins(String),
    /// Pairs of one run; a third of them may be missing, since people leave out what stands between two names.
    Pairs(Vec<String>),
}

/// The words of a place, and those of its name together with each of its city: both may be common where the two
/// together are rare.
pub fn of(place: &Place) -> BTreeSet<String> {
    let mut words = single(place);
    let names: BTreeSet<String> =
        split(&place.name).into_iter().chain(split(&place.host_place)).take(12).collect();
    for city in split(&place.city).into_iter().take(3) {
        words.extend(names.iter().filter(|name| **name != city).map(|name| together(&city, name)));
    }
    words
}

/// The words of a place alone: what terms are held against.
pub fn single(place: &Place) -> BTreeSet<String> {
    // City, district and street stand as people write them in one run.
    let address = format!("{}{}{}", place.city, place.district, place.street);
    let mut words = BTreeSet::new();
    let singles =
        [&place.name, &place.host_place, &place.city, &place.district, &place.street, &place.postcode];
    singles.iter().for_each(|text| words.extend(split(text)));
    words.extend(split(&address).into_iter().filter(|word| word.chars().all(is_cjk)));
    words.insert(place.number.to_lowercase());
    let joined: String = fold(&place.postcode).split_whitespace().collect();
    words.extend((!joined.is_empty()).then_some(joined));
    words.into_iter().take(WORDS_MAX).collect()
}

/// The words of a place's name and of the house that it is in.
pub fn named(place: &Place) -> BTreeSet<String> {
    split(&place.name).into_iter().chain(split(&place.host_place)).collect()
}

/// The entry for a word of a city with another one.
pub fn together(city: &str, word: &str) -> String {
    format!("{city}{WITH}{word}")
}

/// What was typed, as terms.
pub fn terms(typed: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (cjk, run) in runs(&fold(typed)) {
        let chars: Vec<char> = run.chars().take(WORD_CHARS_MAX).collect();
        let term = match (cjk, chars.as_slice()) {
            (true, [_, _, ..]) => Term::Pairs(chars.windows(2).map(|two| two.iter().collect()).collect()),
            _ => Term::Begins(chars.iter().collect()),
        };
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms.truncate(TERMS_MAX);
    terms
}

impl Term {
    /// Has a place with these words what was typed?
    pub fn fits(&self, words: &BTreeSet<String>) -> bool {
        match self {
            Term::Begins(begin) => {
                words.range(begin.clone()..).next().is_some_and(|word| word.starts_with(begin.as_str()))
            }
            Term::Pairs(pairs) => {
                let missing = pairs.iter().filter(|pair| !words.contains(*pair)).count();
                missing <= Term::may_miss(pairs)
            }
        }
    }

    /// How many of the pairs of a run may be missing.
    pub fn may_miss(pairs: &[String]) -> usize {
        pairs.len() / 3
    }
}

/// The first text that does not begin with this one, in the order of bytes.
pub fn after(begin: &str) -> String {
    format!("{begin}\u{10ffff}")
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (cjk, run) in runs(&fold(text)) {
        let chars: Vec<char> = run.chars().collect();
        if cjk && chars.len() > 1 {
            words.extend(chars.windows(2).map(|two| two.iter().collect::<String>()));
        } else {
            words.push(chars.iter().take(WORD_CHARS_MAX).collect());
        }
    }
    words
}

/// Runs of letters and digits, each of one script: is it written without spaces?
fn runs(folded: &str) -> Vec<(bool, String)> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    let mut open = false;
    for c in folded.chars() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some((cjk, run)) if open && *cjk == is_cjk(c) => run.push(c),
            _ => runs.push((is_cjk(c), c.to_string())),
        }
        open = true;
    }
    runs
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// City, district, county and province as units, in both scripts: people write addresses with and without them.
fn is_unit(c: char) -> bool {
    matches!(c, '\u{5e02}' | '\u{533a}' | '\u{5340}' | '\u{53bf}' | '\u{7e23}' | '\u{7701}')
}

/// Small letters, without accents, full-width forms as plain ones, without the units of Chinese addresses.
fn fold(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    });
    let mut folded = String::new();
    for c in plain.flat_map(char::to_lowercase).filter(|c| !is_unit(*c) && !matches!(c, '\'' | '\u{2019}')) {
        match c {
            '\u{300}'..='\u{36f}' => {}
            '\u{df}' => folded.push_str("ss"),
            '\u{e6}' => folded.push_str("ae"),
            '\u{153}' => folded.push_str("oe"),
            c => folded.push(bare(c)),
        }
    }
    folded
}

/// A Latin letter without its accent (Latin-1 and Latin Extended-A).
fn bare(c: char) -> char {
    match c {
        '\u{e0}'..='\u{e5}' | '\u{101}' | '\u{103}' | '\u{105}' => 'a',
        '\u{e7}' | '\u{107}' | '\u{109}' | '\u{10b}' | '\u{10d}' => 'c',
        '\u{10f}' | '\u{111}' | '\u{f0}' => 'd',
        '\u{e8}'..='\u{eb}' | '\u{113}' | '\u{115}' | '\u{117}' | '\u{119}' | '\u{11b}' => 'e',
        '\u{11d}' | '\u{11f}' | '\u{121}' | '\u{123}' => 'g',
        '\u{ec}'..='\u{ef}' | '\u{129}' | '\u{12b}' | '\u{12d}' | '\u{12f}' | '\u{131}' => 'i',
        '\u{13a}' | '\u{13c}' | '\u{13e}' | '\u{142}' => 'l',
        '\u{f1}' | '\u{144}' | '\u{146}' | '\u{148}' => 'n',
        '\u{f2}'..='\u{f6}' | '\u{f8}' | '\u{14d}' | '\u{14f}' | '\u{151}' => 'o',
        '\u{155}' | '\u{157}' | '\u{159}' => 'r',
        '\u{15b}' | '\u{15d}' | '\u{15f}' | '\u{161}' => 's',
        '\u{163}' | '\u{165}' | '\u{167}' => 't',
        '\u{f9}'..='\u{fc}' | '\u{169}' | '\u{16b}' | '\u{16d}' | '\u{16f}' | '\u{171}' | '\u{173}' => 'u',
        '\u{fd}' | '\u{ff}' | '\u{177}' => 'y',
        '\u{17a}' | '\u{17c}' | '\u{17e}' => 'z',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::example;

    fn found(typed: &str, place: &Place) -> bool {
        let words = of(place);
        terms(typed).iter().all(|term| term.fits(&words))
    }

    #[test]
    fn a_place_is_found_by_beginnings_in_any_order_and_writing() {
        let place = Place { city: "M\u{e1}laga".into(), street: "C. d'Or, 5".into(), ..example() };
        for typed in [
            "soho luma",
            "SOH",
            "malaga",
            "M\u{c1}L",
            "w1d 5pr",
            "W1D5PR",
            "s10234",
            "gerr china \u{ff11}",
            "dor",
        ] {
            let place = Place { street: "12 Gerrard d'Or".into(), ..place.clone() };
            assert!(found(typed, &place), "{typed}");
        }
        for typed in ["paris", "oho", "luma paris", "w1d 6"] {
            assert!(!found(typed, &place), "{typed}");
        }
    }

    #[test]
    fn chinese_needs_no_spaces_and_no_units() {
        let place = Place {
            name: "Luma \u{9759}\u{5b89}\u{5bfa}\u{5e97}".into(),
            city: "\u{4e0a}\u{6d77}\u{5e02}".into(),
            district: "\u{9759}\u{5b89}\u{533a}".into(),
            street: "\u{5357}\u{4eac}\u{897f}\u{8def}1618\u{53f7}".into(),
            ..example()
        };
        for typed in [
            "\u{4e0a}\u{6d77}\u{9759}\u{5b89}",
            "\u{4e0a}\u{6d77}\u{5e02}\u{9759}\u{5b89}\u{533a}\u{5357}\u{4eac}\u{897f}\u{8def}",
            "\u{9759}\u{5b89}\u{5bfa}",
            "\u{5bfa}",
            "\u{4e0a}\u{6d77} luma",
            "\u{4e0a}\u{6d77}\u{5357}\u{4eac}\u{897f}\u{8def}",
        ] {
            assert!(found(typed, &place), "{typed}");
        }
        assert!(!found("\u{5317}\u{4eac}", &place) && !found("\u{6d77}\u{4e0a}", &place));
        let both = together("\u{4e0a}\u{6d77}", "luma");
        assert!(of(&place).contains(&both));
    }
}
