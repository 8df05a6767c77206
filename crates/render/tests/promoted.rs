//! What the pages before paying say of promotions: one sum that arrives, where a bonus comes from, and why a number has
//! none. Start reading at the tests.

use domain::locale::Locale;
use render::view::{Choose, OfferCard, Promotions, Review, View};
use render::{Chrome, Renderer};

/// The page as people read it, without marks of direction.
fn read(renderer: &Renderer, locale: Locale, view: &impl View) -> String {
    let html = renderer.page(locale, &Chrome::sample(), view);
    html.replace("<bdi>", "").replace("</bdi>", "").replace("<bdi dir=\"ltr\">", "")
}

#[test]
fn a_bonus_that_is_all_of_a_promotion_is_not_told_as_a_part_of_itself() {
    let renderer = Renderer::new().unwrap();
    let choose = Choose::samples().remove(0);
    let given = choose.credit.iter().find(|card| card.summed).unwrap().clone();
    let bonus = given.promotion.as_ref().and_then(|one| one.money);
    let whole = Choose { credit: vec![OfferCard { bonus, ..given.clone() }], ..choose.clone() };
    let part = Choose { credit: vec![given], ..choose };
    for (locale, all, some) in [
        (Locale::En, "From the promotion “Autumn”", "£4.00 of it from the promotion “Autumn”"),
        (Locale::ZhCn, "来自活动“Autumn”", "其中£4.00来自活动“Autumn”"),
    ] {
        let page = read(&renderer, locale, &whole);
        assert!(page.contains(all) && !page.contains(some), "{locale}");
        assert!(read(&renderer, locale, &part).contains(some), "{locale}");
    }
}

#[test]
fn the_review_tells_the_sum_that_arrives_and_why_a_number_has_no_promotion() {
    let renderer = Renderer::new().unwrap();
    let views = Review::samples();
    let page = |locale, wanted: &dyn Fn(&&Review) -> bool| {
        read(&renderer, locale, views.iter().find(wanted).unwrap())
    };
    for (locale, sum, why) in [
        (Locale::En, "£15.00 of credit arrives in all.", "promotions do not apply to it"),
        (Locale::ZhCn, "共到账£15.00话费。", "不参加优惠活动"),
    ] {
        assert!(page(locale, &|view| view.arrives.is_some()).contains(sum), "{locale}");
        assert!(page(locale, &|view| view.no_promotions).contains(why), "{locale}");
        let plain = page(locale, &|view| view.arrives.is_none() && !view.no_promotions);
        assert!(!plain.contains(sum) && !plain.contains(why), "{locale}");
    }
}

#[test]
fn a_share_of_one_price_is_told_as_the_sum_it_comes_to() {
    let renderer = Renderer::new().unwrap();
    let all = Promotions::samples().remove(0);
    let of = |exact: bool| {
        let shown = all.running.iter().filter(|one| one.comes_to.is_some() == exact).take(1);
        Promotions { running: shown.cloned().collect(), coming: vec![], signed_in: false }
    };
    for (locale, sum, most) in [
        (Locale::En, "20% bonus on top: £4.00", "20% bonus on top, at most £10.00"),
        (Locale::ZhCn, "另赠20%，即£4.00", "另赠20%，最多£10.00"),
    ] {
        let (exact, share) = (read(&renderer, locale, &of(true)), read(&renderer, locale, &of(false)));
        assert!(exact.contains(sum) && !exact.contains("10.00"), "{locale}: {exact}");
        assert!(share.contains(most), "{locale}: {share}");
    }
}
