//! Every view of the counter, among all others.

use super::{Rendered, page};
use domain::locale::Locale;
use render::{Renderer, view};

pub fn collect(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<view::CounterPair>(renderer, locale, all);
    page::<view::CounterUnlock>(renderer, locale, all);
    page::<view::CounterFirstPin>(renderer, locale, all);
    page::<view::CounterOverride>(renderer, locale, all);
    page::<view::CounterMessage>(renderer, locale, all);
    page::<view::CounterHome>(renderer, locale, all);
    page::<view::CounterError>(renderer, locale, all);
    page::<view::CounterJournal>(renderer, locale, all);
    page::<view::CounterClerks>(renderer, locale, all);
    page::<view::CounterDevices>(renderer, locale, all);
}
