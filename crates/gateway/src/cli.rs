//! The command line. Answers go to standard output; what went wrong goes to standard error in words. Only `serve` logs.

mod backup;
mod desk;
mod health;
mod serve;
mod signal;
mod source;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use gateway::{
    Gateway, GatewayConfig, GatewayError, SourceError, TlsError,
    config::{self, Flags, Settings, Surroundings, WrongSettings},
};

/// The gateway of a clinic: takes in requests of the website and keeps the desks in step.
#[derive(Debug, Parser)]
#[command(name = "reception-gateway", version, after_help = AFTER)]
pub(crate) struct Line {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "Every setting may stand in the file, or in the environment as RECEPTION_GATEWAY_<KEY> \
(tls.key: RECEPTION_GATEWAY_TLS_KEY). A flag wins over the environment, the environment over the file. \
`config keys` lists the settings, `config check` shows those in effect.";

#[derive(Debug, Args)]
struct Common {
    /// The file of settings, in TOML; without it /etc/reception-gateway.toml, if it is there
    #[arg(long, env = "RECEPTION_GATEWAY_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// The database: a file, or postgres://… (an address with a password belongs into `database_file`)
    #[arg(long, global = true)]
    database: Option<String>,
    /// Where sites and desks reach the gateway: `https://gateway.clinic.example`
    #[arg(long, global = true)]
    public_url: Option<String>,
    /// What is logged: error, warn, info, debug or trace
    #[arg(long, global = true)]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl+C; a second one ends at once
    Serve {
        /// Address and port
        #[arg(long)]
        listen: Option<String>,
    },
    /// Print the one-time code for the first desk; a code that was printed before dies
    Init,
    /// Begin a new epoch, after the database was restored by other means than `restore`: every desk pulls from the beginning
    NewEpoch,
    /// Save everything into a new file, while the gateway works on
    Backup {
        /// The file; it is for its owner only, and holds the gateway's own secrets
        to: PathBuf,
    },
    /// Rewrite backups without what was erased since they were made
    Cleanse {
        /// What `backup` wrote
        backups: Vec<PathBuf>,
    },
    /// Fill a new database from a backup; what was erased or blocked since is done again
    Restore(backup::RestoreArgs),
    /// The desks
    #[command(subcommand)]
    Desk(desk::DeskCommand),
    /// The sources of requests
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Ask the running gateway how it is; ends with 0: well, 1: somebody should look, 2: it does not work
    Health(health::HealthArgs),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check every setting and show those in effect, without secrets
    Check,
    /// List every setting with its default and an example
    Keys,
}

/// Ends with it what somebody should look at, as monitors that follow Nagios count.
const LOOK: u8 = 1;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Settings(#[from] WrongSettings),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the input cannot be read")]
    Input(#[source] std::io::Error),
    #[error("the gateway cannot listen on {address}")]
    Listen {
        address: std::net::SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("{0}")]
    Say(&'static str),
}

pub(crate) async fn run(line: Line) -> ExitCode {
    match command(line).await {
        Ok(code) => code,
        Err(stop) => {
            let mut words = stop.to_string();
            let mut error: &dyn std::error::Error = &stop;
            while let Some(source) = error.source() {
                words = format!("{words}: {source}");
                error = source;
            }
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

async fn command(line: Line) -> Result<ExitCode, Stop> {
    if matches!(line.command, Command::Config(ConfigCommand::Keys)) {
        print!("{}", keys());
        return Ok(ExitCode::SUCCESS);
    }
    let settings = settings(&line)?;
    match line.command {
        Command::Serve { .. } => serve::serve(settings).await?,
        Command::Health(args) => return health::health(&args, &settings).await,
        Command::Config(_) => {
            serve::tls(&settings)?;
            print!("{}", settings.show());
        }
        Command::Init => beside(&settings, async |gateway| init(gateway).await).await?,
        Command::NewEpoch => beside(&settings, async |gateway| Ok(gateway.begin_epoch().await?)).await?,
        Command::Backup { to } => beside(&settings, async |gateway| backup::backup(gateway, to).await).await?,
        Command::Cleanse { backups } => backup::cleanse(&settings, backups).await?,
        Command::Restore(args) => backup::restore(&settings, args).await?,
        Command::Desk(command) => beside(&settings, async |gateway| desk::desk(gateway, command).await).await?,
        Command::Source(command) => {
            return beside(&settings, async |gateway| source::source(gateway, command).await).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn settings(line: &Line) -> Result<Settings, WrongSettings> {
    let common = &line.common;
    let listen = match &line.command {
        Command::Serve { listen } => listen.as_ref(),
        _ => None,
    };
    let flags: BTreeMap<_, _> = [
        ("database", common.database.as_ref()),
        ("public_url", common.public_url.as_ref()),
        ("log", common.log.as_ref()),
        ("listen", listen),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?.clone())))
    .collect();
    let file = config::file(common.config.as_deref());
    Settings::read(&Flags(flags), &Surroundings { variables: std::env::vars_os().collect(), file })
}

/// Works on the database beside a gateway that may be running.
async fn beside<T>(settings: &Settings, work: impl AsyncFnOnce(&Gateway) -> Result<T, Stop>) -> Result<T, Stop> {
    let gateway = Gateway::open_beside(gateway_config(settings)).await?;
    let done = work(&gateway).await;
    gateway.close().await?;
    done
}

fn gateway_config(settings: &Settings) -> GatewayConfig {
    GatewayConfig {
        public_url: settings.public_url.clone(),
        suppression_journal: settings.suppression_journal.clone(),
        min_desk_version: settings.min_desk_version.clone(),
        desk_rate: settings.desk_rate,
        ..GatewayConfig::at(settings.database.clone())
    }
}

async fn init(gateway: &Gateway) -> Result<(), Stop> {
    match gateway.founding_code().await? {
        Some(code) => println!("{code}"),
        None => println!("The clinic is founded already. {}", desk::INVITE),
    }
    Ok(())
}

/// The settings as a commented file.
fn keys() -> String {
    let mut text = String::new();
    for key in config::KEYS {
        let file = if key.secret { format!("\n# or: {}_file = \"/run/secrets/…\"", key.name) } else { String::new() };
        let default = if key.default.is_empty() { "not set" } else { key.default };
        text.push_str(&format!(
            "# {}: {}\n# {}, default: {default}, for example: {}{file}\n\n",
            key.name,
            key.meaning,
            key.variable(),
            key.example,
        ));
    }
    text
}
