//! The personal centre says everything in words: a bar, a colour or a sign alone says nothing.

use domain::locale::Locale;
use render::view::{HistoryCsv, HistoryPage, LinePage, Me, Offline};
use render::{Chrome, Renderer, View};

fn pages<V: View>() -> Vec<String> {
    let renderer = Renderer::new().expect("templates and texts are whole");
    let each =
        |locale: &Locale| V::samples().iter().map(|v| renderer.page(*locale, &Chrome::sample(), v)).collect();
    Locale::ALL.iter().flat_map(|locale| -> Vec<String> { each(locale) }).collect()
}

#[test]
fn every_page_has_one_heading() {
    for html in [pages::<Me>(), pages::<LinePage>(), pages::<HistoryPage>(), pages::<Offline>()].concat() {
        assert_eq!(html.matches("<h1").count(), 1);
    }
}

#[test]
fn a_bar_is_told_in_words_with_its_end() {
    let html = pages::<Me>()
        .into_iter()
        .find(|html| html.contains("lang=\"en\" dir") && html.contains("<progress"))
        .expect("a page with bars");
    assert_eq!(html.matches("<progress").count(), html.matches("data-testid=\"bucket-left\"").count());
    assert_eq!(html.matches("<progress").count(), html.matches("data-testid=\"bucket-end\"").count());
    for words in [
        "GB</bdi> of <bdi>5",
        "Until <bdi>25 Nov 2026, 17:15 GMT</bdi>",
        "<bdi>3</bdi> days to go",
        "Ends soon",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn what_is_not_known_is_not_shown_as_nothing() {
    let all = pages::<Me>();
    let silent: Vec<&String> = all.iter().filter(|html| html.contains("network-silent")).collect();
    assert_eq!(silent.len(), Locale::ALL.len());
    for html in silent {
        assert!(html.matches("data-testid=\"money\"").count() < html.matches("data-testid=\"line\"").count());
        assert!(html.contains("top-up-form"), "it can be topped up all the same");
    }
}

#[test]
fn a_table_has_a_mark_a_head_and_whole_rows() {
    let renderer = Renderer::new().expect("templates and texts are whole");
    for locale in Locale::ALL {
        for view in HistoryCsv::samples() {
            let table = renderer.table(*locale, &view);
            assert!(table.starts_with('\u{feff}') && table.ends_with("\r\n"), "{table}");
            let lines: Vec<&str> = table.trim_end().split("\r\n").collect();
            assert_eq!(lines[0].split(',').count(), 10, "{table}");
            assert_eq!(lines[1].split(',').count(), 10, "{table}");
            assert!(lines[1].contains("2026-11-22 16:15,Europe/London,2026-11-22T16:15:00Z"), "{table}");
            assert!(!table.contains("\n\n") && !table.replace("\r\n", "").contains('\n'), "{table}");
        }
    }
}
