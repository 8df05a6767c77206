//! What search engines are told: which pages everybody may see, under which address in which language, and what is
//! nobody's business. [`PUBLIC`] is the one list of those pages.

use crate::failure::Failure;
use crate::site::{Reader, Site, asked_language};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::locale::Locale;
use domain::place::canonical_number;
use http::header;
use render::Listed;

/// Pages that are the same for everybody.
const PUBLIC: &[&str] = &["/", "/help", "/verify", "/status", "/promotions", "/shops", "/o"];
/// Where pages are somebody's own, or for machines. `/o` itself stays open: only what is below it is closed.
const PRIVATE: &[&str] = &["/o/", "/top-up", "/v1/", "/webhooks/", "/metrics", "/healthz", "/readyz"];

/// How a page is listed; `None` when it is not for search engines.
pub fn listed(public_url: &str, reader: &Reader) -> Option<Listed> {
    let (path, query) = reader.path_and_query.split_once('?').unwrap_or((&reader.path_and_query, ""));
    let of_shop =
        |path: &str| path.strip_prefix("/shops/").is_some_and(|n| canonical_number(n).as_deref() == Some(n));
    let page = PUBLIC.iter().copied().find(|page| *page == path).or_else(|| of_shop(path).then_some(path))?;
    let address = format!("{public_url}{page}");
    let canonical =
        asked_language(query).map_or_else(|| address.clone(), |of| format!("{address}?lang={of}"));
    Some(Listed { address, canonical })
}

/// Sitemaps 0.9 with the languages of each page (sitemaps.org; `xhtml:link` as search engines read it).
pub async fn sitemap(State(site): State<Site>) -> Response {
    ([XML, KEEP], xml(&site.world.settings.public_url, PUBLIC)).into_response()
}

/// Robots Exclusion Protocol (RFC 9309). A demo must not be found in place of an operator.
pub async fn robots(State(site): State<Site>) -> Response {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    let settings = &site.world.settings;
    ([kind, KEEP], rules(&settings.public_url, settings.demo)).into_response()
}

const XML: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/xml; charset=utf-8");
const KEEP: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

fn xml(public_url: &str, pages: &[impl AsRef<str>]) -> String {
    let base = public_url.replace('&', "&amp;");
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for page in pages {
        let own = format!("{base}{}", page.as_ref());
        let tongues = Locale::ALL.iter().map(|of| (of.as_str(), format!("{own}?lang={of}")));
        let links: String = tongues
            .clone()
            .chain([("x-default", own.clone())])
            .map(|(tag, to)| format!("<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{to}\"/>"))
            .collect();
        for address in std::iter::once(own.clone()).chain(tongues.map(|(_, to)| to)) {
            text += &format!("<url><loc>{address}</loc>{links}</url>\n");
        }
    }
    text + "</urlset>\n"
}

/// The files of the map of shops: each begins after a number.
pub async fn shops(State(site): State<Site>) -> Result<Response, Failure> {
    let maps = flows::places::feed::maps(&site.world).await?;
    let base = site.world.settings.public_url.replace('&', "&amp;");
    let files = maps.iter().map(|after| {
        let after = if after.is_empty() { FIRST } else { after };
        format!("<sitemap><loc>{base}/sitemap-shops/{after}</loc></sitemap>\n")
    });
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{}</sitemapindex>\n",
        files.collect::<String>()
    );
    Ok(([XML, KEEP], text).into_response())
}

/// Stands for the beginning where a number would.
const FIRST: &str = "first";

/// One file of the map of shops: every authorised one, in all languages.
pub async fn shops_after(State(site): State<Site>, Path(after): Path<String>) -> Result<Response, Failure> {
    let after = if after == FIRST { "" } else { &after };
    let numbers = flows::places::feed::map(&site.world, after).await?;
    let pages: Vec<String> = numbers.iter().map(|number| format!("/shops/{number}")).collect();
    Ok(([XML, KEEP], xml(&site.world.settings.public_url, &pages)).into_response())
}

fn rules(public_url: &str, demo: bool) -> String {
    let closed: String = match demo {
        true => "Disallow: /\n".into(),
        false => PRIVATE.iter().map(|path| format!("Disallow: {path}\n")).collect(),
    };
    format!(
        "User-agent: *\n{closed}\nSitemap: {public_url}/sitemap.xml\nSitemap: {public_url}/sitemap-shops.xml\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_is_closed_to_search_engines_and_a_portal_only_where_it_is_private() {
        assert!(rules("https://x.example", true).contains("Disallow: /\n"));
        let open = rules("https://x.example", false);
        assert!(open.contains("Disallow: /o/\n") && !open.contains("Disallow: /\n"), "{open}");
        assert!(open.contains("Sitemap: https://x.example/sitemap.xml\n"));
        for page in PUBLIC {
            assert!(!PRIVATE.iter().any(|closed| page.starts_with(closed)), "{page} is open and closed");
        }
    }

    #[test]
    fn every_address_of_the_map_names_all_its_languages() {
        let map = xml("https://x.example", PUBLIC);
        assert_eq!(map.matches("<url>").count(), PUBLIC.len() * (1 + Locale::ALL.len()));
        let links = map.matches("<xhtml:link ").count();
        assert_eq!(links, map.matches("<url>").count() * (1 + Locale::ALL.len()));
        assert!(map.contains("<loc>https://x.example/help?lang=zh-CN</loc>"), "{map}");
    }
}
