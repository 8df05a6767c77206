//! Lines: found by their number, and imported from the operator's register.

use crate::catalogue::Loaded;
use crate::error::Result;
use crate::world::World;
use domain::catalogue::Fault;
use domain::id::LineId;
use domain::line::{Keeper, Line, LineStatus};
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::keyring::Purpose;
use store::line::NewLine;

/// The line that has this number, whatever its status.
pub async fn find(world: &World, msisdn: &Msisdn) -> Result<Line> {
    if world.fresh_catalogue().await?.market_of(msisdn).is_none() {
        return Err(Refusal::LineUnknown.into());
    }
    let hashes = world.keyring.hashes(Purpose::Msisdn, msisdn.digits());
    let line = world.db.read(move |tx| store::line::find(tx, &hashes)).await?;
    line.ok_or_else(|| Refusal::LineUnknown.into())
}

/// The line that has this number, if it can be topped up.
pub async fn find_payable(world: &World, msisdn: &Msisdn) -> Result<Line> {
    let line = find(world, msisdn).await?;
    payable(line.status)?;
    reachable(&line, world.network.is_some())?;
    Ok(line)
}

/// The same for a line that was looked up already.
pub async fn check(world: &World, msisdn: &Msisdn, line: Option<Line>) -> Result<Line> {
    let line = payable_in(&*world.fresh_catalogue().await?, msisdn, line.as_ref())?.clone();
    reachable(&line, world.network.is_some())?;
    Ok(line)
}

/// Can what is paid for this line be given? Nobody gives what a network keeps while none is set up: that is refused
/// before anything is paid.
pub(crate) fn reachable(line: &Line, has_network: bool) -> std::result::Result<(), Refusal> {
    match line.keeper {
        Keeper::Network if !has_network => Err(Refusal::NetworkNotConnected),
        Keeper::Network | Keeper::Ours => Ok(()),
    }
}

/// The same from a catalogue that is at hand.
pub(crate) fn payable_in<'l>(
    catalogue: &Loaded,
    msisdn: &Msisdn,
    line: Option<&'l Line>,
) -> std::result::Result<&'l Line, Refusal> {
    let ours = catalogue.market_of(msisdn).is_some();
    let line = line.filter(|_| ours).ok_or(Refusal::LineUnknown)?;
    payable(line.status)?;
    Ok(line)
}

/// Is a line of this status topped up?
pub fn payable(status: LineStatus) -> std::result::Result<(), Refusal> {
    match status {
        LineStatus::Active => Ok(()),
        LineStatus::Barred => Err(Refusal::LineBarred),
        LineStatus::Closed => Err(Refusal::LineClosed),
        LineStatus::PortedOut => Err(Refusal::LinePortedOut),
    }
}

/// The number of a line, for messages to it and for its owner's eyes.
pub fn msisdn(world: &World, line: &Line) -> Result<Msisdn> {
    Ok(Msisdn::stored(world.keyring.open_sealed(Purpose::Msisdn, &line.msisdn_sealed)?))
}

/// What an import changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// A file is applied whole: this many lines are the most that one transaction takes.
const LINES_MAX: usize = 1_000_000;
/// More faults than this are not listed.
const FAULTS_MAX: usize = 50;

struct Entry {
    msisdn: Msisdn,
    market: String,
    currency: domain::money::Currency,
    status: LineStatus,
    locale: Option<Locale>,
    keeper: Option<Keeper>,
    /// Where it stands in the file.
    at: usize,
}

/// Reads a CSV of `msisdn,status,locale,balance_keeper` (all but the first may be empty or missing), checks it as a whole
/// and applies it whole, or says what is wrong and changes nothing. A line that is listed keeps its history; a line that
/// was closed and is active again is a new line with the same number. Who keeps its balance never changes for a line.
pub async fn import(world: &World, text: &str) -> Result<std::result::Result<Imported, Vec<Fault>>> {
    let catalogue = world.fresh_catalogue().await?;
    let entries = match parse(text, &catalogue) {
        Ok(entries) => entries,
        Err(faults) => return Ok(Err(faults)),
    };
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let digits = entry.msisdn.digits();
        let hashes = world.keyring.hashes(Purpose::Msisdn, digits);
        let line = Line {
            id: LineId::new(world.ids.as_ref(), world.now()),
            market: entry.market,
            currency: entry.currency,
            status: entry.status,
            last4: entry.msisdn.last4().to_owned(),
            msisdn_sealed: world.keyring.seal(Purpose::Msisdn, digits)?,
            locale: entry.locale,
            keeper: entry.keeper.unwrap_or(Keeper::Ours),
        };
        let keeper = entry.keeper.map(|keeper| (keeper, entry.at));
        let msisdn_hash = world.keyring.hash(Purpose::Msisdn, digits);
        rows.push(Listed { new: NewLine { line, msisdn_hash }, hashes, keeper });
    }
    let (rows, now) = (Arc::new(rows), world.now());
    Ok(world.db.write(move |tx| apply(tx, &rows, now)).await?)
}

