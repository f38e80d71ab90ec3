//! Who works now, the notes from one shift to the next, and what is left before somebody goes home.
//!
//! Invariant: a note is about work; it is sealed like everything that somebody writes, and one stands at a time from each.

use chrono::Duration;
use contract::ui::{
    ClosingView, HandOverArgs, HandOverRow, MoneyRow, Nothing, ShiftEndArgs, TakeOverArgs, TeamView, WorkerRow,
};
use domain::{
    Command, Kopecks, StaffId,
    appointment::AppointmentStatus,
    certificate::LedgerKind,
    personal::{NotePersonal, part as parts},
    staff::Staff,
};
use store::Record;

use super::{
    certificates::last4,
    queue::{self, count},
    scene::{Scene, day_span, instants_of},
    shift::{STARTED, moment},
};
use crate::{
    input,
    session::{Seat, part},
    trouble::DeskError,
};

/// A note that was taken over is shown so long.
const TAKEN_SHOWN: Duration = Duration::hours(20);
/// Whoever forgot to end a shift is not shown as working for ever.
const LONGEST_SHIFT: Duration = Duration::hours(16);
/// People whose sheets are counted.
const MOST_AWAITED: u32 = 500;

type Member = Record<Staff, domain::personal::StaffPersonal>;

/// Who works now, and the notes.
pub(crate) async fn shift_team(seat: &Seat, _args: Nothing) -> Result<TeamView, DeskError> {
    let scene = Scene::of(seat).await?;
    let staff = seat.open.store.staff().await?;
    let mut working: Vec<WorkerRow> = staff.iter().filter_map(|member| worker(seat, &scene, member)).collect();
    working.sort_by_key(|row| row.since);
    let mut notes: Vec<HandOverRow> = staff.iter().filter_map(|member| note(&scene, member)).collect();
    notes.sort_by_key(|row| (row.taken_by.is_some(), std::cmp::Reverse(row.at)));
    Ok(TeamView { working, notes })
}

fn worker(seat: &Seat, scene: &Scene, member: &Member) -> Option<WorkerRow> {
    let shift = member.state.on_shift.as_ref().filter(|shift| scene.now - shift.since < LONGEST_SHIFT)?;
    Some(WorkerRow {
        name: member.personal.name.short(),
        since: shift.since,
        here: shift.desk == seat.open.meta.desk,
        me: member.id == scene.me,
    })
}

fn note(scene: &Scene, member: &Member) -> Option<HandOverRow> {
    let left = member.state.handover.as_ref()?;
    let old = left.taken.as_ref().is_some_and(|taken| scene.now - taken.at > TAKEN_SHOWN);
    let key = parts::HANDOVER.strip_prefix("note:")?;
    (!old).then(|| HandOverRow {
        staff: member.id.clone(),
        note: left.id.clone(),
        by: member.personal.name.short(),
        at: left.at,
        text: member.notes.get(key).cloned().unwrap_or_default(),
        mine: member.id == scene.me,
        taken_by: left.taken.as_ref().map(|taken| scene.staff_name(&taken.by)),
        taken_at: left.taken.as_ref().map(|taken| taken.at),
        certainty: member.certainty,
    })
}

/// Leaves a note for whoever comes next.
pub(crate) async fn shift_note(seat: &Seat, args: HandOverArgs) -> Result<TeamView, DeskError> {
    let text = input::long("text", Some(&args.text))?.ok_or(DeskError::BadInput("text"))?;
    own(seat, Command::StaffHandOver, part(&NotePersonal { text })?).await?;
    shift_team(seat, Nothing {}).await
}

/// Takes somebody's note over.
pub(crate) async fn shift_take(seat: &Seat, args: TakeOverArgs) -> Result<TeamView, DeskError> {
    let version = version(seat, &args.staff).await?;
    seat.act(args.staff, version, Command::StaffTakeOver { note: args.note }, None).await?;
    shift_team(seat, Nothing {}).await
}

/// Notes that whoever sits here begins to work, unless they already do at this desk.
pub(super) async fn begin(seat: &Seat) -> Result<(), DeskError> {
    let works = seat.staff.state.on_shift.as_ref();
    let here = works.is_some_and(|shift| shift.desk == seat.open.meta.desk && seat.now() - shift.since < LONGEST_SHIFT);
    if here { Ok(()) } else { own(seat, Command::StaffShiftStart, None).await }
}

async fn own(seat: &Seat, command: Command, part: Option<serde_json::Value>) -> Result<(), DeskError> {
    let me = seat.staff.id.clone();
    let version = version(seat, &me).await?;
    seat.act(me, version, command, part).await?;
    Ok(())
}

