//! `source`: the sites that may send requests.

use chrono_tz::Tz;
use clap::{
    Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use connectors::Connector;
use domain::request::RequestKind;
use gateway::Gateway;

use super::Stop;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Add a source and print its address; the secret, in it or on a line of its own, is shown only once
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
    /// List the sources
    List,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KindWord {
    Callback,
    Booking,
    CertificateOrder,
    Message,
}

pub(super) async fn source(gateway: &Gateway, command: SourceCommand) -> Result<(), Stop> {
    match command {
        SourceCommand::Add { connector, name, zone, kind } => {
            let made = gateway.add_source(connector, &name, zone, kind.into()).await?;
            println!("{}", made.url.as_ref().unwrap_or(&made.path));
            if !made.path.contains(&made.secret) {
                // for the field «Secret» of the shop's webhook
                println!("{}", made.secret);
            }
        }
        SourceCommand::List => {
            for source in gateway.sources().await? {
                let zone = source.zone.map_or("-", |zone| zone.name());
                println!("{}\t{}\t{zone}\t{}", source.id, source.connector.as_str(), source.name);
            }
        }
    }
    Ok(())
}

/// One of the connectors, all of which `--help` lists.
fn a_connector() -> impl TypedValueParser<Value = Connector> {
    PossibleValuesParser::new(Connector::ALL.map(Connector::as_str)).try_map(|word| word.parse::<Connector>())
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
