//! Places where people can top up: an outlet of an agent, or a kiosk. What the public may see of one, and when it may
//! be shown as authorised. Start reading at [`Place`]; where it is in [`geo`], when it is open in [`hours`], how it is
//! found in [`words`].

pub mod geo;
pub mod hours;
pub mod words;

use crate::id::PlaceId;
use crate::states;
use crate::time::UnixMs;
use geo::Point;
use hours::Hours;

states! {
    /// What kind of place it is.
    PlaceKind {
        Shop = "shop",
        Kiosk = "kiosk",
    }
}

states! {
    /// May it sell for the operator?
    PlaceState {
        Authorised = "authorised",
        /// For a while it may not.
        Suspended = "suspended",
        /// It no longer does, for good.
        Ended = "ended",
    }
}

states! {
    /// What is done there.
    Service {
        TopUp = "top_up",
        Bundle = "bundle",
        Sim = "sim",
        Esim = "esim",
        Replacement = "replacement",
        Invoice = "invoice",
        Repair = "repair",
    }
}

states! {
    /// A language that is spoken there.
    Tongue {
        Zh = "zh",
        Yue = "yue",
        En = "en",
        Es = "es",
        Ca = "ca",
        Fr = "fr",
        De = "de",
        It = "it",
        Pt = "pt",
        Pl = "pl",
        Nl = "nl",
        Ro = "ro",
        Ar = "ar",
        Ur = "ur",
        Hi = "hi",
        Ja = "ja",
        Ko = "ko",
    }
}

states! {
    /// How people can pay there.
    PlaceTender {
        Cash = "cash",
        Card = "card",
        WechatPay = "wechat_pay",
        Alipay = "alipay",
        Octopus = "octopus",
        Bizum = "bizum",
    }
}

states! {
    /// What a visitor should have at hand.
    Bring {
        /// The number that is to be topped up.
        Number = "number",
        /// An identity document.
        Id = "id",
        /// The phone, for a security code.
        Phone = "phone",
        /// Cash, because nothing else is taken.
        Cash = "cash",
    }
}

/// Letters and digits of a number that is printed on the sticker.
pub const NUMBER_MIN: usize = 3;
pub const NUMBER_MAX: usize = 12;
/// Characters of any one text of a place.
pub const TEXT_MAX: usize = 120;
/// Bytes of a photo, and how long it is shown: a shop that looks otherwise by now proves nothing.
pub const PHOTO_BYTES_MAX: usize = 1024 * 1024;
pub const PHOTO_DAYS_MAX: i64 = 3 * 365;

/// What the public may see of an outlet or a kiosk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: PlaceId,
    pub kind: PlaceKind,
    /// Printed on the sticker.
    pub number: String,
    /// Whose outlet it is, as the operator's register of agents calls it.
    pub agent: Option<String>,
    pub name: String,
    /// The mall or store that it is in.
    pub host_place: String,
    pub floor: String,
    pub street: String,
    pub city: String,
    pub district: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// WGS-84.
    pub point: Point,
    /// IANA.
    pub time_zone: String,
    /// As OpenStreetMap writes `opening_hours`.
    pub hours: String,
    pub services: Vec<Service>,
    pub languages: Vec<Tongue>,
    pub tenders: Vec<PlaceTender>,
    pub bring: Vec<Bring>,
    pub state: PlaceState,
    /// From then on it may not sell, whatever its state says.
    pub authorised_until: Option<UnixMs>,
    pub updated_at: UnixMs,
}

/// What the sticker of a place is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorisation {
    Valid,
    Suspended,
    /// The time of the certificate is over.
    Lapsed,
    Ended,
}

impl Place {
    /// May it sell at this moment?
    pub fn authorisation(&self, now: UnixMs) -> Authorisation {
        match self.state {
            PlaceState::Ended => Authorisation::Ended,
            PlaceState::Suspended => Authorisation::Suspended,
            PlaceState::Authorised if self.authorised_until.is_some_and(|until| until <= now) => {
                Authorisation::Lapsed
            }
            PlaceState::Authorised => Authorisation::Valid,
        }
    }

    /// The same place, whenever and under whichever id it was written.
    pub fn says_the_same(&self, other: &Place) -> bool {
        let other = Place { id: self.id.clone(), updated_at: self.updated_at, ..other.clone() };
        *self == other
    }

