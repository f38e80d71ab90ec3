//! `desk`: who is in. Letting a desk in is a desk's work, and this says so.

use clap::Subcommand;
use gateway::Gateway;

use super::Stop;

#[derive(Debug, Subcommand)]
pub(super) enum DeskCommand {
    /// Say how a further desk comes in
    #[command(long_about = INVITE)]
    Invite,
}

/// The gateway could make a code that opens its own door. It could not put the clinic's key behind it, for it has none;
/// such a desk would see rows that it cannot read.
pub(super) const INVITE: &str = "A desk that is in makes the codes for further desks: a code carries the clinic's key, \
    and this gateway does not have it. At such a desk: receptionctl invite --login <manager>";

pub(super) async fn desk(gateway: &Gateway, command: DeskCommand) -> Result<(), Stop> {
    let _ = gateway;
    match command {
        DeskCommand::Invite => Err(Stop::Say(INVITE)),
    }
}
