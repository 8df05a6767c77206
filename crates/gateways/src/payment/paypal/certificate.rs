//! The certificate behind a webhook: does somebody whom we trust vouch for it, is it PayPal's, and did it sign?
//!
//! Chains are built by webpki, as for TLS, up to Mozilla's roots. What cannot be proven here is left to
//! PayPal's own answer.

use super::config::{CertPlace, PayPalConfig};
use domain::time::UnixMs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime};
use std::time::Duration;
use webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};

/// The names of PayPal's signing certificates (PayPal's Java SDK, `SSLUtil.validateCertificateChain`).
pub(super) const SIGNER_NAMES: [&str; 2] =
    ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"];

/// `PAYPAL-AUTH-ALGO`: the only algorithm that PayPal documents.
pub(super) const ALGORITHM: &str = "SHA256withRSA";
const SIGNATURE: &dyn SignatureVerificationAlgorithm = RSA_PKCS1_2048_8192_SHA256;

/// What a certificate says about a signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Signed,
    /// The certificate is PayPal's, and this is not its signature.
    NotSigned,
    /// The certificate proves nothing.
    Unproven(String),
}

/// Checks the chain in `document` (PEM, the signer first) at `now`, then the signature.
pub(super) fn check(
    config: &PayPalConfig,
    place: CertPlace,
    document: &[u8],
    signed: (&[u8], &[u8]),
    now: UnixMs,
) -> Proof {
    let unproven = |why: &str| Proof::Unproven(why.to_owned());
    let Ok(chain) = CertificateDer::pem_slice_iter(document).collect::<Result<Vec<_>, _>>() else {
        return unproven("the certificate is not PEM");
    };
    let Some((signer, others)) = chain.split_first() else {
        return unproven("the document holds no certificate");
    };
    let Ok(signer) = EndEntityCert::try_from(signer) else {
        return unproven("the certificate cannot be read");
    };
    let vouched = match place {
        CertPlace::Here => Ok(()),
        CertPlace::Far => vouch(config, &signer, others, now),
    };
    if let Err(why) = vouched {
        return Proof::Unproven(why);
    }
    let (message, signature) = signed;
    match signer.verify_signature(SIGNATURE, message, signature) {
        Ok(()) => Proof::Signed,
        Err(webpki::Error::InvalidSignatureForPublicKey) => Proof::NotSigned,
        Err(error) => Proof::Unproven(format!("the signature cannot be checked: {error:?}")),
    }
}

fn vouch(
    config: &PayPalConfig,
    signer: &EndEntityCert<'_>,
    others: &[CertificateDer<'_>],
    now: UnixMs,
) -> Result<(), String> {
    let since = u64::try_from(now.0).map_err(|_| "the clock is before 1970".to_owned())?;
    let time = UnixTime::since_unix_epoch(Duration::from_millis(since));
    let usage = KeyUsage::server_auth();
    signer
        .verify_for_usage(ALL_VERIFICATION_ALGS, config.anchors, others, time, usage, None, None)
        .map_err(|error| format!("nobody whom we trust vouches for the certificate: {error:?}"))?;
    let named = SIGNER_NAMES.iter().filter_map(|name| ServerName::try_from(*name).ok());
    for name in named {
        if signer.verify_is_valid_for_subject_name(&name).is_ok() {
            return Ok(());
        }
    }
    Err("the certificate is not for PayPal's messages".to_owned())
}
