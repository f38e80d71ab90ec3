//! Power cuts, full disks: what was acknowledged is there, and the gateway comes back.

use std::process::Command as Program;

use crate::{
    ON_POSTGRES,
    crash::{Running, program},
    load::Clinic,
    place::Place,
};

/// Kills.
const ROUNDS: usize = 6;

#[test]
fn a_gateway_killed_at_any_moment_under_load_has_lost_nothing() {
    let place = Place::make();
    let clinic = Clinic::found(&place);
    for round in 0..ROUNDS {
        let running = Running::start(&place);
        let address = running.address.clone();
        let mut running = Some(running);
        clinic.under_load(&address, || {
            // at another moment of their work each time
            clinic.wait_for(3 + 5 * round);
            running.take().unwrap().kill();
        });
        let running = Running::start(&place);
        clinic.check(&running.address);
        running.kill();
    }
    assert!(clinic.saw_both());
}

/// Nothing more can be written: whoever comes is asked to come later, what was taken is there, and with room it goes on.
#[test]
fn a_full_disk_loses_nothing_and_is_survived() {
    let place = Place::make();
    let clinic = Clinic::found(&place);
    let running = if ON_POSTGRES { Running::start(&place) } else { Running::start_by(limited(&place)) };
    let pid = running.pid();
    clinic.under_load(&running.address, || {
        clinic.wait_for(5);
        let before = clinic.later.load(std::sync::atomic::Ordering::Relaxed);
        if ON_POSTGRES {
            place.fill_the_disk("entity");
        }
        clinic.wait_for_later(before);
        if ON_POSTGRES {
            place.free_the_disk("entity");
        } else {
            assert!(Program::new("prlimit").args(["--fsize=unlimited", "--pid", &pid]).status().unwrap().success());
        }
        clinic.wait_for(10);
    });
    clinic.check(&running.address);
    running.kill();
    let running = Running::start(&place);
    clinic.check(&running.address);
    running.kill();
}

/// The program with files that cannot grow beyond half a megabyte, until the limit is lifted.
fn limited(place: &Place) -> Program {
    let inner = program(place);
    let mut limited = Program::new("sh");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -S -f 1024; exec "$0" "$@""#]).arg(inner.get_program());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}