    /// What is wrong with it, for whoever wrote it down.
    pub fn fault(&self) -> Option<String> {
        if canonical_number(&self.number).as_deref() != Some(self.number.as_str()) {
            return Some(format!(
                "number {:?} is not {NUMBER_MIN} to {NUMBER_MAX} capital letters and digits",
                self.number
            ));
        }
        if let Some(fault) = self.text_fault() {
            return Some(fault);
        }
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Some(format!("country {:?} is not two capital letters", self.country));
        }
        if !self.point.is_on_earth() {
            return Some("lat is not within 90 degrees or lon not within 180".into());
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return Some(format!("time_zone {:?} is unknown: write one as Europe/London", self.time_zone));
        }
        if self.services.is_empty() {
            return Some("services is empty: name at least top_up".into());
        }
        Hours::read(&self.hours, &self.country).err().map(|why| format!("hours {:?}: {why}", self.hours))
    }

    fn text_fault(&self) -> Option<String> {
        let texts = [
            ("name", &self.name, true),
            ("host_place", &self.host_place, false),
            ("floor", &self.floor, false),
            ("street", &self.street, true),
            ("city", &self.city, true),
            ("district", &self.district, false),
            ("postcode", &self.postcode, false),
        ];
        texts.into_iter().find_map(|(column, text, must)| {
            if must && text.is_empty() {
                return Some(format!("{column} is empty"));
            }
            if text.chars().count() > TEXT_MAX {
                return Some(format!("{column} has more than {TEXT_MAX} characters"));
            }
            let unseen =
                |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            text.chars().any(unseen).then(|| format!("{column} has a character that nobody sees"))
        })
    }
}

/// The number of a place as it is printed, from what somebody typed; `None` when it can be none.
pub fn canonical_number(typed: &str) -> Option<String> {
    let number: String =
        typed.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    let fits = (NUMBER_MIN..=NUMBER_MAX).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && number.bytes().any(|b| b.is_ascii_digit());
    fits.then_some(number)
}

#[cfg(test)]
pub(crate) fn example() -> Place {
    Place {
        id: PlaceId::stored("plc_1"),
        kind: PlaceKind::Shop,
        number: "S10234".into(),
        agent: None,
        name: "Luma Soho".into(),
        host_place: "Chinatown Gate Mall".into(),
        floor: "1/F".into(),
        street: "12 Gerrard Street".into(),
        city: "London".into(),
        district: "Soho".into(),
        postcode: "W1D 5PR".into(),
        country: "GB".into(),
        point: Point { lat_e7: 515_115_000, lon_e7: -1_310_000 },
        time_zone: "Europe/London".into(),
        hours: "Mo-Sa 09:00-21:00; Su,PH 11:00-17:00".into(),
        services: vec![Service::TopUp],
        languages: vec![Tongue::Zh, Tongue::En],
        tenders: vec![PlaceTender::Cash],
        bring: vec![Bring::Number],
        state: PlaceState::Authorised,
        authorised_until: Some(UnixMs(1_900_000_000_000)),
        updated_at: UnixMs(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        assert_eq!(canonical_number(" s-10 234").as_deref(), Some("S10234"));
        for none in ["", "S1", "LONDON", "S10234S10234X", "S1023\u{4e2d}"] {
            assert_eq!(canonical_number(none), None, "{none}");
        }
    }

    #[test]
    fn a_certificate_ends_by_its_time_and_a_suspension_before_it() {
        let place = example();
        let until = place.authorised_until.unwrap();
        assert_eq!(place.authorisation(until.plus_ms(-1)), Authorisation::Valid);
        assert_eq!(place.authorisation(until), Authorisation::Lapsed);
        let suspended = Place { state: PlaceState::Suspended, ..place.clone() };
        assert_eq!(suspended.authorisation(until), Authorisation::Suspended);
        let ended = Place { state: PlaceState::Ended, authorised_until: None, ..place };
        assert_eq!(ended.authorisation(UnixMs(0)), Authorisation::Ended);
    }

    #[test]
    fn each_fault_of_a_place_is_named() {
        let good = example();
        assert_eq!(good.fault(), None);
        let said = |place: Place, word: &str| {
            let fault = place.fault().unwrap_or_default();
            assert!(fault.contains(word), "{word}: {fault}");
        };
        said(Place { number: "s1".into(), ..good.clone() }, "number");
        said(Place { name: String::new(), ..good.clone() }, "name");
        said(Place { street: "x".repeat(121), ..good.clone() }, "street");
        said(Place { city: "Lon\u{202e}don".into(), ..good.clone() }, "city");
        said(Place { country: "UK1".into(), ..good.clone() }, "country");
        said(Place { point: Point { lat_e7: 910_000_000, lon_e7: 0 }, ..good.clone() }, "lat");
        said(Place { time_zone: "London".into(), ..good.clone() }, "time_zone");
        said(Place { hours: "from nine".into(), ..good.clone() }, "hours");
        said(Place { services: vec![], ..good }, "services");
    }
}
