//! Every page there is, with every sample, in every language. A new view belongs into one of these lists.

use domain::locale::Locale;
use render::view;
use render::view::*;
use render::{Chrome, Listed, Renderer, Theme, View};

pub struct Rendered {
    pub name: String,
    pub html: String,
}

/// All pages in all languages.
pub fn pages() -> Vec<Rendered> {
    let mut all = Vec::new();
    let real = Renderer::new().expect("templates and texts are whole");
    for locale in Locale::ALL {
        collect(&real, *locale, &mut all);
    }
    collect(&Renderer::pseudo().expect("the pseudo-language is whole"), Locale::En, &mut all);
    all
}

fn collect(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<Start>(renderer, locale, all);
    page::<Choose>(renderer, locale, all);
    page::<Review>(renderer, locale, all);
    page::<Order>(renderer, locale, all);
    page::<OrderProof>(renderer, locale, all);
    page::<OrderLookup>(renderer, locale, all);
    page::<ReceiptPage>(renderer, locale, all);
    page::<ErrorPage>(renderer, locale, all);
    page::<Demo>(renderer, locale, all);
    page::<Help>(renderer, locale, all);
    page::<Verify>(renderer, locale, all);
    page::<Status>(renderer, locale, all);
    page::<Promotions>(renderer, locale, all);
    page::<view::Shops>(renderer, locale, all);
    page::<view::ShopPage>(renderer, locale, all);
    page::<view::VerifyOutlet>(renderer, locale, all);
    page::<SignIn>(renderer, locale, all);
    page::<CodeEntry>(renderer, locale, all);
    page::<Register>(renderer, locale, all);
    page::<RegisterDetails>(renderer, locale, all);
    page::<AccountPage>(renderer, locale, all);
    page::<ChangeContact>(renderer, locale, all);
    page::<AddLine>(renderer, locale, all);
    page::<ConfirmFirst>(renderer, locale, all);
    page::<EraseAccount>(renderer, locale, all);
    page::<Me>(renderer, locale, all);
    page::<LinePage>(renderer, locale, all);
    page::<HistoryPage>(renderer, locale, all);
    page::<Offline>(renderer, locale, all);
    for view in HistoryCsv::samples() {
        assert!(renderer.table(locale, &view).ends_with("\r\n"));
    }
    page::<view::AskSupport>(renderer, locale, all);
    page::<view::ClaimPage>(renderer, locale, all);
    page::<view::InvoicePage>(renderer, locale, all);
    page::<view::ReceiptCheck>(renderer, locale, all);
    page::<view::ReceiptProof>(renderer, locale, all);
    page::<view::CaseThread>(renderer, locale, all);
    page::<view::CaseProof>(renderer, locale, all);
    page::<view::OfficeCampaigns>(renderer, locale, all);
    page::<view::OfficeCampaignForm>(renderer, locale, all);
    page::<view::OfficeCampaign>(renderer, locale, all);
    page::<view::IdCheck>(renderer, locale, all);
    page::<view::Unsubscribe>(renderer, locale, all);
    office(renderer, locale, all);
    counter(renderer, locale, all);
    care(renderer, locale, all);
    agents(renderer, locale, all);
    for view in OrderState::samples() {
        let name = format!("{} in {locale}", OrderState::TEMPLATE);
        all.push(Rendered { name, html: renderer.fragment(locale, &view) });
    }
}

fn agents(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<view::AgentApply>(renderer, locale, all);
    page::<view::AgentApplied>(renderer, locale, all);
    page::<view::OfficeAgents>(renderer, locale, all);
    page::<view::OfficeAgent>(renderer, locale, all);
    page::<view::OfficeOutlet>(renderer, locale, all);
    page::<view::OfficePlans>(renderer, locale, all);
    page::<view::OfficeFloat>(renderer, locale, all);
    page::<view::OfficeFloatRequest>(renderer, locale, all);
    page::<view::OwnerHome>(renderer, locale, all);
    page::<view::OwnerPropose>(renderer, locale, all);
    page::<view::OwnerOutlet>(renderer, locale, all);
    page::<view::OwnerFloat>(renderer, locale, all);
    page::<view::FloatByCard>(renderer, locale, all);
    page::<view::OwnerStatement>(renderer, locale, all);
    for view in view::StatementCsv::samples() {
        assert!(renderer.table(locale, &view).ends_with("\r\n"));
    }
}

