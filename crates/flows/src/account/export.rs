//! The export: everything that is stored about a subscriber, in one ZIP: all of it as JSON, each list as a table, the
//! files that were added to questions, and a page that says in the reader's language what is what.

use super::own::{Own, own};
use super::{Answer, Who, sealed_for};
use crate::care::{cases, files};
use crate::error::Result;
use crate::world::World;
use domain::account::AccountRefusal;
use domain::id::{CaseId, LineId};
use domain::line::Line;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::support_case::CaseAuthor;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use render::view::ExportReadme;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use store::personal::{Range, list_of_subscriber};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

fn time(at: UnixMs) -> Value {
    json!(at.rfc3339())
}

/// The export of whoever proved a short while ago who they are: the bytes of a ZIP, read in `locale`.
pub async fn export(world: &World, who: &Who, locale: Locale) -> Answer<Vec<u8>> {
    if !who.is_fresh(world.now()) {
        return Ok(Err(AccountRefusal::ProofNeeded));
    }
    let own = own(world, who).await?;
    let (questions, files) = questions(world, &own).await?;
    let data = data(world, &own, questions).await?;
    let readme = ExportReadme { brand: world.settings.brand.clone(), made_at: world.now() };
    let readme = world.renderer.text(locale, &readme);
    Ok(Ok(packed(&data, &readme, &files)?))
}

/// Everything but the content of files.
async fn data(world: &World, own: &Own, questions: Vec<Value>) -> Result<Value> {
    Ok(json!({
        "made_at": time(world.now()),
        "account": {
            "id": own.subscriber.id.as_str(),
            "name": own.name.as_deref(),
            "language": own.subscriber.locale.as_str(),
            "created_at": time(own.subscriber.created_at),
        },
        "contacts": contacts(world, own)?,
        "lines": lines(world, own).await?,
        "orders": orders(world, own).await?,
        "devices": own.sessions.iter().map(|session| json!({
            "device": session.device,
            "signed_in_at": time(session.created_at),
            "last_used_at": time(session.seen_at),
        })).collect::<Vec<_>>(),
        "looks_by_staff": own.looks.iter().map(|look| json!({
            "at": time(look.at),
            "shown_in_full": look.revealed,
            "number_ending": look.last4.as_deref(),
        })).collect::<Vec<_>>(),
        "consents": own.consents.iter().map(|consent| json!({
            "topic": consent.topic.as_str(),
            "channel": consent.channel.as_str(),
            "state": consent.state.as_str(),
            "changed_at": time(consent.changed_at),
            "source": consent.source.as_str(),
        })).collect::<Vec<_>>(),
        "questions": questions,
    }))
}

/// A file of the export: where it stands in the ZIP, and what is in it.
type Entry = (String, Vec<u8>);

/// As many questions, and as many bytes of their files, as one export holds: the newest.
const QUESTIONS_MAX: i64 = 200;
const FILES_BYTES_MAX: usize = 50 * 1024 * 1024;

/// What was asked and answered, without what staff wrote for staff; and the files.
async fn questions(world: &World, own: &Own) -> Result<(Vec<Value>, Vec<Entry>)> {
    let subscriber = own.subscriber.id.clone();
    let read =
        world.db.read(move |tx| store::support_case::list_by_subscriber(tx, &subscriber, QUESTIONS_MAX));
    let (mut all, mut files, mut room) = (Vec::new(), Vec::new(), FILES_BYTES_MAX);
    for case in read.await? {
        let Some(thread) = cases::thread(world, &case.code).await? else { continue };
        let mut messages = Vec::new();
        for line in thread.for_asker().lines {
            let mut names = Vec::new();
            for file in line.files {
                let path = format!("files/{}-{}-{}", case.code, file.n, file.name);
                if let Some(content) = content(world, &case.id, file.n, &mut room).await? {
                    files.push((path.clone(), content));
                }
                names.push(path);
            }
            messages.push(json!({
                "at": time(line.at),
                "from": if line.author == CaseAuthor::Asker { "you" } else { "support" },
                "text": line.text,
                "files": names,
            }));
        }
        all.push(json!({
            "code": case.code,
            "about": case.cause.as_str(),
            "state": case.state.as_str(),
            "asked_at": time(case.created_at),
            "rating": case.rating,
            "messages": messages,
        }));
    }
    Ok((all, files))
}

