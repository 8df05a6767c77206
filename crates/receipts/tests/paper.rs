//! What comes out of the door, judged by programs that are not ours: `qpdf`, `pdftotext`, `pdftoppm`, `zbarimg`.
//! The samples are whole receipts in a left-to-right, a Chinese and a right-to-left language.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use receipts::{
    Bitmap, DOTS_58, DOTS_80, Document, Engine, Error, Paper, Party, Row, RowKind, Section, Table,
};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(Path::new("/usr/share/fonts")).expect("scripts/install-test-deps brings the fonts")
});

const LOCALES: [&str; 3] = ["en", "zh-CN", "ar"];
const PAPERS: [Paper; 3] = [Paper::A4, Paper::Slip58, Paper::Slip80];

fn sample(locale: &str) -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(format!("{locale}.json"));
    serde_json::from_slice(&std::fs::read(path).expect("the sample")).expect("a document")
}

fn on(paper: Paper, document: Document) -> Document {
    Document { paper, ..document }
}

/// Runs a program that must succeed and gives back what it printed.
fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let mut command = Command::new(program);
    let out = command.args(arguments).arg(file).output();
    let out = out.unwrap_or_else(|error| panic!("{program}: {error}; scripts/install-test-deps brings it"));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{program}: {said}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn saved(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file for the judges");
    path
}

/// The text of a PDF, as a program without our fonts reads it.
fn text_of(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved(&folder, "receipt.pdf", pdf);
    let text = folder.path().join("receipt.txt");
    run("pdftotext", &["-enc", "UTF-8", "-raw"], &path);
    std::fs::read_to_string(text).expect("the text")
}

/// Without what only lays out a line: spaces, and marks of direction and breaks.
fn letters(text: &str) -> String {
    let layout = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|letter| !layout(*letter)).collect()
}

/// Every word that a document shows.
fn words_of(document: &Document) -> Vec<String> {
    let mut words = vec![document.heading.clone()];
    words.extend(document.number.clone());
    words.extend(document.marks.clone());
    for party in std::iter::once(&document.seller).chain(&document.buyer) {
        words.extend(party.role.clone());
        words.push(party.name.clone());
        words.extend(party.lines.clone());
    }
    for part in &document.sections {
        words.extend(part.heading.clone());
        words.extend(part.rows.iter().flat_map(|row| [row.label.clone(), row.value.clone()]));
    }
    if let Some(taxes) = &document.taxes {
        words.extend(taxes.columns.clone());
        words.extend(taxes.rows.concat());
    }
    words.extend(document.qr.iter().flat_map(|qr| qr.caption.clone()));
    words.extend(document.notes.clone());
    words
}

fn row(label: &str, value: &str, kind: RowKind) -> Row {
    Row { label: label.into(), value: value.into(), kind }
}

fn scanned(picture: &Path) -> String {
    run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"], picture).trim_end().to_owned()
}

#[test]
fn an_independent_reader_finds_every_file_sound() {
    let folder = tempfile::tempdir().unwrap();
    for locale in LOCALES {
        for paper in PAPERS {
            let pdf = ENGINE.pdf(&on(paper, sample(locale))).unwrap();
            run("qpdf", &["--check"], &saved(&folder, "receipt.pdf", &pdf));
        }
    }
}

#[test]
fn the_text_of_a_file_can_be_read_and_searched_in_every_language() {
    for locale in ["en", "zh-CN"] {
        for paper in PAPERS {
            let document = on(paper, sample(locale));
            let text = letters(&text_of(&ENGINE.pdf(&document).unwrap()));
            for words in words_of(&document) {
                assert!(text.contains(&letters(&words)), "{locale} {paper:?}: {words:?} is not in {text}");
            }
        }
    }
}

