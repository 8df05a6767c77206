//! Receipts that prove themselves: the signed text on paper, and what anybody is told who holds a receipt against us.
//!
//! A code alone shows amount, time, last four digits and what became of the money; the number and its owner stay
//! unknown. Looks are counted by address and those that find nothing far more strictly, so that nobody walks through
//! codes. Start reading at [`on_paper`] and [`check`].

use crate::error::Result;
use crate::receipt::{self, Standing};
use crate::tries;
use crate::world::World;
use domain::money::Money;
use domain::proof_of_sale::{self, ProofKind, ProofOfSale, ProofVerdict, SignedText};
use domain::receipt::OnPaper;
use domain::refund::RefundState;
use domain::time::{SECOND_MS, UnixMs};
use domain::top_up::{TopUp, TopUpState};
use store::keyring::receipt_key::Fits;
use store::{Tx, invoice, print_count};

/// Looks from one place in a quarter of an hour: a shop checks what its customers bring.
const LOOKS_PER_PLACE: i64 = 120;
/// Looks that find nothing. Of 45 bits of code nobody finds one by chance in so few.
const MISSES_PER_PLACE: i64 = 12;

/// What everybody may know of a receipt.
#[derive(Debug, Clone)]
pub struct PublicReceipt {
    pub code: String,
    pub amount: Money,
    pub at: UnixMs,
    pub last4: String,
    pub state: TopUpState,
    /// Was it paid? Otherwise no receipt of it can be genuine.
    pub paid: bool,
    /// What went back since, or is on its way.
    pub returned: Vec<Returned>,
    /// When its credit notes were written.
    pub credit_notes: Vec<UnixMs>,
    pub seller: String,
    pub time_zone: String,
}

/// Money of a sale that went back, or is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    pub amount: Money,
    pub state: RefundState,
    pub at: UnixMs,
}

/// What a look at a code finds.
#[derive(Debug, Clone)]
pub enum Looked {
    Found(Box<PublicReceipt>),
    /// We never gave out such a receipt.
    Unknown,
    /// Too many looks: not before this time.
    Locked(UnixMs),
}

/// What a look at a signed text finds.
#[derive(Debug, Clone)]
pub struct Checked {
    pub verdict: ProofVerdict,
    /// What the text says, where it can be read.
    pub said: Option<ProofOfSale>,
    /// What our books say of its code.
    pub looked: Looked,
}

/// What a receipt of this sale says, signed.
fn proof(world: &World, top_up: &TopUp, last4: &str) -> ProofOfSale {
    signed_by(world, top_up, last4, (ProofKind::Receipt, top_up.created_at))
}

fn signed_by(world: &World, top_up: &TopUp, last4: &str, of: (ProofKind, UnixMs)) -> ProofOfSale {
    let (kind, at) = of;
    let issued_at = UnixMs(at.0 / SECOND_MS * SECOND_MS);
    ProofOfSale {
        code: top_up.code.clone(),
        key: world.keyring.receipt_key_at(issued_at).to_owned(),
        kind,
        amount: top_up.prices.total,
        issued_at,
        last4: last4.to_owned(),
    }
}

fn address(world: &World, proof: &ProofOfSale) -> Result<String> {
    let signature = world.keyring.sign_receipt(&proof.key, &proof.message())?;
    Ok(proof.url(&world.settings.public_url, &signature))
}

/// What stands on paper besides the page: the same whenever it is printed.
pub async fn on_paper(world: &World, standing: &Standing) -> Result<OnPaper> {
    let wanted = standing.top_up.line.clone();
    let line = world.db.read(move |tx| store::line::load(tx, &wanted)).await?;
    let number = crate::lines::msisdn(world, &line)?;
    Ok(OnPaper {
        proof_url: address(world, &proof(world, &standing.top_up, &standing.last4))?,
        prefix: format!("+{}", number.prefix()),
    })
}

/// The address of the QR code of a credit note over the whole of a sale.
pub fn credit_note_url(world: &World, top_up: &TopUp, last4: &str, issued_at: UnixMs) -> Result<String> {
    address(world, &signed_by(world, top_up, last4, (ProofKind::CreditNote, issued_at)))
}