/// The content of a file, while there is room.
async fn content(world: &World, case: &CaseId, n: i64, room: &mut usize) -> Result<Option<Vec<u8>>> {
    let Some(opened) = files::open(world, case, n).await? else { return Ok(None) };
    match room.checked_sub(opened.bytes.len()) {
        Some(left) => {
            *room = left;
            Ok(Some(opened.bytes))
        }
        None => Ok(None),
    }
}

/// The ZIP. It stores, so that the same data give the same bytes.
fn packed(data: &Value, readme: &str, files: &[Entry]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let manner = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut put = |name: &str, content: &[u8]| -> anyhow::Result<()> {
        zip.start_file(name, manner)?;
        Ok(zip.write_all(content)?)
    };
    put("README.txt", format!("\u{feff}{readme}\r\n").as_bytes())?;
    put("account.json", serde_json::to_string_pretty(data)?.as_bytes())?;
    for (name, value) in data.as_object().into_iter().flatten() {
        if let Some(rows) = value.as_array().filter(|rows| !rows.is_empty()) {
            put(&format!("{name}.csv"), &table(rows)?)?;
        }
    }
    for (name, content) in files {
        put(name, content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// A list as a table: UTF-8 with the mark by which Excel knows it (RFC 4180, Unicode 23.8).
fn table(rows: &[Value]) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let heads: Vec<&String> = rows[0].as_object().into_iter().flatten().map(|(name, _)| name).collect();
    csv.write_record(&heads)?;
    for row in rows {
        csv.write_record(heads.iter().map(|head| cell(&row[head.as_str()])))?;
    }
    Ok(csv.into_inner()?)
}

/// A cell that no spreadsheet takes for a formula.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return value.to_string(),
    };
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

fn contacts(world: &World, own: &Own) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for contact in &own.contacts {
        let value = world.keyring.open_sealed(sealed_for(contact.kind), &contact.value_sealed)?;
        all.push(json!({
            "kind": contact.kind.as_str(),
            "value": value,
            "verified_at": time(contact.verified_at),
        }));
    }
    Ok(all)
}

async fn lines(world: &World, own: &Own) -> Result<Vec<Value>> {
    let ids: Vec<_> = own.lines.iter().map(|line| line.line.clone()).collect();
    let read = world.db.read(move |tx| {
        ids.iter().map(|id| store::line::load(tx, id)).collect::<anyhow::Result<Vec<Line>>>()
    });
    let mut all = Vec::new();
    for (stored, line) in read.await?.iter().zip(&own.lines) {
        let number: Msisdn = crate::lines::msisdn(world, stored)?;
        all.push(json!({
            "number": number.digits(),
            "label": line.label,
            "country": line.market,
            "status": line.status.as_str(),
            "added_at": time(line.added_at),
        }));
    }
    Ok(all)
}

/// As many orders as one file holds: the newest ones.
const ORDERS_MAX: i64 = 5_000;

async fn orders(world: &World, own: &Own) -> Result<Vec<Value>> {
    let subscriber = own.subscriber.id.clone();
    let read = world.db.read(move |tx| {
        // Every id lies between these keys.
        let range = Range { from: String::new(), before: "~".into(), group: None };
        list_of_subscriber(tx, &subscriber, None, &range, ORDERS_MAX)
    });
    let ending = |line: &LineId| own.lines.iter().find(|own| own.line == *line).map(|own| own.last4.clone());
    let order = |order: &TopUp| {
        json!({
            "code": order.code,
            "state": order.state.as_str(),
            "ordered_at": time(order.created_at),
            "total_minor": order.prices.total.minor,
            "currency": order.prices.total.currency.code(),
            "number_ending": ending(&order.line),
        })
    };
    Ok(read.await?.iter().map(order).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_data_give_the_same_bytes_and_no_cell_is_a_formula() {
        let data = json!({ "made_at": "now", "lines": [{ "label": "=1+1", "n": -1 }], "orders": [] });
        let files = [("files/a.pdf".to_owned(), b"%PDF-".to_vec())];
        let once = packed(&data, "Read me", &files).unwrap();
        assert_eq!(once, packed(&data, "Read me", &files).unwrap());
        let text = String::from_utf8_lossy(&once);
        assert!(text.contains("'=1+1,-1") && text.contains("files/a.pdf") && !text.contains("orders.csv"));
    }
}
