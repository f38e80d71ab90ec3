//! `source`: the sites that may send requests.

use std::{io::Read, path::PathBuf, process::ExitCode};

use chrono_tz::Tz;
use clap::{
    Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use connectors::{Connector, DryRun};
use contract::v1::sources::SourceHealth;
use domain::{
    mapping::{FieldMeaning, FieldRule},
    request::RequestKind,
};
use gateway::{Gateway, Source, Upstream};
use serde::Serialize;

use super::{LOOK, Stop};

/// Submissions of a site are no larger.
const LARGEST: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Add a source and print its address; the address holds the secret and is shown only once
    #[command(long_about = ADD)]
    Add {
        #[arg(value_parser = a_connector())]
        connector: Connector,
        /// «Сайт клиники»
        name: String,
        /// IANA zone of times that the site sends without an offset
        #[arg(long)]
        zone: Option<Tz>,
        /// What a request is when nothing in it says so
        #[arg(long, default_value = "callback")]
        kind: KindWord,
    },
    /// List the sources: id, connector, zone, whether it is enabled, name
    List,
    /// Send a marked request through the source's own door; it appears at the desks as a test
    Test { source: String },
    /// Say what would become of a payload, and store nothing
    Try {
        source: String,
        /// The payload; without it standard input
        file: Option<PathBuf>,
        /// Its media type, as the site would say it
        #[arg(long = "type", default_value = "application/x-www-form-urlencoded")]
        content_type: String,
    },
    /// Say what the site's fields mean, all rules at once; without rules, show those in effect
    Map {
        source: String,
        /// As `source try` names the field, and what it is: `input_7=phone`
        #[arg(value_parser = a_rule)]
        rules: Vec<FieldRule>,
        /// No rules any more
        #[arg(long, conflicts_with = "rules")]
        clear: bool,
    },
    /// Name the zone of times that the site sends without an offset
    Zone { source: String, zone: Tz },
    /// Say how the gateway can ask the site itself, from a TOML file that holds the access
    #[command(long_about = ACCESS)]
    Access {
        source: String,
        /// `-` for standard input
        file: PathBuf,
    },
    /// Take nothing in from the source any more; what it has brought stays
    Disable { source: String },
    /// Take in again
    Enable { source: String },
    /// Tell how a source fares, or all of them; ends with 1 if somebody should look
    Health { source: Option<String> },
}

const ADD: &str = "Add a source and print its address. The address holds the secret and is shown only once.\n\n\
    A shop (woocommerce) signs what it sends: its address has no secret, which is printed as the second line.";

const ACCESS: &str = "Say how the gateway can ask the site itself, from a TOML file that holds the access:\n\n\
    woocommerce: url, consumer_key, consumer_secret\n\
    yclients: url, company, partner_token, user_token\n\
    mailbox: host, port, tls, user, password, folder, and from if only letters of that sender count";

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KindWord {
    Callback,
    Booking,
    CertificateOrder,
    Message,
}

