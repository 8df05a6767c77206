//! The administrator's commands: files that are taken whole or not at all, partners, keys, and what is refused.

use crate::support::house::{House, in_house};
use crate::support::program::{Done, run};
use crate::support::registry::{CATALOGUE, LINES, NUMBER, TEN};
use crate::support::town::in_town;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_catalogue_with_faults_is_refused_with_their_lines_and_changes_nothing
    lines_with_faults_are_refused_with_their_lines_and_change_nothing
    importing_twice_changes_nothing
    a_changed_price_is_a_new_version_and_only_that
    a_recycled_number_is_a_new_line_with_nothing_on_it
    a_partner_is_made_paid_in_and_given_a_key_that_works
    partners_are_listed_with_keys_scopes_and_floats
    a_full_register_of_lines_is_one_transaction
}

/// Runs `recarga admin ...` on the house's database.
async fn admin(house: &House, args: &[&str]) -> Done {
    let args = ["admin"].iter().chain(args).map(|arg| (*arg).to_owned());
    run(args.chain(house.place())).await
}

/// Imports a text as a file.
async fn import(house: &House, what: &str, text: &str) -> Done {
    let file = house.folder.join(format!("import-{what}"));
    std::fs::write(&file, text).expect("written");
    admin(house, &[what, "import", &file.display().to_string()]).await
}

/// Checks that a file was refused because of these lines, each with a reason.
#[track_caller]
fn refused_for(done: &Done, lines: &[usize]) {
    assert_eq!(done.code, Some(2), "{done:?}");
    let told: Vec<usize> = done
        .stderr
        .lines()
        .filter_map(|line| line.split_once(": ")?.0.rsplit_once(':')?.1.parse().ok())
        .collect();
    assert_eq!(told, lines, "{}", done.stderr);
    assert!(done.stderr.contains("nothing was imported") && done.stdout.is_empty(), "{done:?}");
}

mod checks {
    use super::*;

    pub fn a_catalogue_with_faults_is_refused_with_their_lines_and_changes_nothing(engine: Engine) {
        in_house(engine, async |house| {
            let before = house.count("select count(*) from offer").await;
            let wrong = CATALOGUE
                .replacen("value_minor = 500", "value_minor = -500", 1)
                .replacen("currency = \"EUR\"", "currency = \"EURO\"", 1)
                .replacen("value_minor = 700", "value_minor = 800", 1);
            let line = |text: &str| wrong.lines().position(|l| l == text).expect("a line") + 1;
            let offer = wrong[..wrong.find("gb-credit-5").unwrap()].lines().count() - 1;
            let market = wrong[..line_start(&wrong, line("country = \"DE\""))].lines().count();
            refused_for(&import(house, "catalogue", &wrong).await, &[offer, market]);
            refused_for(&import(house, "catalogue", "operator = \n").await, &[1]);
            assert_eq!(house.count("select count(*) from offer").await, before);
            let missing = admin(house, &["catalogue", "import", "/no/such/file"]).await;
            missing.refused("/no/such/file");
        });
    }

    /// Where a line begins in a text.
    fn line_start(text: &str, line: usize) -> usize {
        text.lines().take(line - 1).map(|l| l.len() + 1).sum()
    }

    pub fn lines_with_faults_are_refused_with_their_lines_and_change_nothing(engine: Engine) {
        in_house(engine, async |house| {
            let csv = "msisdn,status,locale\n\
                       +447400123499,active,\n\
                       447400,active,\n\
                       +447700900123,active,\n\
                       +447400123498,asleep,\n\
                       +447400123497,active,tlh\n\
                       +447400123496,active,en,more\n\
                       +447400123499,active,\n";
            refused_for(&import(house, "lines", csv).await, &[3, 4, 5, 6, 7, 8]);
            refused_for(&import(house, "lines", "number\n+447400123499\n").await, &[1]);
            assert_eq!(house.count("select count(*) from line").await, 12);
        });
    }

    pub fn importing_twice_changes_nothing(engine: Engine) {
        in_house(engine, async |house| {
            for _ in 0..2 {
                let catalogue = import(house, "catalogue", CATALOGUE).await.worked();
                assert_eq!(catalogue.stdout, "markets 2, offers 7, new versions 0\n");
                let lines = import(house, "lines", LINES).await.worked();
                assert_eq!(lines.stdout, "added 0, changed 0, unchanged 12\n");
            }
            let changed = import(house, "lines", "msisdn,status\n+447400123457,barred\n").await.worked();
            assert_eq!(changed.stdout, "added 0, changed 1, unchanged 0\n");
        });
    }

    pub fn a_changed_price_is_a_new_version_and_only_that(engine: Engine) {
        in_house(engine, async |house| {
            let dearer = CATALOGUE.replacen("value_minor = 1000", "value_minor = 1100", 1);
            let done = import(house, "catalogue", &dearer).await.worked();
            assert_eq!(done.stdout, "markets 2, offers 7, new versions 1\n");
            assert_eq!(house.count("select count(*) from offer where offer_id = 'gb-credit-10'").await, 2);
            assert_eq!(house.count("select count(*) from offer").await, 8);
        });
    }

