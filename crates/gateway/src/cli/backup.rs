//! `backup` beside a gateway that works on, `restore` into a new database, `cleanse` of what was erased since.

use std::path::PathBuf;

use clap::Args;
use gateway::{Backup, Gateway, GatewayError, Journals, config::Settings};

use super::{Stop, gateway_config};

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// What `backup` wrote
    from: PathBuf,
    /// A journal of erasures beside the configured one: of another gateway on the same database, or of a lost machine
    #[arg(long = "journal")]
    journals: Vec<PathBuf>,
    /// There is no journal of erasures: what was erased or blocked after the backup comes back
    #[arg(long, conflicts_with = "journals")]
    without_journal: bool,
}

pub(super) async fn backup(gateway: &Gateway, to: PathBuf) -> Result<(), Stop> {
    let made = gateway.backup(&to).await.map_err(GatewayError::from)?;
    say("saved and read again", &made);
    Ok(())
}

pub(super) async fn restore(settings: &Settings, args: RestoreArgs) -> Result<(), Stop> {
    let journals = Journals { others: args.journals, none: args.without_journal };
    let restored = Gateway::restore(gateway_config(settings), &args.from, &journals).await?;
    say("restored under a new epoch", &restored);
    Ok(())
}

pub(super) async fn cleanse(settings: &Settings, backups: Vec<PathBuf>) -> Result<(), Stop> {
    let config = gateway_config(settings);
    for backup in backups {
        say("rewritten without what was erased since, and read again", &gateway::cleanse(&config, &backup).await?);
    }
    Ok(())
}

fn say(what: &str, backup: &Backup) {
    println!("{} rows up to {}, as of {}: {what}", backup.rows, backup.seq, backup.made_at.format("%F %T UTC"));
}
