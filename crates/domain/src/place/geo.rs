//! Where a place is: WGS-84 as whole ten-millionths of a degree, distances on the sphere, cells to find what is near,
//! and the shifted coordinates that maps of mainland China show. Floats are fine here: this is no money.

use std::ops::Range;

/// A point on the earth, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Point {
    pub lat_e7: i64,
    pub lon_e7: i64,
}

const E7: f64 = 1e7;
const LAT_MAX: i64 = 900_000_000;
const LON_MAX: i64 = 1_800_000_000;
/// The mean radius of the earth (IUGG).
const EARTH_M: f64 = 6_371_008.8;

impl Point {
    /// Reads degrees as people and maps write them: `51.5115`.
    pub fn degrees(lat: &str, lon: &str) -> Option<Point> {
        let point = Point { lat_e7: e7(lat)?, lon_e7: e7(lon)? };
        point.is_on_earth().then_some(point)
    }

    /// Reads `lat,lon`.
    pub fn pair(text: &str) -> Option<Point> {
        let (lat, lon) = text.split_once(',')?;
        Point::degrees(lat, lon)
    }

    pub fn is_on_earth(self) -> bool {
        (-LAT_MAX..=LAT_MAX).contains(&self.lat_e7) && (-LON_MAX..=LON_MAX).contains(&self.lon_e7)
    }

    pub fn lat(self) -> f64 {
        as_f64(self.lat_e7) / E7
    }

    pub fn lon(self) -> f64 {
        as_f64(self.lon_e7) / E7
    }

    /// Metres to another point along the sphere (haversine); at most half a percent off the ellipsoid.
    pub fn metres_to(self, other: Point) -> i64 {
        let (a, b) = (self.lat().to_radians(), other.lat().to_radians());
        let half_lat = (b - a) / 2.0;
        let half_lon = (other.lon() - self.lon()).to_radians() / 2.0;
        let h = half_lat.sin().powi(2) + a.cos() * b.cos() * half_lon.sin().powi(2);
        whole(2.0 * EARTH_M * h.min(1.0).sqrt().asin())
    }

    /// The number of the finest cell that the point is in: all cells that hold it are ranges around this number.
    pub fn cell(self) -> i64 {
        interleaved(self.column(FINEST), self.row(FINEST))
    }

    fn column(self, level: u32) -> i64 {
        (self.lon_e7 + LON_MAX).min(2 * LON_MAX - 1) * (1 << level) / (2 * LON_MAX)
    }

    fn row(self, level: u32) -> i64 {
        (self.lat_e7 + LAT_MAX).min(2 * LAT_MAX - 1) * (1 << level) / (2 * LAT_MAX)
    }

    /// The cell of this level with the point and the eight around it, as ranges of [`Point::cell`]; beyond a pole there
    /// are none.
    pub fn neighbourhood(self, level: u32) -> Vec<Range<i64>> {
        let side = 1_i64 << level;
        let (column, row) = (self.column(level), self.row(level));
        let mut columns: Vec<i64> = (-1..=1).map(|step| (column + step).rem_euclid(side)).collect();
        columns.sort_unstable();
        columns.dedup();
        let rows = (row - 1..=row + 1).filter(|row| (0..side).contains(row));
        let below = 2 * (FINEST - level);
        rows.flat_map(|row| columns.iter().map(move |column| interleaved(*column, row)))
            .map(|cell| cell << below..(cell + 1) << below)
            .collect()
    }

    /// Everything within so many metres is in the neighbourhood of this level.
    pub fn covered_m(self, level: u32) -> i64 {
        let side = as_f64(1 << level);
        let (height, width) = (180.0 / side, 360.0 / side);
        // Towards the poles a cell is narrower at its far end.
        let far = (self.lat().abs() + height).min(90.0).to_radians();
        let metre = std::f64::consts::PI * EARTH_M / 180.0;
        whole((height * metre).min(width * metre * far.cos()))
    }
}

/// Levels of cells: at the finest one a cell is some 30 cm high.
pub const FINEST: u32 = 26;

/// Bits of column and row in turns (Morton order), so that every coarser cell is one range.
fn interleaved(column: i64, row: i64) -> i64 {
    (0..FINEST)
        .fold(0, |cell, bit| cell | (column >> bit & 1) << (2 * bit) | (row >> bit & 1) << (2 * bit + 1))
}

