//! The demo's own page: doors that are open, and stories of two minutes. It exists in a demo only.

use serde::Serialize;

use super::View;

/// A door that leads somewhere without signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoDoor {
    /// The personal centre of somebody who has an account.
    Subscriber,
    /// The counter of a shop, as its owner.
    Counter,
    Clerk,
    Supervisor,
}

/// What the ledger's check found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct BooksChecked {
    pub postings: u64,
    pub transfers: u64,
    pub lies: usize,
}

/// Numbers and cards that the stories use.
#[derive(Debug, Clone, Serialize)]
pub struct DemoProps {
    pub number: String,
    pub reads_chinese: String,
    /// The host network keeps this line and refuses it.
    pub network_refuses: String,
    pub card: &'static str,
    /// A PayPal account whose capture is taken and whose answer is lost.
    pub silent_paypal: &'static str,
}

impl Default for DemoProps {
    fn default() -> DemoProps {
        DemoProps {
            number: "+44 7400 123456".into(),
            reads_chinese: "+44 7400 188888".into(),
            network_refuses: "+44 7400 127001".into(),
            card: "4242 4242 4242 4242",
            silent_paypal: "lost-taken@payer.example",
        }
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Demo {
    pub doors: Vec<DemoDoor>,
    /// Where the phone, the mailbox and the controls of the simulated world are.
    pub simulator_url: Option<String>,
    pub props: DemoProps,
    pub books: Option<BooksChecked>,
    /// Was the server just ended from here?
    pub ended: bool,
}

impl View for Demo {
    const TEMPLATE: &'static str = "portal/demo.html";

    fn samples() -> Vec<Demo> {
        let full = Demo {
            doors: vec![DemoDoor::Subscriber, DemoDoor::Counter, DemoDoor::Clerk, DemoDoor::Supervisor],
            simulator_url: Some("http://localhost:8081".into()),
            props: DemoProps::default(),
            books: None,
            ended: false,
        };
        let checked = |lies| Some(BooksChecked { postings: 6_120, transfers: 9_800, lies });
        vec![
            Demo { books: checked(0), ..full.clone() },
            Demo { ended: true, ..full.clone() },
            Demo { books: checked(2), ..full.clone() },
            Demo { doors: Vec::new(), simulator_url: None, ..full },
        ]
    }
}
