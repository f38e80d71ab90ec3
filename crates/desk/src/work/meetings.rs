//! Visits that get in each other's way.
//!
//! Invariants: nothing is moved by itself; a person is one whichever of their cards a visit was made for, so a merge shows
//! what it brings together; of the other visit is said what its own row says.

use contract::ui::{Meeting, MeetsOver, VisitRow};

use super::visits::VisitRecord;

/// Marks rows that meet another one of these. `rows` are those of `visits`, in the same order.
pub(super) fn mark(visits: &[VisitRecord], rows: &mut [VisitRow]) {
    for (one, other, over) in pairs(visits, rows) {
        let (Some(first), Some(second)) = (rows.get(one), rows.get(other)) else { continue };
        let (of_first, of_second) = (meeting(over, first), meeting(over, second));
        for (at, meeting) in [(one, of_second), (other, of_first)] {
            rows.get_mut(at).into_iter().for_each(|row| row.meets.push(meeting.clone()));
        }
    }
}

fn meeting(over: MeetsOver, other: &VisitRow) -> Meeting {
    Meeting {
        over,
        visit: other.id.clone(),
        start: other.start,
        end: other.end,
        practitioner_name: other.practitioner_name.clone(),
        person_name: other.person_name.clone(),
    }
}

/// By their start, so that only near ones are compared.
fn pairs(visits: &[VisitRecord], rows: &[VisitRow]) -> Vec<(usize, usize, MeetsOver)> {
    let both = visits.iter().zip(rows).enumerate();
    let mut live: Vec<_> = both.filter(|(_, (visit, _))| visit.state.status.occupies()).collect();
    live.sort_by_key(|(_, (visit, _))| visit.state.slot.start);
    let mut pairs = Vec::new();
    for (nth, (at, one)) in live.iter().enumerate() {
        let near = |other: &VisitRecord| {
            let (slot, start) = (&one.0.state.slot, other.state.slot.start);
            start < slot.end || start.date() == slot.start.date()
        };
        for (other_at, other) in live.iter().skip(nth + 1).take_while(|(_, (other, _))| near(other)) {
            pairs.extend(over(*one, *other).map(|over| (*at, *other_at, over)));
        }
    }
    pairs
}

type Visit<'a> = (&'a VisitRecord, &'a VisitRow);

fn over((one, row): Visit<'_>, (other, other_row): Visit<'_>) -> Option<MeetsOver> {
    let (slot, other_slot) = (&one.state.slot, &other.state.slot);
    // the rows name whoever stands for the cards
    let same_person = row.person == other_row.person;
    if slot.meets(other_slot) {
        return match () {
            () if slot.practitioner == other_slot.practitioner => Some(MeetsOver::Practitioner),
            () if slot.chair == other_slot.chair => Some(MeetsOver::Chair),
            () if same_person => Some(MeetsOver::Person),
            () => None,
        };
    }
    let two_cards = same_person && one.state.person != other.state.person;
    (two_cards && slot.start.date() == other_slot.start.date()).then_some(MeetsOver::Day)
}
