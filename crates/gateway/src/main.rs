//! `reception-gateway`: the gateway as a program. The work is in the library; here are its arguments and its end.
#![allow(clippy::print_stdout, reason = "a command line speaks to its user by standard output")]

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use chrono_tz::Tz;
use clap::{Parser, Subcommand, ValueEnum};
use connectors::Connector;
use domain::request::RequestKind;
use gateway::{Gateway, GatewayConfig, GatewayError};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// The gateway of a clinic: takes in requests of the website and keeps the desks in step.
#[derive(Parser)]
#[command(name = "reception-gateway", version)]
struct Arguments {
    /// The database's file.
    #[arg(long, env = "RECEPTION_GATEWAY_DATABASE", default_value = "gateway.db", global = true)]
    database: PathBuf,
    /// Where sites reach the gateway, for the addresses that `source add` shows.
    #[arg(long, env = "RECEPTION_GATEWAY_PUBLIC_URL", global = true)]
    public_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl+C.
    Serve {
        /// Address and port.
        #[arg(long, env = "RECEPTION_GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Print the one-time code for the first desk. A code that was printed before dies.
    Init,
    /// Begin a new epoch, after the database was restored from a copy: every desk pulls from the beginning.
    NewEpoch,
    /// The sources of requests.
    Source {
        #[command(subcommand)]
        command: SourceCommand,
    },
}

#[derive(Subcommand)]
enum SourceCommand {
    /// Add a source and print its address. The address holds the secret and is shown only once.
    Add {
        connector: ConnectorWord,
        /// «Сайт клиники»
        name: String,
        /// IANA zone of times that the site sends without an offset.
        #[arg(long)]
        zone: Option<Tz>,
        /// What a request is when nothing in it says so.
        #[arg(long, default_value = "callback")]
        kind: KindWord,
    },
    /// List the sources.
    List,
}

#[derive(Clone, Copy, ValueEnum)]
enum ConnectorWord {
    Tilda,
    Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindWord {
    Callback,
    Booking,
    CertificateOrder,
    Message,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("RECEPTION_GATEWAY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(error = %error, source, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), GatewayError> {
    let config = GatewayConfig { database: arguments.database, public_url: arguments.public_url };
    if let Command::Serve { listen } = arguments.command {
        return serve(config, listen).await;
    }
    let gateway = Gateway::open_beside(config).await?;
    match arguments.command {
        Command::Serve { .. } => {}
        Command::Init => match gateway.founding_code().await? {
            Some(code) => println!("{code}"),
            None => println!("the clinic is founded already: a desk makes the codes for further desks"),
        },
        Command::NewEpoch => gateway.begin_epoch().await?,
        Command::Source { command } => source(&gateway, command).await?,
    }
    gateway.close().await
}

async fn serve(config: GatewayConfig, listen: SocketAddr) -> Result<(), GatewayError> {
    let gateway = Gateway::open(config).await?;
    let listener = TcpListener::bind(listen).await.map_err(GatewayError::Listen)?;
    let address = listener.local_addr().map_err(GatewayError::Listen)?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    gateway.serve(listener, stop()).await?;
    tracing::info!("stopped");
    Ok(())
}

async fn source(gateway: &Gateway, command: SourceCommand) -> Result<(), GatewayError> {
    match command {
        SourceCommand::Add { connector, name, zone, kind } => {
            let made = gateway.add_source(connector.into(), &name, zone, kind.into()).await?;
            println!("{}", made.url.unwrap_or(made.path));
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

impl From<ConnectorWord> for Connector {
    fn from(word: ConnectorWord) -> Self {
        match word {
            ConnectorWord::Tilda => Self::Tilda,
            ConnectorWord::Form => Self::Form,
        }
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

/// Ends when the system or the user asks to stop.
async fn stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
