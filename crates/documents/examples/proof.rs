//! Prints proof sheets of every form into a folder: `cargo run -p documents --example proof DIR`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::path::PathBuf;

use documents::Press;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    let press = Press::new()?;
    let mut alone = support::request();
    alone.clinic.processors.clear();
    let mut unset = support::blank();
    unset.clinic = documents::ClinicRequisites::default();
    let sheets = [
        ("ordinary", support::request()),
        ("blank", support::blank()),
        ("surname", support::named(&support::long_surname())),
        ("name300", support::named(&support::long_name())),
        ("no-processors", alone),
        ("no-settings", unset),
        ("one-word", support::named(&"Ы".repeat(300))),
        ("hostile", support::named("\"; #set page(width: 1cm); # *ж* Ли 李 <b>&amp;")),
    ];
    for (name, request) in sheets {
        std::fs::write(folder.join(format!("{name}.pdf")), press.render(&request)?.pdf)?;
    }
    Ok(())
}
