//! `desk`: who is in, and who no longer is. Letting a new desk in is a desk's work, and this says so.

use clap::Subcommand;
use domain::DeskId;
use gateway::{EnrolledDesk, Gateway};

use super::Stop;

#[derive(Debug, Subcommand)]
pub(super) enum DeskCommand {
    /// Say how a further desk comes in
    #[command(long_about = INVITE)]
    Invite,
    /// Make a code by which a desk that has the clinic's key comes in again
    #[command(long_about = READMIT)]
    Readmit,
    /// List the desks: id, name, version, when it came in, when it was last heard of, when it was let go
    List,
    /// Take a desk's access away: a lost or a retired one. Its next request is refused
    Revoke {
        /// As `desk list` shows it
        id: DeskId,
    },
}

/// The gateway could make a code that opens its own door. It could not put the clinic's key behind it, for it has none;
/// such a desk would see rows that it cannot read.
pub(super) const INVITE: &str = "A desk that is in makes the codes for further desks: a code carries the clinic's key, \
    and this gateway does not have it. At such a desk: receptionctl invite --login <manager>";

const READMIT: &str = "Where this gateway was restored from a copy that knows none of today's desks, no desk can make a code. \
    This one lets a desk in that has the clinic's key still: its database and what waits in it stay. It is good for an hour, once; \
    a new computer cannot come in by it.";

pub(super) async fn desk(gateway: &Gateway, command: DeskCommand) -> Result<(), Stop> {
    match command {
        DeskCommand::Invite => return Err(Stop::Say(INVITE)),
        DeskCommand::Readmit => match gateway.readmission_code().await? {
            Some(code) => println!("{code}"),
            None => return Err(Stop::Say("there is no clinic yet: see `init`")),
        },
        DeskCommand::List => gateway.desks().await?.iter().for_each(|desk| println!("{}", line(desk))),
        DeskCommand::Revoke { id } if gateway.revoke_desk(&id).await? => {
            println!("{id} is let go. The other desks change the clinic's key by themselves");
        }
        DeskCommand::Revoke { .. } => return Err(Stop::Say("there is no such desk: see `desk list`")),
    }
    Ok(())
}

fn line(desk: &EnrolledDesk) -> String {
    let minute = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%MZ").to_string();
    let or_none = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or_else(|| "-".to_owned(), minute);
    let EnrolledDesk { id, name, app_version, enrolled_at, last_seen_at, revoked_at, .. } = desk;
    [
        id.to_string(),
        name.clone(),
        app_version.clone(),
        minute(*enrolled_at),
        or_none(*last_seen_at),
        or_none(*revoked_at),
    ]
    .join("\t")
}
