//! The form of what the public sees of an outlet, as its owner and staff fill it in.

use domain::outlet::OutletFacts;
use domain::place::geo::Point;
use domain::place::{PlaceKind, Service, Tongue};

/// Characters of one field.
const TYPED_MAX: usize = 300;

/// What a form sent, as pairs: a name can stand in it more than once.
pub(crate) struct FactsForm(pub Vec<(String, String)>);

impl FactsForm {
    /// The first field of this name.
    pub fn text(&self, name: &str) -> String {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or_else(String::new, |(_, text)| text.trim().chars().take(TYPED_MAX).collect())
    }

    fn words<T: Copy + PartialEq>(&self, name: &str, all: &[T], word: fn(T) -> &'static str) -> Vec<T> {
        let chosen = |one: &T| self.0.iter().any(|(field, text)| field == name && text == word(*one));
        all.iter().copied().filter(chosen).collect()
    }

    /// What was filled in, in a market with this country and clock. Where the point cannot be read there is none.
    pub fn facts(&self, country: String, time_zone: String) -> OutletFacts {
        let point = Point::pair(&self.text("point"));
        OutletFacts {
            number: self.text("number"),
            kind: PlaceKind::parse(&self.text("kind")).unwrap_or(PlaceKind::Shop),
            name: self.text("name"),
            host_place: self.text("host_place"),
            floor: self.text("floor"),
            street: self.text("street"),
            city: self.text("city"),
            postcode: self.text("postcode"),
            country,
            time_zone,
            hours: self.text("hours"),
            services: self.words("services", Service::ALL, Service::as_str),
            languages: self.words("languages", Tongue::ALL, Tongue::as_str),
            latitude_e6: point.map(|point| point.lat_e7 / 10),
            longitude_e6: point.map(|point| point.lon_e7 / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_point_and_everything_that_was_ticked() {
        let sent = [
            ("name", " Sol Electronics "),
            ("point", "51.5115, -0.131"),
            ("services", "top_up"),
            ("services", "sim"),
            ("services", "coffee"),
            ("languages", "zh"),
        ];
        let form = FactsForm(sent.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect());
        let facts = form.facts("GB".into(), "Europe/London".into());
        assert_eq!((facts.name.as_str(), facts.kind), ("Sol Electronics", PlaceKind::Shop));
        assert_eq!(facts.services, [Service::TopUp, Service::Sim]);
        assert_eq!(facts.languages, [Tongue::Zh]);
        assert_eq!(facts.latitude_e6.zip(facts.longitude_e6), Some((51_511_500, -131_000)));
        let nowhere = FactsForm(vec![("point".into(), "by the church".into())]);
        assert_eq!(nowhere.facts("GB".into(), "Europe/London".into()).latitude_e6, None);
    }
}