#[test]
fn arabic_words_are_read_in_the_order_in_which_they_are_written() {
    for paper in PAPERS {
        let document = on(paper, sample("ar"));
        let text = text_of(&ENGINE.pdf(&document).unwrap());
        let found = letters(&text);
        // Word by word: a reader puts the mixed parts of a line in an order of its own, and takes apart the letters
        // that Arabic joins into one shape (lam and alef) or sets above another.
        let apart = |letter: char| matches!(letter, '\u{064B}'..='\u{0652}');
        let plain: Vec<String> = words_of(&document)
            .iter()
            .flat_map(|words| words.split_whitespace())
            .filter(|word| word.chars().all(|letter| matches!(letter, '\u{0621}'..='\u{0652}')))
            .filter(|word| !word.contains(apart))
            .filter(|word| {
                !["\u{0627}", "\u{0623}", "\u{0625}", "\u{0622}"]
                    .iter()
                    .any(|alef| word.contains(&format!("\u{0644}{alef}")))
            })
            .map(str::to_owned)
            .collect();
        assert!(plain.len() > 30, "{plain:?}");
        for word in plain {
            assert!(found.contains(&word), "{paper:?}: {word:?} is not in {text}");
        }
        assert!(text.contains("+34 6"), "digits turned around: {text}");
    }
}

#[test]
fn a_file_says_its_language_and_its_title_and_is_tagged_for_screen_readers() {
    let folder = tempfile::tempdir().unwrap();
    for locale in LOCALES {
        let document = sample(locale);
        let path = saved(&folder, "receipt.pdf", &ENGINE.pdf(&document).unwrap());
        let about = run("pdfinfo", &["-enc", "UTF-8"], &path);
        assert!(about.lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")), "{about}");
        assert!(about.contains(&document.title), "{about}");
        let tags = run("pdfinfo", &["-enc", "UTF-8", "-struct-text"], &path);
        assert!(tags.contains("H1") && tags.contains("Figure") && tags.contains("TH"), "{tags}");
        let whole =
            run("qpdf", &["--qdf", "--object-streams=disable", "--stream-data=preserve", "--json"], &path);
        assert!(whole.contains(&format!("\"/Lang\": \"u:{locale}\"")), "{locale} is not the file's language");
        assert!(std::fs::read(&path).unwrap().windows(8).any(|part| part == b"pdfuaid:"), "not PDF/UA");
    }
}

#[test]
fn chinese_is_set_in_the_mainland_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, "receipt.pdf", &ENGINE.pdf(&sample("zh-CN")).unwrap());
    let fonts = run("pdffonts", &[], &path);
    let simplified = |name: &str| fonts.contains(name);
    assert!(simplified("CJKsc") || simplified("NotoSansSC"), "{fonts}");
    assert!(!fonts.contains("CJKjp") && !fonts.contains("CJKkr") && !fonts.contains("CJKtc"), "{fonts}");
}

#[test]
fn a_phone_reads_the_code_from_the_file_and_from_the_slip() {
    let folder = tempfile::tempdir().unwrap();
    for paper in PAPERS {
        let document = on(paper, sample("en"));
        let path = saved(&folder, "receipt.pdf", &ENGINE.pdf(&document).unwrap());
        run(
            "pdftoppm",
            &["-r", "203", "-gray", "-singlefile", path.to_str().unwrap()],
            &folder.path().join("page"),
        );
        assert_eq!(scanned(&folder.path().join("page.pgm")), document.qr.as_ref().unwrap().text, "{paper:?}");
    }
    for dots in [DOTS_58, DOTS_80] {
        let document = sample("en");
        let slip = ENGINE.raster(&document, dots).unwrap();
        let path = saved(&folder, "slip.pbm", &with_margin(&slip).to_pbm());
        assert_eq!(scanned(&path), document.qr.unwrap().text, "{dots} dots");
    }
}

/// White paper beside the printed strip, as on the roll.
fn with_margin(slip: &Bitmap) -> Bitmap {
    let line = usize::try_from(slip.width / 8).expect("a width");
    let wider = slip.bytes.chunks(line).flat_map(|row| [&[0; 4], row, &[0; 4]].concat()).collect();
    Bitmap { width: slip.width + 64, height: slip.height, bytes: wider }
}

