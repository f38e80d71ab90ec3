//! Every way in which settings go wrong, and who wins.

use std::collections::BTreeMap;

use super::*;

/// Reads settings out of a file, variables and flags.
fn read(file: &str, variables: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Settings, WrongSettings> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gateway.toml");
    std::fs::write(&path, file).unwrap();
    let variables = variables.iter().map(|(name, value)| (format!("{PREFIX}{name}").into(), value.into())).collect();
    let flags: BTreeMap<_, _> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Settings::read(&Flags(flags), &Surroundings { variables, file: Some(path) })
}

/// The one thing that is wrong.
fn wrong(file: &str, variables: &[(&str, &str)]) -> Wrong {
    let mut all = read(file, variables, &[]).unwrap_err().0;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn nothing_set_is_a_gateway_on_this_machine_alone() {
    let settings = read("", &[], &[]).unwrap();
    assert_eq!(settings.database.to_string(), "gateway.db");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.operations.map(|address| address.to_string()).as_deref(), Some("127.0.0.1:9464"));
    assert_eq!(settings.tls, None);
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\npublic_url = \"https://a.example\"";
    let variables = [("LISTEN", "127.0.0.1:2"), ("LOG", "debug")];
    let settings = read(file, &variables, &[("listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.log, "debug");
    assert_eq!(settings.public_url.as_deref(), Some("https://a.example"));
    let shown = settings.show();
    assert!(shown.contains("listen = \"127.0.0.1:3\"  # --listen"), "{shown}");
    assert!(shown.contains("log = \"debug\"  # RECEPTION_GATEWAY_LOG"), "{shown}");
    assert!(shown.contains("limits.connections = 768  # default"), "{shown}");
}

/// What is shown is a file that says the same.
#[test]
fn what_is_shown_can_be_read_again() {
    let file =
        "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[limits]\nstop_seconds = 5\n[operations]\nlisten = \"off\"";
    let once = read(file, &[], &[]).unwrap();
    let again = read(&once.show(), &[], &[]).unwrap();
    assert_eq!(once.trusted_proxies, again.trusted_proxies);
    assert_eq!((again.trusted_proxies.len(), again.operations), (2, None));
    assert_eq!((once.stop_time, again.stop_time), (Duration::from_secs(5), Duration::from_secs(5)));
}

#[test]
fn every_wrong_value_names_its_key_and_shows_a_right_one() {
    for (line, key, what) in [
        ("database = \"mysql://db/x\"", "database", "not of a PostgreSQL"),
        ("database = \"\"", "database", "empty"),
        ("suppression_journal = \"\"", "suppression_journal", "empty"),
        ("listen = 8080", "listen", "not an IP address with a port"),
        ("listen = \"localhost\"", "listen", "not an IP address with a port"),
        ("listen = 1.5", "listen", "of type float does not fit"),
        ("listen = \"0.0.0.0:80\"", "listen", "plain HTTP"),
        ("public_url = \"gateway.clinic.example\"", "public_url", "does not begin with https://"),
        ("public_url = \"https://u:p@x\"", "public_url", "not the address of a server"),
        ("public_url = \"https://\"", "public_url", "not the address of a server"),
        ("trusted_proxies = \"nginx\"", "trusted_proxies", "\"nginx\" is not an IP address or a network"),
        ("trusted_proxies = [1]", "trusted_proxies", "of type array does not fit"),
        ("allow_plain_http = \"yes\"", "allow_plain_http", "neither true nor false"),
        ("[tls]\ncertificate = \"/nowhere\"\nkey = \"/dev/null\"", "tls.certificate", "cannot be read"),
        ("[tls]\nkey = \"/nowhere\"", "tls.key", "cannot be read"),
        ("[tls]\nkey = \"/dev/null\"", "tls.certificate", "TLS needs both"),
        ("[tls]\ncertificate = \"/dev/null\"", "tls.key", "TLS needs both"),
        ("[operations]\nlisten = \"on\"", "operations.listen", "not an IP address with a port"),
        ("[operations]\nlisten = \"0.0.0.0:1\"", "operations.listen", "without a password"),
        ("[operations]\nallow_outside = 1", "operations.allow_outside", "neither true nor false"),
        ("[limits]\nconnections = 0", "limits.connections", "not a number from 1"),
        ("[limits]\nheader_seconds = -1", "limits.header_seconds", "not a number from 1"),
        ("[limits]\nstop_seconds = \"20s\"", "limits.stop_seconds", "not a number from 1"),
        ("[limits]\ndesk_per_second = 0", "limits.desk_per_second", "not a number from 1"),
        ("min_desk_version = \"1.4\"", "min_desk_version", "not a version of three numbers"),
        ("log = \"verbose\"", "log", "\"verbose\" is not one of"),
        ("log = \"gateway=loud\"", "log", "\"loud\" is not one of"),
    ] {
        let wrong = wrong_of(line, key);
        assert!(wrong.what.contains(what), "{line}: {wrong}");
        assert!(wrong.example.is_some_and(|example| !example.is_empty()), "{line}");
    }
}

/// What is said about a key; a line may be wrong in two ways.
fn wrong_of(file: &str, key: &str) -> Wrong {
    let all = read(file, &[], &[]).unwrap_err().0;
    let found = all.iter().find(|wrong| wrong.key == key);
    found.unwrap_or_else(|| panic!("{file}: {all:?}")).clone()
}

#[test]
fn every_key_is_checked_by_the_test_of_wrong_values() {
    let tested = include_str!("tests.rs");
    for key in KEYS {
        assert!(tested.contains(&format!(", \"{}\", ", key.name)), "{}", key.name);
    }
}

#[test]
fn a_name_that_is_none_is_an_error_and_the_nearest_is_named() {
    let typed = wrong("listne = \"127.0.0.1:1\"", &[]);
    assert_eq!(typed.key, "listne");
    assert!(typed.what.contains("is listen meant?"), "{typed}");
    assert!(wrong("[tls]\ncertificates = \"x\"", &[]).what.contains("is tls.certificate meant?"));
    assert!(wrong("", &[("TLS_CERT", "x")]).what.contains("is RECEPTION_GATEWAY_TLS_CERTIFICATE meant?"));
    assert_eq!(wrong("colour = 1", &[]).what, "there is no such setting");
    // only a secret may come from a file
    assert_eq!(wrong("listen_file = \"x\"", &[]).key, "listen_file");
}

#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let said = read("listen = 1\nlog = \"x\"", &[("PUBLIC_URL", "x")], &[("database", "")]).unwrap_err().to_string();
    for part in ["listen (/", "log (/", "public_url (RECEPTION_GATEWAY_PUBLIC_URL)", "database (--database)"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_secret_comes_from_a_file_of_its_own_and_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("address");
    std::fs::write(&path, "postgres://reception:hunter2@db/reception\n").unwrap();
    let path = path.display().to_string();
    for settings in [read(&format!("database_file = {path:?}"), &[], &[]), read("", &[("DATABASE_FILE", &path)], &[])] {
        let settings = settings.unwrap();
        assert_eq!(settings.database.to_string(), "postgres://db:5432/reception");
        for said in [settings.show(), format!("{settings:?}"), settings.database.to_string()] {
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
    assert!(wrong("database_file = \"/nowhere\"", &[]).what.contains("cannot be read"));
    // a file that is no TOML is not repeated
    let said = wrong("database = \"postgres://reception:hunter2@db\nlisten = 1", &[]).to_string();
    assert!(said.contains("line 1 is not TOML") && !said.contains("hunter2"), "{said}");
}

#[test]
fn plain_http_to_the_outside_must_be_said_aloud() {
    let file = "listen = \"0.0.0.0:8080\"\nallow_plain_http = true";
    assert!(read(file, &[], &[]).is_ok());
    let file = "[operations]\nlisten = \"0.0.0.0:9464\"\nallow_outside = true";
    assert!(read(file, &[], &[]).is_ok());
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let surroundings = Surroundings { variables: Vec::new(), file: Some("/nowhere/gateway.toml".into()) };
    let said = Settings::read(&Flags::default(), &surroundings).unwrap_err().to_string();
    assert!(said.contains("/nowhere/gateway.toml") && said.contains("cannot be read"), "{said}");
}

/// The page for whoever installs it shows settings that are ones.
#[test]
fn the_documented_file_and_image_hold_settings_that_can_be_taken() {
    let settings = read(include_str!("../../../../docs/deploy/reception-gateway.toml"), &[], &[]).unwrap();
    assert_eq!(settings.public_url.as_deref(), Some("https://gateway.clinic.example"));

    let image = include_str!("../../../../docs/deploy/Containerfile");
    let variables = image.split_whitespace().filter_map(|word| word.strip_prefix(PREFIX)?.split_once('='));
    let variables: Vec<_> = variables.collect();
    assert_eq!(variables.len(), 3);
    let settings = read("", &variables, &[]).unwrap();
    assert_eq!(settings.listen.to_string(), "0.0.0.0:8080");
}
