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
const PAYPAL: &str =
    "[payments.paypal]\nclient_id = \"id\"\nclient_secret = \"123456789\"\nwebhook_id = \"WH1\"\n";
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
        ("[support]\nemail = \"help\"".to_owned(), "support.email"),
        ("[support]\nphone = \"call us\"".to_owned(), "support.phone"),
        ("[support]\nphone = \"123\"\nhours = { fr = \"x\" }".to_owned(), "support.hours"),
        ("[support]\nhours = { en = \"always\" }".to_owned(), "support.hours"),
        ("[official]\nsites = [\"example.com\"]".to_owned(), "official.sites"),
        ("[official]\nsms_senders = [\" \"]".to_owned(), "official.sms_senders"),
        ("[official]\nmail_domain = \"help@example.com\"".to_owned(), "official.mail_domain"),
        ("[official]\ncard_statement = \"\"".to_owned(), "official.card_statement"),
        ("[official]\ncommunity = [\"https://t.me/x\"]".to_owned(), "official.community"),
        ("[orders]\nquote_ttl_minutes = 0".to_owned(), "orders.quote_ttl_minutes"),
        ("[accounts]\ncontact_countries = [\"England\"]".to_owned(), "accounts.contact_countries"),
        ("[log]\nformat = \"xml\"".to_owned(), "log.format"),
        ("[log]\nfilter = \"flows=loud\"".to_owned(), "log.filter"),
        ("simulator_url = \"http://localhost:1\"".to_owned(), "simulator_url"),
        (STRIPE.replace("webhook_secrets", "#"), "payments.stripe.webhook_secrets"),
        (STRIPE.replace("secret_key", "#"), "payments.stripe"),
        (STRIPE.replace("sk_test_", "pk_test_"), "payments.stripe.secret_key"),
        (format!("[payments]\npage_ttl_minutes = 5\n{STRIPE}"), "payments.page_ttl_minutes"),
        (stripe("base_url = \"ftp://x\""), "payments.stripe.base_url"),
        (stripe("page_origin = \"https://pay.example.com/x\""), "payments.stripe.page_origin"),
        (stripe("three_d_secure = \"never\""), "payments.stripe.three_d_secure"),
        (format!("demo = true\n{}", STRIPE.replace("sk_test_", "sk_live_")), "payments.stripe.secret_key"),
        (
            format!("{}base_url = \"http://localhost:1\"", STRIPE.replace("sk_test_", "rk_live_")),
            "payments.stripe.secret_key",
        ),
        (PAYPAL.replace("client_secret", "#"), "payments.paypal"),
        (format!("{PAYPAL}base_url = \"https://pay.example\""), "payments.paypal.base_url"),
        (format!("{PAYPAL}cert_hosts = [\"*.paypal.com\"]"), "payments.paypal.cert_hosts"),
        (format!("demo = true\n{PAYPAL}"), "payments.paypal.base_url"),
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
fn each_wrong_setting_of_the_host_network_is_one_line_that_names_its_key() {
    let network = |url: &str, key: &str| format!("[network]\nbase_url = \"{url}\"\nkey = \"{key}\"\n");
    let cases = [
        ("[network]\nbase_url = \"https://x.example\"".to_owned(), "network"),
        (network("https://x.example", ""), "network.key"),
        (network("x.example", "k"), "network.base_url"),
        (network("http://x.example", "k"), "network.base_url"),
        (
            format!("{}forgets_after_days = 0", network("https://x.example", "k")),
            "network.forgets_after_days",
        ),
        (
            format!(
                "{}forgets_after_days = 1\nnot_found_is_final_after_minutes = 1440",
                network("https://x.example", "k")
            ),
            "network.not_found_is_final_after_minutes",
        ),
        (
            format!("{}answer_within_seconds = 60", network("https://x.example", "k")),
            "network.answer_within_seconds",
        ),
        (format!("{}calls_at_once = 0", network("https://x.example", "k")), "network.calls_at_once"),
        (format!("demo = true\n{}", network("https://x.example", "k")), "network.base_url"),
    ];
    for (text, key) in cases {
        let said = read_with(&text, &[]).map(|_| ()).expect_err(&text);
        assert!(said.contains(key), "{text}\n said: {said}");
        assert!(!said.contains("123456789"), "a secret was repeated: {said}");
    }
}

#[test]
fn each_wrong_setting_of_a_fiscal_device_is_one_line_that_names_its_key() {
    let device = |market: &str, url: &str, key: &str| {
        format!("[fiscal.{market}]\nbase_url = \"{url}\"\nkey = \"{key}\"\n")
    };
    let cases = [
        (device("XX", "https://x.example", "k"), "fiscal.XX"),
        (device("GB", "x.example", "123456789"), "fiscal.GB.base_url"),
        (device("GB", "http://x.example", "123456789"), "fiscal.GB.base_url"),
        (device("GB", "https://x.example", ""), "fiscal.GB.key"),
        (
            format!("{}answer_within_seconds = 60", device("GB", "https://x.example", "k")),
            "fiscal.GB.answer_within_seconds",
        ),
        (format!("demo = true\n{}", device("GB", "https://x.example", "k")), "fiscal.GB.base_url"),
    ];
    for (text, key) in cases {
        let said = read_with(&text, &[]).map(|_| ()).expect_err(&text);
        assert!(said.contains(key) && said.lines().count() == 1, "{text}\n said: {said}");
        assert!(!said.contains("123456789"), "a secret was repeated: {said}");
    }
    let variables = [("RECARGA_FISCAL__GB__BASE_URL", "https://x.example"), ("RECARGA_FISCAL__GB__KEY", "k")];
    let settings = read_with("", &variables).expect("right");
    assert!(settings.fiscal_devices().expect("right").of("GB").is_some());
}

