//! The pages of the office, in every case and language: whole, kept from search engines, and with its own frame.

use domain::locale::Locale;
use render::view::{
    OfficeAudit, OfficeCatalogue, OfficeDead, OfficeForbidden, OfficeJoin, OfficeLine, OfficeOffer,
    OfficeOrder, OfficeOrders, OfficeOverview, OfficePromotions, OfficeSearch, OfficeSetUp, OfficeSignIn,
    OfficeStaffList, OfficeSubscriber,
};
use render::{Chrome, Renderer, View};

fn pages(renderer: &Renderer, locale: Locale) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    add::<OfficeSignIn>(renderer, locale, &mut all);
    add::<OfficeJoin>(renderer, locale, &mut all);
    add::<OfficeSetUp>(renderer, locale, &mut all);
    add::<OfficeForbidden>(renderer, locale, &mut all);
    add::<OfficeOverview>(renderer, locale, &mut all);
    add::<OfficeOrders>(renderer, locale, &mut all);
    add::<OfficeDead>(renderer, locale, &mut all);
    add::<OfficeSearch>(renderer, locale, &mut all);
    add::<OfficeLine>(renderer, locale, &mut all);
    add::<OfficeSubscriber>(renderer, locale, &mut all);
    add::<OfficeOrder>(renderer, locale, &mut all);
    add::<OfficeCatalogue>(renderer, locale, &mut all);
    add::<OfficeOffer>(renderer, locale, &mut all);
    add::<OfficePromotions>(renderer, locale, &mut all);
    add::<OfficeAudit>(renderer, locale, &mut all);
    add::<OfficeStaffList>(renderer, locale, &mut all);
    all
}

fn add<V: View>(renderer: &Renderer, locale: Locale, all: &mut Vec<(&'static str, String)>) {
    for view in V::samples() {
        all.push((V::TEMPLATE, renderer.page(locale, &Chrome::sample(), &view)));
    }
}

#[test]
fn every_page_of_the_office_is_whole_and_kept_from_search_engines() {
    let renderer = Renderer::new().unwrap();
    for locale in Locale::ALL {
        for (template, html) in pages(&renderer, *locale) {
            assert_eq!(html.matches("<h1").count(), 1, "{template} in {locale}");
            assert!(html.contains("content=\"noindex, nofollow\""), "{template}");
            assert!(html.contains("/assets/office.css"), "{template}");
            for banned in [" style=", "<style", " onclick=", "javascript:", "undefined"] {
                assert!(!html.contains(banned), "{template} has {banned}");
            }
        }
    }
}

#[test]
fn a_late_order_says_whose_answer_is_waited_for_how_often_it_was_asked_and_when_next() {
    let renderer = Renderer::new().unwrap();
    let html = renderer.page(Locale::En, &Chrome::sample(), &OfficeOrder::samples()[0]);
    let plain = html.replace("<bdi>", "").replace("</bdi>", "");
    let said = "Waiting for PayPal’s answer to “take the money” since 22 Nov 2026, 16:15:00 GMT.";
    assert!(plain.contains(said), "{plain}");
    assert!(plain.contains("Tries so far: 7.") && plain.contains("Next one at 22 Nov 2026"), "{plain}");
}

#[test]
fn a_clerk_is_not_led_to_pages_for_supervisors() {
    let renderer = Renderer::new().unwrap();
    let mut view = OfficeOverview::samples().remove(0);
    let led = |html: &str| html.contains("href=\"/office/audit\"") || html.contains("href=\"/office/staff\"");
    assert!(led(&renderer.page(Locale::En, &Chrome::sample(), &view)));
    if let Some(staff) = view.office.staff.as_mut() {
        staff.role = domain::staff::Role::Clerk;
    }
    assert!(!led(&renderer.page(Locale::En, &Chrome::sample(), &view)));
}