fn e7(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (degrees, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if degrees.is_empty() || degrees.len() > 3 || !all_digits(degrees) || !all_digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    let value = degrees.parse::<i64>().ok()? * 10_000_000 + fraction.parse::<i64>().ok()?;
    Some(if negative { -value } else { value })
}

#[expect(clippy::cast_precision_loss, reason = "coordinates and cells are far below 2^52")]
fn as_f64(value: i64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "no distance on the earth and no coordinate is near an i64's end"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Semi-major axis and squared eccentricity of the ellipsoid of Krasovsky 1940, on which the shift is defined.
const KRASOVSKY_A: f64 = 6_378_245.0;
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;

/// WGS-84 as maps of mainland China show it (GCJ-02). The transformation was never given out officially; this is the
/// one that is published at <https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China#GCJ-02> and that
/// the open programs named there agree on, to within a metre or two of what the maps of that country draw.
pub fn gcj02(point: Point) -> Point {
    let (x, y) = (point.lon() - 105.0, point.lat() - 35.0);
    let wave = |at: f64, parts: [(f64, f64); 2]| -> f64 {
        parts.iter().map(|(size, per)| size * (at * per * std::f64::consts::PI).sin()).sum::<f64>() * 2.0
            / 3.0
    };
    let common = wave(x, [(20.0, 6.0), (20.0, 2.0)]);
    let root = x.abs().sqrt();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + common
        + wave(y, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + wave(y, [(160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0)]);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + common
        + wave(x, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + wave(x, [(150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0)]);
    let lat = point.lat().to_radians();
    let magic = 1.0 - KRASOVSKY_EE * lat.sin().powi(2);
    let meridian = KRASOVSKY_A * (1.0 - KRASOVSKY_EE) / (magic * magic.sqrt());
    let parallel = KRASOVSKY_A / magic.sqrt() * lat.cos();
    Point {
        lat_e7: point.lat_e7 + whole((north / meridian).to_degrees() * E7),
        lon_e7: point.lon_e7 + whole((east / parallel).to_degrees() * E7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lat: &str, lon: &str) -> Point {
        Point::degrees(lat, lon).unwrap()
    }

    #[test]
    fn degrees_are_read_exactly_and_nonsense_is_not() {
        assert_eq!(at("51.5115", "-0.131"), Point { lat_e7: 515_115_000, lon_e7: -1_310_000 });
        assert_eq!(Point::pair("22.54,114"), Some(Point { lat_e7: 225_400_000, lon_e7: 1_140_000_000 }));
        for none in ["", "1", "91,0", "0,181", "1e1,2", "1,2,3", "--1,2", ".5,1", "NaN,NaN"] {
            assert_eq!(Point::pair(none), None, "{none}");
        }
    }

    #[test]
    fn distances_are_those_of_the_earth() {
        let (london, madrid) = (at("51.5074", "-0.1278"), at("40.4168", "-3.7038"));
        assert!((1_260_000..1_268_000).contains(&london.metres_to(madrid)));
        assert_eq!(london.metres_to(london), 0);
        let (west, east) = (at("0", "-179.999"), at("0", "179.999"));
        assert!((220..226).contains(&west.metres_to(east)), "across the date line");
    }

    /// Points that the tests of the published programs agree on.
    #[test]
    fn gcj_02_is_the_published_shift() {
        for (lat, lon, lat_gcj, lon_gcj) in [
            ("31.1774276", "121.5272106", 311_753_040, 1_215_315_419),
            ("22.543847", "113.912316", 225_407_961, 1_139_171_765),
            ("39.911954", "116.377817", 399_133_455, 1_163_840_472),
        ] {
            let shifted = gcj02(at(lat, lon));
            assert!((shifted.lat_e7 - lat_gcj).abs() <= 20, "{lat}: {shifted:?}");
            assert!((shifted.lon_e7 - lon_gcj).abs() <= 20, "{lon}: {shifted:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_within_the_covered_distance_is_in_the_neighbourhood(
            lat in -850_000_000_i64..850_000_000, lon in -LON_MAX..LON_MAX,
            north in -1_000_000_i64..1_000_000, east in -1_000_000_i64..1_000_000, level in 7_u32..16,
        ) {
            let here = Point { lat_e7: lat, lon_e7: lon };
            let wrapped = (lon + east + LON_MAX).rem_euclid(2 * LON_MAX) - LON_MAX;
            let there = Point { lat_e7: lat + north, lon_e7: wrapped };
            let found = here.neighbourhood(level).iter().any(|range| range.contains(&there.cell()));
            prop_assert!(found || here.metres_to(there) > here.covered_m(level));
        }
    }
}