const MAIL: &str = "[mail]\nhost = \"smtp.example.com\"\nfrom = \"receipts@example.com\"\n\
    login = \"us\"\npassword = \"123456789\"\n";

#[test]
fn each_wrong_setting_of_the_mail_server_is_one_line_that_names_its_key() {
    let mail = |extra: &str| format!("{MAIL}{extra}\n");
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, "no certificate").unwrap();
    let cases = [
        (MAIL.replace("smtp.example.com", "smtp://example.com"), "mail.host: "),
        (MAIL.replace("host", "#"), "mail"),
        (MAIL.replace("from", "#"), "mail"),
        (MAIL.replace("receipts@example.com", "receipts"), "mail.from: "),
        (MAIL.replace("login", "#"), "mail.login: "),
        (MAIL.replace("password", "#"), "mail.password: "),
        (MAIL.replace("\"123456789\"", "[123456789]"), "mail.password: "),
        (mail("port = 0"), "mail.port: "),
        (mail("port = 70000"), "mail.port: "),
        (mail("security = \"none\""), "mail.security: "),
        (mail("security = \"plain\""), "mail.security: "),
        (mail("hello_name = \"our host\""), "mail.hello_name: "),
        (mail("extra_roots = \"/nowhere/roots.pem\""), "mail.extra_roots: "),
        (mail(&format!("extra_roots = {:?}", roots.display().to_string())), "mail.extra_roots: "),
        (format!("demo = true\n{MAIL}"), "mail.host: "),
        (mail("tls = true"), "tls"),
    ];
    for (text, key) in cases {
        let said = read_with(&text, &[]).map(|_| ()).expect_err(&text);
        assert!(said.contains(key) && said.lines().count() == 1, "{text}\n said: {said}");
        assert!(!said.contains("123456789"), "a secret was repeated: {said}");
    }
    let here = MAIL.replace("smtp.example.com", "127.0.0.1");
    read_with(&format!("demo = true\n{here}security = \"plain\"\nport = 2525\n"), &[]).unwrap();
}

#[test]
fn mails_come_from_the_brand_and_their_domain_is_genuine() {
    let settings = read_with(&format!("[portal]\nbrand = \"Luma\"\n{MAIL}"), &[]).unwrap();
    assert!(settings.mail_gateway().unwrap().is_some());
    assert_eq!(settings.official().unwrap().mail_domain.as_deref(), Some("example.com"));
    assert!(!settings.shown().unwrap().contains("123456789"));
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
    // The one key that names a file.
    let everything: String = EXAMPLE
        .lines()
        .filter(|line| !line.starts_with("#extra_roots = "))
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
    assert!(settings.mail.is_some());
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

#[test]
fn what_is_genuine_begins_with_what_we_are_and_names_nothing_twice() {
    let own = "[server]\npublic_url = \"https://topup.example.com/\"\n";
    let bare = read_with(&format!("{own}{SMPP}"), &[]).unwrap().official().unwrap();
    assert_eq!((bare.sites.len(), bare.sms_senders), (1, vec!["Luma".to_owned()]));
    let text = format!(
        "{own}{SMPP}[official]\nsites = [\"https://topup.example.com\", \"https://www.example.com/\"]\n\
         sms_senders = [\"Luma\", \"12345\"]\ncommunity = [\"App: Luma: fans\"]\n"
    );
    let official = read_with(&text, &[]).unwrap().official().unwrap();
    assert_eq!(official.sites, ["https://topup.example.com", "https://www.example.com"]);
    assert_eq!(official.sms_senders, ["Luma", "12345"]);
    let community = &official.community[0];
    assert_eq!(
        (community.place.as_str(), community.name.as_str(), community.link),
        ("App", "Luma: fans", false)
    );
}

#[test]
fn support_and_lists_can_be_set_in_the_environment() {
    let environment = [
        ("RECARGA_SUPPORT__PHONE", "+44 20 7946 0000"),
        ("RECARGA_OFFICIAL__COMMUNITY", "App: one, Telegram: https://t.me/two"),
    ];
    let settings = read_with("[support]\nhours = { zh-CN = \"x\" }\n", &environment).unwrap();
    let support = settings.support();
    assert_eq!(support.phone.as_deref(), Some("+44 20 7946 0000"));
    assert_eq!(support.hours, [(Locale::ZhCn, "x".to_owned())]);
    let links: Vec<bool> = settings.official().unwrap().community.iter().map(|one| one.link).collect();
    assert_eq!(links, [false, true]);
}