    pub fn a_recycled_number_is_a_new_line_with_nothing_on_it(engine: Engine) {
        in_town(engine, async |town| {
            let sold = town.api.sell("before", NUMBER, TEN).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            let imported = town.import_lines(&format!("msisdn,status\n+{NUMBER},active\n")).await;
            assert_eq!((imported.added, imported.changed), (1, 0));
            assert_eq!(town.api.balance(NUMBER).await, 0, "the credit was its former owner's");
            assert_eq!(town.api.sell("after", NUMBER, "gb-credit-5").await.status, 201);
            assert_eq!(town.api.balance(NUMBER).await, 500);
            assert_eq!(town.api.state(sold.text_of("id")).await, "credited", "the history stays");
            assert_eq!(town.count("select count(distinct line_id) from top_up").await, 2);
        });
    }

    pub fn a_partner_is_made_paid_in_and_given_a_key_that_works(engine: Engine) {
        in_house(engine, async |house| {
            let create = ["partner", "create", "--name", "Kiosk Ltd"];
            let id = admin(house, &create).await.worked().stdout.trim().to_owned();
            assert_eq!(
                admin(house, &create).await.worked().stdout.trim(),
                id,
                "the same name, the same partner"
            );
            let deposit = |minor: &'static str| {
                let id = id.clone();
                async move {
                    let amount = ["--amount-minor", minor, "--currency", "GBP", "--reference", "BANK-1"];
                    admin(house, &[&["partner", "deposit", "--partner", &id], &amount[..]].concat()).await
                }
            };
            assert_eq!(deposit("2000").await.worked().stdout, "booked\n");
            assert_eq!(deposit("2000").await.worked().stdout, "was booked before; nothing changed\n");
            assert_eq!(deposit("3000").await.code, Some(1), "another amount under the same reference");
            deposit("0").await.refused("--amount-minor");
            let key = admin(house, &["api-key", "create", "--partner", &id]).await.worked();
            assert_eq!(key.stdout.lines().count(), 1, "nothing but the key");
            let server = house.serve().await;
            let api = house.api.with_key(key.stdout.trim());
            assert_eq!(api.sell("k", NUMBER, TEN).await.status, 201);
            assert_eq!(api.float("GBP").await, 1_000);
            let named = key.stderr.split_whitespace().find(|word| word.starts_with("key_")).expect("its id");
            admin(house, &["api-key", "revoke", named]).await.worked();
            crate::support::wait::until("the revoked key to be refused", async || {
                api.get("/v1/float").await.status == 401
            })
            .await;
            admin(house, &["api-key", "revoke", named]).await.refused(named);
            let nobody = "pt_01JD9Z3K7Q8W4M5N6P7R8S9T0V";
            let orphan = admin(house, &["api-key", "create", "--partner", nobody]).await;
            assert!(orphan.code.is_some_and(|code| code > 0) && orphan.stdout.is_empty(), "{orphan:?}");
            server.stop().await;
        });
    }

    pub fn partners_are_listed_with_keys_scopes_and_floats(engine: Engine) {
        in_house(engine, async |house| {
            let list = async || admin(house, &["partner", "list"]).await.worked().stdout;
            let before = list().await;
            let shop = &house.partner.id;
            assert!(before.contains(&format!("partner {shop} \"Corner Shop\"\n")), "{before}");
            for currency in ["GBP", "EUR"] {
                let float = format!("  float {currency} balance 1000000; available 1000000; credit line 0\n");
                assert!(before.contains(&float), "{before}");
            }
            assert!(!before.contains("rk_"), "a key itself is never shown again: {before}");
            let id = admin(house, &["partner", "create", "--name", "Kiosk \n Ltd"]).await.worked().stdout;
            let id = id.trim();
            let scopes = ["--scope", "float:read", "--scope", "lines:read"];
            let create = [&["api-key", "create", "--partner", id], &scopes[..]].concat();
            let made = admin(house, &create).await.worked().stderr;
            let key = made.split_whitespace().find(|word| word.starts_with("key_")).expect("its id");
            let line = ["--partner", id, "--amount-minor", "500", "--currency", "GBP"];
            admin(house, &[&["partner", "credit-line"], &line[..]].concat()).await.worked();
            let after = list().await;
            assert!(after.starts_with(&before), "by name: {after}");
            let own = after.split_once(&format!("partner {id} \"Kiosk \\n Ltd\"\n")).expect("listed").1;
            let own: Vec<&str> = own.lines().collect();
            assert_eq!(own.len(), 2, "{after}");
            assert!(own[0].starts_with(&format!("  key {key} active; made 2")), "{after}");
            assert!(own[0].ends_with("; float:read lines:read"), "{after}");
            assert_eq!(own[1], "  float GBP balance 0; available 500; credit line 500");
            admin(house, &["api-key", "revoke", key]).await.worked();
            let revoked = format!("  key {key} revoked 2");
            assert!(list().await.contains(&revoked), "a revoked key stays in the list");
        });
    }

    pub fn a_full_register_of_lines_is_one_transaction(engine: Engine) {
        in_house(engine, async |house| {
            let mut csv = "msisdn,status,locale\n".to_owned();
            for n in 0..2_000 {
                csv.push_str(&format!("+44740020{n:04},active,\n"));
            }
            let done = import(house, "lines", &csv).await.worked();
            assert_eq!(done.stdout, "added 2000, changed 0, unchanged 0\n");
            csv.push_str("broken,active,\n");
            refused_for(&import(house, "lines", &csv).await, &[2_002]);
            assert_eq!(house.count("select count(*) from line").await, 2_012);
        });
    }
}
