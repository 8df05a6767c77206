//! The judge by others: PayPal's own library looks at the simulator, with the Python environment that `make test`
//! makes. tests/judges/paypal_judge.py says what it judges.

use std::path::PathBuf;

use tokio::process::Command;

use crate::paypal_client::{CLIENT, Merchant};

#[tokio::test(flavor = "multi_thread")]
async fn paypals_own_library_is_content_with_the_simulator() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named =
        std::env::vars_os().find(|(name, _)| name == "RECARGA_TEST_PYTHON").map(|(_, path)| path.into());
    let python: PathBuf = named.unwrap_or_else(|| root.join(".venv/bin/python"));
    assert!(python.exists(), "{} is not there: run `make test-deps`, which makes it", python.display());
    let merchant = Merchant::start().await;
    let mut judge = Command::new(python);
    judge.current_dir(root).arg("tests/judges/paypal_judge.py").args([
        &merchant.outside.base,
        CLIENT.0,
        CLIENT.1,
    ]);
    let output = judge.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