async fn version(seat: &Seat, staff: &StaffId) -> Result<u64, DeskError> {
    let all = seat.open.store.staff().await?;
    Ok(all.iter().find(|member| member.id == *staff).ok_or(DeskError::NotFound)?.version)
}

/// What is left before going home.
pub(crate) async fn shift_closing(seat: &Seat, _args: Nothing) -> Result<ClosingView, DeskError> {
    let store = &seat.open.store;
    let scene = Scene::of(seat).await?;
    let money = money(seat, &scene).await?;
    let sum = |kinds: &[LedgerKind]| {
        let of = |row: &&MoneyRow| kinds.contains(&row.kind);
        Kopecks(-money.iter().filter(of).map(|row| row.amount.0).sum::<i64>())
    };
    let (redeemed, refunded) = (sum(&[LedgerKind::Redeem, LedgerKind::RedeemReversal]), sum(&[LedgerKind::Refund]));
    let open = queue::open_rows(seat, &scene).await?;
    let (from, to) = today(&scene)?;
    let printed = store.people_printed_between(from, to).await?;
    let of_today = |paper: &&domain::person::PaperRecord| (from..to).contains(&paper.printed_at);
    let printed = printed.iter().flat_map(|person| &person.state.papers).filter(of_today).count();
    let awaited = store.people_awaited(MOST_AWAITED).await?;
    let unsigned = awaited.iter().flat_map(|person| &person.state.papers).filter(|paper| paper.awaits_signature());
    let (unsent, refused) = store.outbox_counts().await?;
    Ok(ClosingView {
        started: moment(seat, STARTED).await?,
        sold: Kopecks(money.iter().filter(|row| row.kind == LedgerKind::Sale).map(|row| row.amount.0).sum()),
        redeemed,
        refunded,
        unsent,
        refused,
        overdue: count(open.iter().filter(|row| row.overdue).count()),
        mine: count(open.iter().filter(|row| row.claimed_by_me).count()),
        unsigned: count(unsigned.count()),
        printed: count(printed),
        open_visits: open_visits(seat, &scene).await?,
        money,
    })
}

type Span = (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>);

fn today(scene: &Scene) -> Result<Span, DeskError> {
    instants_of(scene.zone(), scene.today()).ok_or(DeskError::Broken("the calendar has come to its end"))
}

async fn money(seat: &Seat, scene: &Scene) -> Result<Vec<MoneyRow>, DeskError> {
    let (from, to) = today(scene)?;
    let mut rows = Vec::new();
    for certificate in seat.open.store.certificates_moved(from, to).await? {
        let of_today = certificate.state.ledger.iter().filter(|entry| (from..to).contains(&entry.at));
        rows.extend(of_today.filter(|entry| entry.kind != LedgerKind::Sale || entry.staff.is_some()).map(|entry| {
            MoneyRow {
                certificate: certificate.id.clone(),
                last4: last4(&certificate.personal.code),
                at: entry.at,
                kind: entry.kind,
                amount: entry.amount,
                staff: entry.staff.as_ref().map(|staff| scene.staff_name(staff)),
                certainty: certificate.certainty,
            }
        }));
    }
    rows.sort_by_key(|row| row.at);
    Ok(rows)
}

/// Visits of today that should be over and have no end.
async fn open_visits(seat: &Seat, scene: &Scene) -> Result<u32, DeskError> {
    use AppointmentStatus as S;
    let (from, to) = day_span(scene.today()).ok_or(DeskError::Broken("the calendar has come to its end"))?;
    let visits = seat.open.store.visits_between(from, to).await?;
    let now = scene.wall(scene.now);
    let open = |status| matches!(status, S::Pending | S::Booked | S::Arrived | S::CheckedIn);
    Ok(count(visits.iter().filter(|visit| open(visit.state.status) && visit.state.slot.end <= now).count()))
}

/// Ends the shift of whoever sits here; the chain keeps how the receipts came out. What is shown is what was left.
pub(crate) async fn shift_end(seat: &Seat, args: ShiftEndArgs) -> Result<ClosingView, DeskError> {
    if args.receipts.is_some_and(|receipts| receipts.0 < 0) {
        return Err(DeskError::BadInput("receipts"));
    }
    let closing = shift_closing(seat, Nothing {}).await?;
    if seat.staff.state.on_shift.is_some() {
        own(seat, Command::StaffShiftEnd, None).await?;
    }
    let receipts = match args.receipts {
        None => "receipts=uncounted".to_owned(),
        Some(receipts) => format!("receipts={:+}", receipts.0 - closing.redeemed.0),
    };
    let shredded = if args.shredded { "shredded=yes" } else { "shredded=no" };
    seat.open.store.audit(seat.entry("desk.shift_end").with(&format!("{receipts} {shredded}"))).await?;
    Ok(closing)
}