#[test]
fn a_slip_fills_the_print_head_and_nothing_is_clipped() {
    for locale in LOCALES {
        for dots in [DOTS_58, DOTS_80] {
            let slip = ENGINE.raster(&sample(locale), dots).unwrap();
            assert_eq!(slip.width, dots);
            assert_eq!(slip.bytes.len(), usize::try_from(slip.width / 8 * slip.height).unwrap());
            let dark = |columns: std::ops::Range<u32>| {
                columns
                    .flat_map(|column| (0..slip.height).map(move |row| (column, row)))
                    .filter(|(column, row)| slip.is_dark(*column, *row))
                    .count()
            };
            assert!(dark(0..dots) > 5_000, "{locale} {dots}: nearly empty");
            let edge = (0..slip.width)
                .filter(|column| slip.is_dark(*column, 0) || slip.is_dark(*column, slip.height - 1));
            assert_eq!(edge.count(), 0, "{locale} {dots}: cut above or below");
        }
    }
}

#[test]
fn the_same_receipt_gives_the_same_bytes() {
    let again = Engine::new(Path::new("/usr/share/fonts")).unwrap();
    for locale in LOCALES {
        let document = sample(locale);
        assert!(ENGINE.pdf(&document).unwrap() == again.pdf(&document).unwrap(), "{locale}");
        assert!(
            ENGINE.raster(&document, DOTS_58).unwrap() == again.raster(&document, DOTS_58).unwrap(),
            "{locale}"
        );
    }
}

#[test]
fn hostile_words_are_printed_as_they_are_and_never_evaluated() {
    let hostile = [
        "#let x = 1",
        "$ x^2 $",
        "\\u{41}",
        "<script>alert(1)</script>",
        "#read(\"/etc/passwd\")",
        "*bold* _it_ `raw`",
        "= Heading",
        "@label <label>",
        "// comment",
        "/* comment */",
        "]#panic()[",
        "\"); panic(\"",
        "{{ json }}",
        "https://evil.example",
        "a -- b ... c",
        "~",
        "'quoted' \"twice\"",
    ];
    for paper in PAPERS {
        let mut document = on(paper, sample("en"));
        document.seller.name = hostile.join(" ");
        document.notes = hostile.iter().map(|words| (*words).to_owned()).collect();
        document.sections.push(Section {
            heading: Some(hostile[0].into()),
            rows: hostile.iter().map(|words| row(words, words, RowKind::Code)).collect(),
        });
        document.taxes = Some(Table {
            heading: None,
            columns: vec![hostile[3].into()],
            rows: vec![vec![hostile[4].into()]],
        });
        let found = letters(&text_of(&ENGINE.pdf(&document).unwrap()));
        for words in words_of(&document) {
            assert!(found.contains(&letters(&words)), "{paper:?}: {words:?} is not in {found}");
        }
    }
}

#[test]
fn a_very_long_name_wraps_and_is_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let long = "Wolfeschlegelsteinhausenbergerdorff".repeat(4);
    for paper in PAPERS {
        let mut document = on(paper, sample("en"));
        let party = Party { role: Some("Buyer".into()), name: long.clone(), lines: vec![long.clone()] };
        document.buyer = Some(party);
        document.sections[0].rows.push(row(&long, &long, RowKind::Plain));
        document.notes.push(long.clone());
        let pdf = ENGINE.pdf(&document).unwrap();
        assert_eq!(letters(&text_of(&pdf)).matches(&long).count(), 5, "{paper:?}");
        let path = saved(&folder, "long.pdf", &pdf);
        let boxes = run("pdftotext", &["-bbox"], &path);
        assert_eq!(boxes, "");
        for word in std::fs::read_to_string(folder.path().join("long.html")).unwrap().lines() {
            let Some((_, right)) = word.split_once("xMax=\"") else { continue };
            let right: f64 = right.split('"').next().unwrap().parse().unwrap();
            let paper_width = match paper {
                Paper::A4 => 595.3,
                Paper::Slip58 => 164.5,
                Paper::Slip80 => 226.8,
            };
            assert!(right <= paper_width, "{paper:?}: {word}");
        }
    }
}

