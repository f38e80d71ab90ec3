//! The act of a workstation's end.
//!
//! Invariants: it is printed of a workstation that was let go, never of one that is to be; what only the people beside that
//! computer know (its inventory number, what it had not sent, when it lost its own keys) is left to be written by hand.

use contract::ui::Nothing;
use documents::{CommissionMember, Decommission, NumberedPaper, Workstation};
use domain::{DeskId, staff::Permission};

use super::{
    super::{desks::desks_list, scene::Scene},
    at_in_zone,
};
use crate::{session::Seat, trouble::DeskError};

const WAY: &str = "доступ отозван на сервере, ключ клиники сменён; свои ключи рабочее место удаляет из хранилища ключей \
                   системы при первой связи";

/// Signs of a workstation's id in the number of its act.
const ID_IN_NUMBER: usize = 6;

/// What the act says.
pub(super) async fn decommission(seat: &Seat, desk: Option<&DeskId>) -> Result<Decommission, DeskError> {
    if !seat.staff.state.role.may(Permission::InviteDesk) {
        return Err(DeskError::Forbidden);
    }
    let scene = Scene::of(seat).await?;
    let view = desks_list(seat, Nothing {}).await?;
    let row = view.desks.iter().find(|row| Some(&row.id) == desk).ok_or(DeskError::NotFound)?;
    let released = row.released_at.ok_or(DeskError::BadInput("desk"))?;
    // each workstation has the records of all
    let people = seat.open.store.for_check().everybody().await?.len();
    let id = row.id.as_str();
    let day = scene.wall(released).date();
    Ok(Decommission {
        act: NumberedPaper {
            number: format!("РМ-{}", id.get(id.len().saturating_sub(ID_IN_NUMBER)..).unwrap_or(id).to_uppercase()),
            date: Some(day),
        },
        workstation: Workstation { name: row.name.clone(), id: id.to_owned(), inventory: String::new() },
        reason: String::new(),
        people: u64::try_from(people).ok(),
        last_exchange: row.last_seen_at.map(|at| at_in_zone(&scene, at)),
        unsent: None,
        key_destroyed: None,
        way: WAY.to_owned(),
        commission: vec![CommissionMember {
            role: "исполнитель".to_owned(),
            full_name: seat.staff.personal.name.full(),
            position: String::new(),
        }],
    })
}
