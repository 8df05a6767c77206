//! Every wrong setting is one line that names its key; the later source wins.

use super::*;
use std::path::Path;

fn source(text: &str, folder: &Path) -> Source {
    let path = folder.join("recarga.toml");
    std::fs::write(&path, text).unwrap();
    Source { config: Some(path), ..Source::default() }
}

fn read_with(text: &str, environment: &[(&str, &str)]) -> std::result::Result<Settings, String> {
    crate::wiring::install_tls();
    let folder = tempfile::tempdir().unwrap();
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let settings = Settings::read(&source(text, folder.path()), environment)?;
    settings.check().map(|()| settings)
}

const STRIPE: &str = "[payments.stripe]\nsecret_key = \"sk_test_1\"\nwebhook_secrets = [\"whsec_1\"]\n";
const SMPP: &str = "[sms.smpp]\naddress = \"localhost:2775\"\nsystem_id = \"us\"\npassword = \"secret\"\nsource = \"Luma\"\n";

#[test]
fn each_wrong_setting_is_one_line_that_names_its_key() {
    let stripe = |extra: &str| format!("{STRIPE}{extra}\n");
    let smpp = |from: &str, to: &str| SMPP.replace(from, to);
    let cases = [
        ("[server]\nlissen = \"127.0.0.1:80\"".to_owned(), "lissen"),
        ("[servers]\nlisten = \"127.0.0.1:80\"".to_owned(), "servers"),
        ("[server]\nlisten = \"localhost\"".to_owned(), "server.listen"),
        ("[server]\nworkers = \"many\"".to_owned(), "server.workers"),
        ("[server]\nworkers = 0".to_owned(), "server.workers"),
        ("[server]\ntrusted_proxies = \"perhaps\"".to_owned(), "server.trusted_proxies"),
        ("[server]\npublic_url = \"example.com\"".to_owned(), "server.public_url"),
        ("[database]\nurl = \"mysql://x\"".to_owned(), "database.url"),
        ("[database]\nbatch_max = 0".to_owned(), "database.batch_max"),
        ("[portal]\ndefault_locale = \"de\"".to_owned(), "portal.default_locale"),
        ("[portal]\nbrand = \" \"".to_owned(), "portal.brand"),
        ("[orders]\nquote_ttl_minutes = 0".to_owned(), "orders.quote_ttl_minutes"),
        ("[log]\nformat = \"xml\"".to_owned(), "log.format"),
        ("[log]\nfilter = \"flows=loud\"".to_owned(), "log.filter"),
        ("simulator_url = \"http://localhost:1\"".to_owned(), "simulator_url"),
        (STRIPE.replace("webhook_secrets", "#"), "payments.stripe.webhook_secrets"),
        (STRIPE.replace("secret_key", "#"), "payments.stripe"),
        (STRIPE.replace("sk_test_", "pk_test_"), "payments.stripe.secret_key"),
        (stripe("page_ttl_minutes = 5"), "payments.stripe.page_ttl_minutes"),
        (stripe("base_url = \"ftp://x\""), "payments.stripe.base_url"),
        (stripe("page_origin = \"https://pay.example.com/x\""), "payments.stripe.page_origin"),
        (stripe("three_d_secure = \"never\""), "payments.stripe.three_d_secure"),
        (format!("demo = true\n{}", STRIPE.replace("sk_test_", "sk_live_")), "payments.stripe.secret_key"),
        (
            format!("{}base_url = \"http://localhost:1\"", STRIPE.replace("sk_test_", "rk_live_")),
            "payments.stripe.secret_key",
        ),
        (smpp("localhost:2775", "localhost"), "sms.smpp.address"),
        (smpp("\"us\"", "\"a name that is too long\""), "sms.smpp.system_id"),
        (smpp("\"secret\"", "\"123456789\""), "sms.smpp.password"),
        (smpp("\"Luma\"", "\"Luma Mobile Ltd\""), "sms.smpp.source"),
        (smpp("\"Luma\"", "\"+44x\""), "sms.smpp.source"),
        ("a = 1\n[server\n".to_owned(), "recarga.toml:2"),
        ("[sms.smpp]\npassword = \"123456789\n".to_owned(), "recarga.toml:2"),
    ];
    for (text, key) in cases {
        let said = read_with(&text, &[]).map(|_| ()).expect_err(&text);
        assert!(said.contains(key), "{text}\n said: {said}");
        assert!(!said.contains("123456789"), "a secret was repeated: {said}");
    }
}

