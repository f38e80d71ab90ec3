//! Every key of the settings, with an example and its meaning.

/// A key of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As in the file, with its table: `tls.key`.
    pub name: &'static str,
    /// May come from a file of its own (`database_file`), and is never shown.
    pub secret: bool,
    /// The default as the file would say it; empty: there is none.
    pub default: &'static str,
    pub example: &'static str,
    pub meaning: &'static str,
}

impl Key {
    /// The variable of the environment: `RECEPTION_GATEWAY_TLS_KEY`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{}{}", super::PREFIX, self.name.replace('.', "_").to_uppercase())
    }
}

const fn key(name: &'static str, default: &'static str, example: &'static str, meaning: &'static str) -> Key {
    Key { name, secret: false, default, example, meaning }
}

/// Every key.
pub const KEYS: &[Key] = &[
    Key {
        secret: true,
        ..key(
            "database",
            r#""gateway.db""#,
            r#""/var/lib/reception-gateway/gateway.db" or "postgres://reception@db.clinic.example/reception""#,
            "the file of an SQLite, or the address of a PostgreSQL",
        )
    },
    key(
        "suppression_journal",
        "",
        r#""/var/lib/reception-gateway/suppressed""#,
        "where erasures are noted, for a restore to go by; by default beside an SQLite's file; keep it apart from backups",
    ),
    key("listen", r#""127.0.0.1:8080""#, r#""127.0.0.1:8080""#, "address and port for sites and desks"),
    key(
        "public_url",
        "",
        r#""https://gateway.clinic.example""#,
        "where sites and desks reach the gateway, for the addresses that `source add` shows",
    ),
    key(
        "trusted_proxies",
        "[]",
        r#"["127.0.0.1", "10.0.0.0/8"]"#,
        "proxies whose X-Forwarded-For is believed; it counts for rate limits alone",
    ),
    key("allow_plain_http", "false", "true", "serve without TLS on an address that other machines reach"),
    key("tls.certificate", "", r#""/etc/reception-gateway/fullchain.pem""#, "PEM file with the chain of certificates"),
    key("tls.key", "", r#""/etc/reception-gateway/privkey.pem""#, "PEM file with the private key"),
    key(
        "operations.listen",
        r#""127.0.0.1:9464""#,
        r#""127.0.0.1:9464" or "off""#,
        "address and port for /metrics, /live and /ready",
    ),
    key("operations.allow_outside", "false", "true", "serve the metrics on an address that other machines reach"),
    key("limits.connections", "768", "768", "connections at once; below what the system allows in open files"),
    key("limits.header_seconds", "30", "30", "for the head of a request, and for an idle connection"),
    key("limits.stop_seconds", "20", "20", "for what is under way when the gateway is asked to stop"),
    key("limits.desk_per_second", "20", "20", "requests of one desk, after a first burst of thirty times as many"),
    key("min_desk_version", "", r#""1.4.0""#, "desks that run an older version are turned away until they are updated"),
    key("log", r#""info""#, r#""info" or "info,gateway=debug""#, "what is logged: error, warn, info, debug, trace"),
];

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
