//! `recarga admin invoices`: the series of invoices, for bookkeepers: every number in its order, and which became void.

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use flows::invoice;

#[derive(Debug, clap::Subcommand)]
pub enum InvoicesCommand {
    /// Show every series with its last number
    Series {
        #[command(flatten)]
        source: Source,
    },
    /// Write a series as CSV: number, kind, order, date, amounts, and the credit note that made it void
    List {
        /// The series, for example GB-F-2026
        series: String,
        #[command(flatten)]
        source: Source,
    },
}

pub fn invoices(command: &InvoicesCommand) -> Result<()> {
    match command {
        InvoicesCommand::Series { source } => wiring::administer(source, async |world| {
            for (series, last) in invoice::all_series(world).await? {
                println!("{series} {last}");
            }
            Ok(())
        }),
        InvoicesCommand::List { series, source } => wiring::administer(source, async |world| {
            println!("number,kind,order,issued_at,total_minor,tax_minor,currency,void_by");
            let (mut after, mut expected) = (0, 1);
            loop {
                let page = invoice::series_after(world, series, after).await?;
                let Some(last) = page.last() else { break };
                after = last.n;
                for line in &page {
                    if line.n != expected {
                        return Err(Stop::wrong(format!("number {expected} of {series} is missing")));
                    }
                    expected += 1;
                    let (one, amounts) = (&line.invoice, &line.invoice.body.amounts);
                    let (total, void) = (amounts.total, line.void_by.as_deref().unwrap_or(""));
                    let at = one.issued_at.rfc3339();
                    let (kind, tax) = (one.kind, amounts.tax().minor);
                    let (code, currency) = (&one.body.code, total.currency);
                    println!("{},{kind},{code},{at},{},{tax},{currency},{void}", one.number, total.minor);
                }
            }
            Ok(())
        }),
    }
}