#[test]
fn a_wrong_variable_is_named_as_well() {
    for (name, value, key) in [
        ("RECARGA_SERVER__WORKERS", "many", "server.workers"),
        ("RECARGA_SERVER__LISSEN", "x", "lissen"),
        ("RECARGA_PAYMENT__STRIPE__SECRET_KEY", "sk_test_1", "payment"),
    ] {
        let said = read_with("", &[(name, value)]).map(|_| ()).expect_err(name);
        assert!(said.contains(key), "{name}: {said}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_flags_win_over_both() {
    let text = "[server]\nworkers = 3\n[database]\nurl = \"postgres://file/x\"\n";
    let environment = [
        ("RECARGA_SERVER__WORKERS", "1"),
        ("RECARGA_SERVER__TRUSTED_PROXIES", "true"),
        ("RECARGA_PAYMENTS__STRIPE__SECRET_KEY", "sk_test_0123"),
        ("RECARGA_PAYMENTS__STRIPE__WEBHOOK_SECRETS", "whsec_1, whsec_2"),
    ];
    let settings = read_with(text, &environment).unwrap();
    assert_eq!((settings.server.workers, settings.server.trusted_proxies), (1, true));
    let stripe = settings.payments.stripe.unwrap();
    assert_eq!((stripe.secret_key.expose(), stripe.webhook_secrets.len()), ("sk_test_0123", 2));

    let folder = tempfile::tempdir().unwrap();
    let read = |data: Option<&str>, database: Option<&str>| {
        let flags = Source {
            data: data.map(PathBuf::from),
            database: database.map(str::to_owned),
            ..source(text, folder.path())
        };
        let chosen = Settings::read(&flags, HashMap::new()).unwrap().database;
        (chosen.url, chosen.data)
    };
    assert_eq!(read(Some("d"), None), (None, "d".into()), "the folder alone is SQLite");
    assert_eq!(read(None, Some("postgres://flag/x")), (Some("postgres://flag/x".into()), "data".into()));
    assert_eq!(read(Some("d"), Some("postgres://flag/x")), (Some("postgres://flag/x".into()), "d".into()));
}

#[test]
fn the_example_parses_holds_every_key_and_its_values_are_the_defaults() {
    let settings = read_with(EXAMPLE, &[]).unwrap();
    assert_eq!(settings.shown().unwrap(), Settings::default().shown().unwrap());
    let everything: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let settings = read_with(&everything, &[]).unwrap();
    assert!(
        settings.payments.stripe.is_some() && settings.sms.smpp.is_some() && settings.database.url.is_some()
    );
    // What is shown of a full file is every key there is.
    let shown = settings.shown().unwrap();
    for key in shown.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key) {
        assert!(key == "demo" || EXAMPLE.contains(&format!("{key} = ")), "{key} is not in the example");
    }
}

#[test]
fn what_is_shown_holds_no_secret() {
    let text = format!("[database]\nurl = \"postgres://me:hunter2@db/x\"\n{STRIPE}{SMPP}");
    let shown = read_with(&text, &[]).unwrap().shown().unwrap();
    for secret in ["hunter2", "sk_test_1", "whsec_1", "\"secret\""] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("postgres://me:***@db/x"), "{shown}");
    assert_eq!(redact::without_password("postgres://db/x?password=hunter2"), "postgres://***");
}

#[test]
fn buyers_are_sent_to_the_providers_pages_only() {
    let live = read_with(STRIPE, &[]).unwrap();
    assert_eq!(live.payment_origins().unwrap(), ["https://checkout.stripe.com"]);
    let own = read_with(&format!("{STRIPE}page_origin = \"https://pay.example.com\""), &[]).unwrap();
    assert_eq!(own.payment_origins().unwrap(), ["https://pay.example.com"]);
    let demo = format!(
        "demo = true\nsimulator_url = \"http://localhost:81\"\n{STRIPE}base_url = \"http://127.0.0.1:81\""
    );
    let demo = read_with(&demo, &[]).unwrap();
    assert_eq!(demo.payment_origins().unwrap(), ["http://127.0.0.1:81", "http://localhost:81"]);
}