/// A line of the register.
struct Listed {
    new: NewLine,
    /// Hashes of its number, one per key of the keyring.
    hashes: Vec<String>,
    /// Who keeps its balance, where the file says so, and in which of its lines.
    keeper: Option<(Keeper, usize)>,
}

impl Listed {
    /// The same line as the register knows it; none when this is a new one.
    fn same(&self, known: Option<Line>) -> Option<Line> {
        known.filter(|k| k.status != LineStatus::Closed || self.new.line.status == LineStatus::Closed)
    }

    fn fault(&self, known: &Line) -> Option<Fault> {
        let (_, line) = self.keeper.filter(|(keeper, _)| *keeper != known.keeper)?;
        let reason = format!(
            "its balance is kept by {:?} and that never changes: close it first",
            known.keeper.as_str()
        );
        Some(Fault { line, reason })
    }
}

fn apply(
    tx: &mut store::Tx<'_>,
    rows: &[Listed],
    now: domain::time::UnixMs,
) -> anyhow::Result<std::result::Result<Imported, Vec<Fault>>> {
    let mut known = Vec::with_capacity(rows.len());
    for listed in rows {
        let found = store::line::find(tx, &listed.hashes)?;
        known.push(listed.same(found));
    }
    let faults = rows.iter().zip(&known).filter_map(|(listed, known)| listed.fault(known.as_ref()?));
    let faults: Vec<Fault> = faults.take(FAULTS_MAX).collect();
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let mut imported = Imported::default();
    for (Listed { new, .. }, known) in rows.iter().zip(known) {
        match known {
            Some(known) => {
                if known.status == new.line.status && known.locale == new.line.locale {
                    imported.unchanged += 1;
                } else {
                    store::line::update(tx, &known.id, new.line.status, new.line.locale, now)?;
                    imported.changed += 1;
                }
            }
            None => {
                store::line::insert_all(tx, std::slice::from_ref(new), now)?;
                imported.added += 1;
            }
        }
    }
    Ok(Ok(imported))
}

fn parse(text: &str, catalogue: &Loaded) -> std::result::Result<Vec<Entry>, Vec<Fault>> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut faults = Vec::new();
    let headers = reader.headers().cloned().unwrap_or_default();
    if headers.get(0) != Some("msisdn") {
        let reason = "the first line must be the header msisdn,status,locale,balance_keeper".to_owned();
        return Err(vec![Fault { line: 1, reason }]);
    }
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let read = record.map_err(|e| (e.position().map_or(0, csv::Position::line), e.to_string())).and_then(
            |record| {
                let line = record.position().map_or(0, csv::Position::line);
                let entry = entry(&record, catalogue).map_err(|reason| (line, reason))?;
                let entry = Entry { at: usize::try_from(line).unwrap_or(0), ..entry };
                if !seen.insert(entry.msisdn.digits().to_owned()) {
                    return Err((line, "the number stands twice in this file".into()));
                }
                Ok(entry)
            },
        );
        match read {
            Ok(entry) => entries.push(entry),
            Err((line, reason)) => faults.push(Fault { line: usize::try_from(line).unwrap_or(0), reason }),
        }
        if faults.len() >= FAULTS_MAX || entries.len() > LINES_MAX {
            break;
        }
    }
    if entries.len() > LINES_MAX {
        faults
            .push(Fault { line: LINES_MAX, reason: format!("more than {LINES_MAX} lines: split the file") });
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

fn entry(record: &csv::StringRecord, catalogue: &Loaded) -> std::result::Result<Entry, String> {
    let msisdn = Msisdn::parse_e164(record.get(0).unwrap_or("")).map_err(|e| format!("the number is {e}"))?;
    let market = catalogue.market_of(&msisdn).ok_or("the number is in none of the markets' number ranges")?;
    let status = match record.get(1).unwrap_or("") {
        "" => LineStatus::Active,
        word => LineStatus::parse(word)
            .ok_or_else(|| format!("status {word:?} is not active, barred, closed or ported_out"))?,
    };
    let locale = match record.get(2).unwrap_or("") {
        "" => None,
        word => Some(Locale::parse(word).ok_or_else(|| format!("locale {word:?} is none that we speak"))?),
    };
    let keeper = match record.get(3).unwrap_or("") {
        "" => None,
        word => Some(
            Keeper::parse(word).ok_or_else(|| format!("balance_keeper {word:?} is not ours or network"))?,
        ),
    };
    if record.len() > 4 {
        return Err("more than four columns".into());
    }
    let (market, currency) = (market.country.clone(), market.currency);
    Ok(Entry { msisdn, market, currency, status, locale, keeper, at: 0 })
}