#[test]
fn letters_that_no_font_has_do_not_stop_the_paper() {
    let mut document = sample("en");
    document.seller.name = "Caf\u{e9} \u{1F600} \u{0E01} \u{E000} \u{202E}gnp.exe\u{0}".into();
    let text = text_of(&ENGINE.pdf(&document).unwrap());
    assert!(text.contains("Caf\u{e9}") && text.contains("gnp.exe"), "{text}");
}

#[test]
fn a_copy_and_a_training_receipt_say_so_on_every_paper() {
    for paper in PAPERS {
        let document = Document {
            marks: vec!["COPY".into()],
            watermark: Some("TRAINING".into()),
            ..on(paper, sample("en"))
        };
        let text = text_of(&ENGINE.pdf(&document).unwrap());
        assert!(text.contains("COPY") && text.contains("TRAINING"), "{paper:?}: {text}");
    }
    let plain = sample("en");
    let marked = Document { watermark: Some("TRAINING".into()), ..plain.clone() };
    let (plain, marked) = (ENGINE.raster(&plain, DOTS_58).unwrap(), ENGINE.raster(&marked, DOTS_58).unwrap());
    assert!(marked.height > plain.height);
}

#[test]
fn a_long_receipt_numbers_its_pages() {
    let mut document = sample("en");
    for number in 0..60 {
        document.sections[0].rows.push(row(&format!("Row {number}"), "value", RowKind::Plain));
    }
    let text = text_of(&ENGINE.pdf(&document).unwrap());
    assert!(text.contains("1 / 3") && text.contains("3 / 3"), "{text}");
    assert!(!text_of(&ENGINE.pdf(&sample("en")).unwrap()).contains("1 / 1"));
}

#[test]
fn a_folder_without_fonts_is_refused_with_the_package_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let said = Engine::new(folder.path()).err().unwrap().to_string();
    assert!(said.contains("fonts-noto-core") && said.contains(folder.path().to_str().unwrap()), "{said}");
    let said = Engine::new(&folder.path().join("nowhere")).err().unwrap().to_string();
    assert!(said.contains("nowhere"), "{said}");
    for name in ["NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf"] {
        let found = find(Path::new("/usr/share/fonts"), name).unwrap();
        std::fs::copy(found, folder.path().join(name)).unwrap();
    }
    let said = Engine::new(folder.path()).err().unwrap().to_string();
    assert!(said.contains("Chinese") && said.contains("fonts-noto-cjk"), "{said}");
    std::fs::write(folder.path().join("NotoSansCJK-Regular.ttc"), b"not a font").unwrap();
    assert!(Engine::new(folder.path()).is_err());
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    std::fs::read_dir(folder)
        .expect("a folder of fonts")
        .map(|entry| entry.expect("a folder of fonts").path())
        .find_map(|path| if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) })
}

#[test]
fn what_is_too_long_is_refused_before_it_is_set() {
    let too_long = |change: &dyn Fn(&mut Document)| {
        let mut document = sample("en");
        change(&mut document);
        let refused = ENGINE.pdf(&document).unwrap_err();
        assert!(matches!(refused, Error::TooLong { .. }), "{refused}");
        assert!(ENGINE.raster(&document, DOTS_58).is_err());
    };
    too_long(&|document| document.heading = "x".repeat(1_001));
    too_long(&|document| document.notes = vec!["x".into(); 201]);
    too_long(&|document| document.notes = vec!["x".repeat(900); 30]);
    too_long(&|document| document.qr.as_mut().unwrap().text = "x".repeat(1_001));
}

#[test]
fn a_wrong_language_date_or_width_is_refused() {
    let mut document = sample("en");
    document.locale = "english".into();
    assert!(matches!(ENGINE.pdf(&document), Err(Error::Locale(_))));
    let mut document = sample("en");
    document.issued.month = 13;
    assert!(matches!(ENGINE.pdf(&document), Err(Error::Date(_))));
    for dots in [0, 100, 385, 5_000] {
        assert!(matches!(ENGINE.raster(&sample("en"), dots), Err(Error::Width { .. })), "{dots}");
    }
}