/// Looks up a code for whoever asks from `address`.
pub async fn look(world: &World, code: &str, address: &str) -> Result<Looked> {
    let place = tries::place(address);
    let misses = format!("receipt-miss/{place}");
    let counted =
        vec![(format!("receipt-look/{place}"), LOOKS_PER_PLACE), (misses.clone(), MISSES_PER_PLACE)];
    if let Some(until) = tries::count(world, counted).await? {
        return Ok(Looked::Locked(until));
    }
    let Some(code) = domain::code::parse(code) else { return Ok(Looked::Unknown) };
    let found = world.db.read(move |tx| store::top_up::find_by_code(tx, &code)).await?;
    let Some(top_up) = found else { return Ok(Looked::Unknown) };
    tries::give_back(world, vec![misses]).await?;
    Ok(Looked::Found(Box::new(public(world, top_up).await?)))
}

async fn public(world: &World, top_up: TopUp) -> Result<PublicReceipt> {
    let catalogue = world.fresh_catalogue().await?;
    let seller = catalogue.market(&top_up.market).map(|market| &market.seller);
    let (name, zone) = seller.map_or(("", "UTC"), |seller| (&seller.name, &seller.time_zone));
    let (seller, time_zone) = (name.to_owned(), zone.to_owned());
    let id = top_up.id.clone();
    let documents = world.db.read(move |tx| invoice::list_by_top_up(tx, &id)).await?;
    let credit_notes = documents.iter().filter(|one| one.corrects.is_some()).map(|one| one.issued_at);
    let standing = receipt::standing(world, top_up).await?;
    let paid_by = standing.attempt.as_ref().map(|attempt| &attempt.id);
    // A second payment that went back is no part of the sale.
    let own = standing.refunds.iter().filter(|refund| paid_by == Some(&refund.attempt));
    let returned =
        own.map(|refund| Returned { amount: refund.amount, state: refund.state, at: refund.state_at });
    let top_up = &standing.top_up;
    Ok(PublicReceipt {
        code: top_up.code.clone(),
        amount: top_up.prices.total,
        at: top_up.created_at,
        last4: standing.last4.clone(),
        state: top_up.state,
        paid: standing.paid,
        returned: returned.collect(),
        credit_notes: credit_notes.collect(),
        seller,
        time_zone,
    })
}

/// Checks a signed text against our keys and books. `wanted`: the code that is being looked at, where it is one.
pub async fn check(world: &World, text: &str, wanted: Option<&str>, address: &str) -> Result<Checked> {
    let read = proof_of_sale::read(text);
    let own_code = read.as_ref().ok().map(|signed| signed.proof.code.clone());
    let looked = match wanted.map(str::to_owned).or(own_code) {
        Some(code) => look(world, &code, address).await?,
        None => Looked::Unknown,
    };
    let signed = match read {
        Ok(signed) => signed,
        Err(verdict) => return Ok(Checked { verdict, said: None, looked }),
    };
    let verdict = verdict(world, &signed, wanted, &looked);
    Ok(Checked { verdict, said: Some(signed.proof), looked })
}

fn verdict(world: &World, signed: &SignedText, wanted: Option<&str>, looked: &Looked) -> ProofVerdict {
    let proof = &signed.proof;
    match world.keyring.receipt_fits(&proof.key, proof.issued_at, &proof.message(), &signed.signature) {
        Fits::KeyUnknown => return ProofVerdict::KeyUnknown,
        Fits::No => return ProofVerdict::Forged,
        Fits::Yes => {}
    }
    if wanted.is_some_and(|code| code != proof.code) {
        return ProofVerdict::OtherSale;
    }
    let Looked::Found(found) = looked else { return ProofVerdict::NotInBooks };
    let same = found.amount == proof.amount && found.last4 == proof.last4 && found.paid;
    let booked = match proof.kind {
        ProofKind::Receipt => same_second(found.at, proof.issued_at),
        ProofKind::CreditNote => found.credit_notes.iter().any(|at| same_second(*at, proof.issued_at)),
    };
    if same && booked { ProofVerdict::Genuine } else { ProofVerdict::NotInBooks }
}

fn same_second(one: UnixMs, other: UnixMs) -> bool {
    one.0 / SECOND_MS == other.0 / SECOND_MS
}

/// Counts one more print of a receipt or an invoice, by the id of the top-up or the invoice. From the second on it says
/// that it is a copy.
pub async fn count_print(world: &World, subject: &str) -> Result<i64> {
    let (subject, now) = (subject.to_owned(), world.now());
    Ok(world.db.write(move |tx| count_print_in(tx, &subject, now)).await?)
}

/// The same within a step.
pub fn count_print_in(tx: &mut Tx<'_>, subject: &str, now: UnixMs) -> anyhow::Result<i64> {
    print_count::count(tx, subject, now)
}