pub(super) async fn source(gateway: &Gateway, command: SourceCommand) -> Result<ExitCode, Stop> {
    match command {
        SourceCommand::Add { connector, name, zone, kind } => {
            let made = gateway.add_source(connector, &name, zone, kind.into()).await?;
            println!("{}", made.url.unwrap_or(made.path));
            if connector == Connector::WooCommerce {
                println!("{}", made.secret);
            }
        }
        SourceCommand::List => gateway.sources().await?.iter().for_each(|source| println!("{}", line(source))),
        SourceCommand::Test { source } => {
            let report = gateway.test_source(&source).await?;
            println!("{} {}", report.status, report.answer.trim());
            if !report.is_success() {
                return Ok(ExitCode::FAILURE);
            }
        }
        SourceCommand::Try { source, file, content_type } => {
            let body = read(file.as_deref().filter(|path| path.as_os_str() != "-"))?;
            tell(&gateway.try_payload(&source, &content_type, &body).await?);
        }
        SourceCommand::Map { source, rules, clear } if clear || !rules.is_empty() => {
            gateway.set_mapping(&source, rules).await?;
        }
        SourceCommand::Map { source, .. } => {
            for rule in known(gateway, &source).await?.mapping {
                println!("{}={}", rule.field, word(&rule.meaning));
            }
        }
        SourceCommand::Zone { source, zone } => gateway.set_zone(&source, Some(zone)).await?,
        SourceCommand::Access { source, file } => {
            let connector = known(gateway, &source).await?.connector;
            gateway.set_upstream(&source, access(connector, &file)?).await?;
        }
        SourceCommand::Disable { source } => gateway.set_source_enabled(&source, false).await?,
        SourceCommand::Enable { source } => gateway.set_source_enabled(&source, true).await?,
        SourceCommand::Health { source } => return health(gateway, source.as_deref()).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// One of the connectors, all of which `--help` lists.
fn a_connector() -> impl TypedValueParser<Value = Connector> {
    PossibleValuesParser::new(Connector::ALL.map(Connector::as_str)).try_map(|word| word.parse::<Connector>())
}

/// `field=meaning`; a field's name may hold an equals sign, a meaning does not.
fn a_rule(text: &str) -> Result<FieldRule, String> {
    let (field, meaning) = text.rsplit_once('=').ok_or("a rule looks like input_7=phone")?;
    let meaning = serde_json::from_value::<FieldMeaning>(meaning.into());
    // the words that there are: serde lists them
    meaning.map(|meaning| FieldRule { field: field.to_owned(), meaning }).map_err(|error| error.to_string())
}

fn line(source: &Source) -> String {
    let zone = source.zone.map_or("-", |zone| zone.name());
    let state = if source.enabled { "enabled" } else { "disabled" };
    format!("{}\t{}\t{zone}\t{state}\t{}", source.id, source.connector.as_str(), source.name)
}

async fn known(gateway: &Gateway, id: &str) -> Result<Source, Stop> {
    let sources = gateway.sources().await?;
    sources.into_iter().find(|source| source.id == id).ok_or(Stop::Say("there is no such source"))
}

fn read(file: Option<&std::path::Path>) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    let all = match file {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)),
        None => std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes),
    };
    all.map_err(Stop::Input)?;
    Ok(bytes)
}

/// The access of a file. What is wrong with it is said without its lines: they hold the secret.
fn access(connector: Connector, file: &std::path::Path) -> Result<Upstream, Stop> {
    let bytes = read(Some(file).filter(|path| path.as_os_str() != "-"))?;
    let table = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let mut table = table.ok_or(Stop::Say("the file is not TOML"))?;
    let kind = match connector {
        Connector::WooCommerce => "woo_commerce",
        Connector::Yclients => "yclients",
        Connector::Mailbox => "mailbox",
        _ => return Err(Stop::Say("a source of this kind is not asked: the site sends by itself")),
    };
    table.insert("upstream".to_owned(), kind.into());
    table
        .try_into()
        .map_err(|_| Stop::Say("the file lacks a key of the access, or holds a wrong one; see source access --help"))
}

/// The word that a value has on the wire.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn tell(run: &DryRun) {
    for field in &run.fields {
        let dropped = field.dropped.map(|sort| format!("\t({sort})")).unwrap_or_default();
        println!("{}\t{}\t{}{dropped}", field.field, word(&field.taken_for), word(&field.why));
    }
    match run.parsed.quarantine() {
        None => println!("=> it would be taken in"),
        Some(reason) => println!("=> it would be shown at the desks as not recognised: {}", word(&reason)),
    }
}

async fn health(gateway: &Gateway, id: Option<&str>) -> Result<ExitCode, Stop> {
    let mut look = false;
    let sources = match id {
        Some(id) => vec![known(gateway, id).await?],
        None => gateway.sources().await?,
    };
    for source in sources {
        let health = gateway.source_health(&source.id).await?;
        let state = state(&source, &health);
        look |= !matches!(state, "ok" | "disabled" | "new");
        let seen = health.last_seen.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        let error = health.last_error.map(|error| format!(", last error {}", error.kind)).unwrap_or_default();
        println!(
            "{}\t{state}\tlast seen {seen}; in seven days {} taken, {} not recognised, {} refused or failed{error}\t{}",
            source.id, health.taken, health.quarantined, health.failed, source.name,
        );
    }
    Ok(if look { ExitCode::from(LOOK) } else { ExitCode::SUCCESS })
}

/// In one word, the worst first.
fn state(source: &Source, health: &SourceHealth) -> &'static str {
    match () {
        () if !source.enabled => "disabled",
        () if health.asking_failed >= 3 => "unreachable",
        () if health.silent => "silent",
        () if health.error_percent >= 50 => "failing",
        () if health.last_seen.is_none() => "new",
        () => "ok",
    }
}

impl From<KindWord> for RequestKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Callback => Self::Callback,
            KindWord::Booking => Self::Booking,
            KindWord::CertificateOrder => Self::CertificateOrder,
            KindWord::Message => Self::Message,
        }
    }
}
