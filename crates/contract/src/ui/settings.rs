//! What a manager sets up, and how each person likes their window.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::clinic::{Absence, Chair, Requisites, Service};
use domain::hours::Week;
use domain::personal::PersonName;
use domain::request::RequestKind;
use domain::staff::Role;
use domain::{ActionId, ChairId, PractitionerId, StaffId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// Everything that a manager may change.
    pub struct SettingsView {
        /// Of the clinic's record; pass it back with [`ClinicArgs`].
        pub etag: Option<ActionId>,
        /// IANA zone, chosen when the clinic was founded.
        pub zone: String,
        pub clinic: ClinicSettings,
        /// In the order of the columns.
        pub doctors: Vec<DoctorRow>,
        pub staff: Vec<StaffRow>,
    }

    pub struct ClinicSettings {
        pub requisites: Requisites,
        /// Who answers for personal data.
        pub responsible: String,
        /// Who signs for the clinic.
        pub signatory: String,
        pub week: Week,
        /// Wall dates on which the clinic is closed, whatever the weekday.
        pub closed_on: Vec<NaiveDate>,
        pub chairs: Vec<Chair>,
        pub services: Vec<Service>,
        pub practice: PracticeSettings,
    }

    /// Times that practice sets, in minutes unless the name says days; `max_tries` is a count.
    pub struct PracticeSettings {
        pub call_within_minutes: u32,
        pub retry_after_minutes: u32,
        pub max_tries: u32,
        pub no_show_grace_minutes: u32,
        pub visit_minutes: u32,
        pub claim_minutes: u32,
        /// Days; at most what the law allows.
        pub keep_requests_days: u32,
        pub keep_visits_days: u32,
    }

    pub struct ClinicArgs {
        /// Of the record as it was shown. Another one by now is refused: look again.
        pub etag: Option<ActionId>,
        pub clinic: ClinicSettings,
        /// Names of chairs to be added; their ids are made at the desk.
        pub new_chairs: Vec<String>,
    }

    pub struct DoctorRow {
        pub id: PractitionerId,
        /// Of the record; pass it back with [`DoctorArgs`].
        pub etag: Option<ActionId>,
        pub name: PersonName,
        pub speciality: String,
        pub chair: Option<ChairId>,
        pub order: u32,
        pub active: bool,
        /// None: receives whenever the clinic is open.
        pub week: Option<Week>,
        pub absences: Vec<Absence>,
    }

    pub struct DoctorArgs {
        /// None: a new doctor.
        pub id: Option<PractitionerId>,
        /// Of the record as the dialog was opened on it. Another one by now is refused: look again.
        pub etag: Option<ActionId>,
        pub name: PersonName,
        pub speciality: String,
        pub chair: Option<ChairId>,
        pub order: u32,
        pub active: bool,
        pub week: Option<Week>,
        pub absences: Vec<Absence>,
    }

    pub struct StaffRow {
        pub id: StaffId,
        /// Of the record; pass it back with [`StaffArgs`].
        pub etag: Option<ActionId>,
        pub name: PersonName,
        pub role: Role,
        pub login: String,
        pub active: bool,
        /// Whoever is signed in here.
        pub me: bool,
    }

    pub struct StaffArgs {
        /// None: somebody new.
        pub id: Option<StaffId>,
        /// As in [`DoctorArgs`].
        pub etag: Option<ActionId>,
        pub name: PersonName,
        pub role: Role,
        pub login: String,
        /// Password or PIN; none keeps the one that is there.
        pub secret: Option<String>,
        pub active: bool,
    }

    /// A source of requests and how it fares. Counts are of the last seven days.
    pub struct SourceRow {
        pub id: String,
        pub name: String,
        /// `tilda`, `woocommerce`, …
        pub connector: String,
        pub kind: RequestKind,
        pub zone: Option<String>,
        pub enabled: bool,
        pub last_seen: Option<DateTime<Utc>>,
        pub taken: u32,
        pub quarantined: u32,
        pub failed: u32,
        pub last_error: Option<DateTime<Utc>>,
        /// Silent for clearly longer than it ever was.
        pub silent: bool,
    }

    /// How the window behaves: for whoever is signed in, and at this desk.
    pub struct WindowSettings {
        pub mine: Preferences,
        pub desk: DeskManners,
    }

    pub struct Preferences {
        pub theme: Theme,
        /// Size of the text: 90 to 200.
        pub text_percent: u32,
        /// Single letters and digits are commands.
        pub plain_keys: bool,
        /// Names and numbers are hidden until they are pointed at: the screen is seen from the hall.
        pub privacy: bool,
        /// Keys that were chosen in place of the usual ones.
        pub shortcuts: Vec<KeyChoice>,
    }

    pub struct KeyChoice {
        /// «Layer/usual chord», as the window names it.
        pub name: String,
        /// `Ctrl+KeyK`, by the physical key; empty: switched off.
        pub chord: String,
    }

    pub struct DeskManners {
        /// What happens is heard, each kind by a sound of its own.
        pub sound: bool,
        /// Kinds that are not heard all the same.
        #[serde(default)]
        pub unheard: Vec<SoundKind>,
        /// Wall; nothing is heard from then on until `quiet_to`.
        pub quiet_from: Option<NaiveTime>,
        pub quiet_to: Option<NaiveTime>,
        /// The system tells of something new while the window is not looked at: a count, never whose.
        #[serde(default = "yes")]
        pub notify: bool,
        /// Closing the window leaves the desk in the tray, where there is one.
        #[serde(default = "tray_is_usual")]
        pub to_tray: bool,
        /// The program starts with the computer.
        #[serde(default)]
        pub autostart: bool,
        /// Where the first set-up of a clinic founded here stands; none: it is over, or there was none.
        #[serde(default)]
        pub setup: Option<SetupStep>,
    }
}

/// What is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundKind {
    /// A new request.
    New,
    /// A call is overdue.
    Due,
    /// The gateway has refused something that was done here.
    Refused,
}

/// A step of the first set-up, after the clinic and its first manager are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SetupStep {
    /// The recovery kit goes to paper.
    Kit,
    /// Its code is typed off the paper.
    Proof,
    Requisites,
    /// A blank comes out of the printer.
    Print,
    /// A request of the site comes in.
    Request,
    Done,
}

fn yes() -> bool {
    true
}

fn tray_is_usual() -> bool {
    cfg!(windows)
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    Light,
    Dark,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: Theme::System, text_percent: 100, plain_keys: true, privacy: false, shortcuts: Vec::new() }
    }
}

impl Default for DeskManners {
    fn default() -> Self {
        Self {
            sound: true,
            unheard: Vec::new(),
            quiet_from: None,
            quiet_to: None,
            notify: yes(),
            to_tray: tray_is_usual(),
            autostart: false,
            setup: None,
        }
    }
}