fn care(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<view::OfficeCases>(renderer, locale, all);
    page::<view::OfficeCase>(renderer, locale, all);
    page::<view::OfficeStuck>(renderer, locale, all);
    page::<view::OfficeStuckPreview>(renderer, locale, all);
    page::<view::OfficeStuckDone>(renderer, locale, all);
    page::<view::OfficeRefunds>(renderer, locale, all);
    page::<view::OfficeRefundAsk>(renderer, locale, all);
    page::<view::OfficeRefund>(renderer, locale, all);
    page::<view::OfficeLimits>(renderer, locale, all);
    page::<view::OfficeSetting>(renderer, locale, all);
    for readme in view::ExportReadme::samples() {
        let said = renderer.text(locale, &readme);
        assert!(said.lines().count() > 7 && !said.contains('<'), "{said}");
    }
    for reply in view::SavedReply::samples() {
        let said = renderer.text(locale, &reply);
        assert!(said.chars().count() > 20 && !said.contains('<'), "{} in {locale}", reply.name);
    }
}

fn office(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<view::OfficeSignIn>(renderer, locale, all);
    page::<view::OfficeJoin>(renderer, locale, all);
    page::<view::OfficeSetUp>(renderer, locale, all);
    page::<view::OfficeForbidden>(renderer, locale, all);
    page::<view::OfficeError>(renderer, locale, all);
    page::<view::OfficeHowTo>(renderer, locale, all);
    page::<view::OfficeOverview>(renderer, locale, all);
    page::<view::OfficeOrders>(renderer, locale, all);
    page::<view::OfficeDead>(renderer, locale, all);
    page::<view::OfficeSearch>(renderer, locale, all);
    page::<view::OfficeLine>(renderer, locale, all);
    page::<view::OfficeSubscriber>(renderer, locale, all);
    page::<view::OfficeOrder>(renderer, locale, all);
    page::<view::OfficeCatalogue>(renderer, locale, all);
    page::<view::OfficeOffer>(renderer, locale, all);
    page::<view::OfficePromotions>(renderer, locale, all);
    page::<view::OfficeAudit>(renderer, locale, all);
    page::<view::OfficeStaffList>(renderer, locale, all);
}

fn counter(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    page::<view::CounterPair>(renderer, locale, all);
    page::<view::CounterUnlock>(renderer, locale, all);
    page::<view::CounterFirstPin>(renderer, locale, all);
    page::<view::CounterOverride>(renderer, locale, all);
    page::<view::CounterMessage>(renderer, locale, all);
    page::<view::CounterDisplay>(renderer, locale, all);
    page::<view::CounterHome>(renderer, locale, all);
    page::<view::CounterError>(renderer, locale, all);
    page::<view::CounterOffline>(renderer, locale, all);
    page::<view::CounterJournal>(renderer, locale, all);
    page::<view::CounterClerks>(renderer, locale, all);
    page::<view::CounterDevices>(renderer, locale, all);
    page::<view::CounterSale>(renderer, locale, all);
    page::<view::CounterOffers>(renderer, locale, all);
    page::<view::CounterPay>(renderer, locale, all);
    page::<view::CounterTill>(renderer, locale, all);
    page::<view::CounterReport>(renderer, locale, all);
    page::<view::CounterDay>(renderer, locale, all);
    page::<view::CounterDayReport>(renderer, locale, all);
    for view in view::DayCsv::samples() {
        assert!(renderer.table(locale, &view).ends_with("\r\n"));
    }
    page::<view::CounterNothing>(renderer, locale, all);
    page::<view::CounterSlip>(renderer, locale, all);
    page::<view::CounterSold>(renderer, locale, all);
    page::<view::CounterTrained>(renderer, locale, all);
    page::<view::CounterBalance>(renderer, locale, all);
}

fn page<V: View>(renderer: &Renderer, locale: Locale, all: &mut Vec<Rendered>) {
    for view in V::samples() {
        let listed =
            Listed { address: "https://x.example/".into(), canonical: "https://x.example/?lang=en".into() };
        let chrome = Chrome {
            help_url: Some("/help".into()),
            theme: Some(Theme::Dark),
            listed: Some(listed),
            in_wechat: true,
            paused: true,
            ..Chrome::sample()
        };
        let name = format!("{} in {locale}", V::TEMPLATE);
        all.push(Rendered { name: name.clone(), html: renderer.page(locale, &chrome, &view) });
        let plain = Chrome { demo: false, ..Chrome::sample() };
        all.push(Rendered { name, html: renderer.page(locale, &plain, &view) });
    }
}
