//! The demo's shift without a window: the same use cases, told step by step, with the paper left in a folder.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that tells a story")]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use clap::Parser;
use contract::ui::{
    BookArgs, CertificateArgs, CloseArgs, DayArgs, Link, LogCallArgs, Nothing, PersonPutArgs, PreviewArgs, PrintArgs,
    PrinterView, QueueArgs, QueueFilter, QueueRow, RequestArgs, RequestCard, SearchArgs, UiError,
};
use demo::{MANAGER, RECEPTIONIST, Stage, StageError, settled, sign_in};
use desk::{Desk, Handed, PrintError, PrintJob, Printer};
use domain::{
    AppointmentId, PersonId,
    person::PersonSource,
    personal::PersonName,
    request::{CallOutcome, CloseReason, RequestKind, RequestStatus},
};

#[derive(Parser)]
struct Cli {
    /// Where the printed paper is left.
    #[arg(long)]
    out: PathBuf,
}

/// A printer that lays the sheets into a folder.
#[derive(Debug)]
struct Tray(PathBuf);

impl Printer for Tray {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        Ok(vec![PrinterView { name: "Папка".to_owned(), is_default: true }])
    }

    fn print(&self, job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        std::fs::copy(job.file, self.0.join("consent_pd.pdf")).map_err(|_| PrintError::Failed)?;
        Ok(Handed::to("Папка"))
    }
}

#[derive(Debug, thiserror::Error)]
enum ShiftError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error("the desk refused: {0:?}")]
    Desk(UiError),
    #[error("{0}")]
    NotAsExpected(&'static str),
    #[error("the folder for the paper: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<UiError> for ShiftError {
    fn from(error: UiError) -> Self {
        Self::Desk(error)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).init();
    let started = Instant::now();
    match shift(&Cli::parse().out).await {
        Ok(()) => {
            println!("\nСмена отработана за {:.1} с.", started.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nСмена прервана: {error}");
            ExitCode::FAILURE
        }
    }
}

fn step(text: impl AsRef<str>) {
    println!("• {}", text.as_ref());
}

fn expect(true_now: bool, otherwise: &'static str) -> Result<(), ShiftError> {
    if true_now { Ok(()) } else { Err(ShiftError::NotAsExpected(otherwise)) }
}

async fn shift(out: &Path) -> Result<(), ShiftError> {
    std::fs::create_dir_all(out)?;
    let tray: Arc<dyn Printer> = Arc::new(Tray(out.to_path_buf()));
    let mut stage = Stage::raise(&out.join("home"), tray.clone()).await?;
    let desk = stage.desk().clone();
    step(format!("Сервер работает на {}, сайт прислал за ночь заявок: {}.", stage.url(), demo::requests().len()));

    morning(&desk).await?;
    let (request, person, visit) = call_and_book(&desk).await?;
    certificate(&desk).await?;
    without_network(&desk, &mut stage).await?;
    print_consent(&desk, &person, out).await?;
    settled(&desk).await?;
    step("Сервер подтвердил всё, не отправлено: 0.");

    desk.lock(Nothing {}).await?;
    sign_in(&desk, MANAGER).await?;
    let second = stage.second_desk(tray).await?;
    sign_in(&second, RECEPTIONIST).await?;
    let there = second.request_card(RequestArgs { id: request }).await?;
    expect(there.row.status == RequestStatus::Converted, "второе рабочее место не видит записи по заявке")?;
    expect(there.appointment.as_ref() == Some(&visit), "второе рабочее место видит другую запись")?;
    let card = second.person_card(contract::ui::PersonArgs { id: person }).await?;
    expect(card.papers.len() == 1, "второе рабочее место не знает о напечатанном согласии")?;
    step("Второе рабочее место, подключённое по одноразовому коду, видит то же самое.");
    Ok(())
}

async fn morning(desk: &Desk) -> Result<(), ShiftError> {
    sign_in(desk, RECEPTIONIST).await?;
    step("Анна вошла по ПИН-коду.");
    let brief = desk.shift_start(Nothing {}).await?;
    expect(brief.fresh, "данные не получены с сервера")?;
    step(format!(
        "Смена начата: новых заявок {}, просрочено {}, сегодня позвонить {}, визитов сегодня {}, из них не подтверждено {}.",
        brief.new_requests, brief.overdue, brief.due_today, brief.visits_today, brief.unconfirmed_today
    ));
    Ok(())
}

async fn open(desk: &Desk) -> Result<Vec<QueueRow>, ShiftError> {
    Ok(desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await?.rows)
}

async fn call_and_book(desk: &Desk) -> Result<(domain::RequestId, PersonId, AppointmentId), ShiftError> {
    let rows = open(desk).await?;
    let row = rows
        .iter()
        .find(|r| r.kind == RequestKind::Callback && r.same_phone == 0)
        .ok_or(ShiftError::NotAsExpected("в очереди нет звонков"))?;
    let id = row.id.clone();
    let card = desk.request_claim(RequestArgs { id: id.clone() }).await?;
    expect(card.row.claimed_by_me, "заявка не взята в работу")?;
    step(format!("Первая заявка в очереди взята в работу: {}, {}.", card.row.name, card.row.phone_masked));
    let call = LogCallArgs {
        id: id.clone(),
        outcome: CallOutcome::Answered,
        note: Some("Хочет утром".to_owned()),
        next_try_at: None,
    };
    let card = desk.request_log_call(call).await?;
    expect(card.row.status == RequestStatus::Reached, "исход звонка не записан")?;
    step("Звонок: дозвонились. Сохранено здесь, сервер ещё не ответил — ждать его не нужно.");
    let person = register(desk, &card).await?;
    let visit = book(desk, &card, &person).await?;
    Ok((id, person, visit))
}

async fn register(desk: &Desk, card: &RequestCard) -> Result<PersonId, ShiftError> {
    let args = PersonPutArgs {
        id: None,
        etag: None,
        name: PersonName {
            family: "Петрова".to_owned(), given: card.row.name.clone(), patronymic: String::new()
        },
        phones: card.phone.iter().map(|p| p.raw.clone()).collect(),
        email: card.email.clone(),
        birth_date: None,
        note: None,
        source: PersonSource::Site,
        request: Some(card.row.id.clone()),
    };
    Ok(desk.person_put(args).await?.row.id)
}

async fn book(desk: &Desk, card: &RequestCard, person: &PersonId) -> Result<AppointmentId, ShiftError> {
    let today = desk.schedule_day(DayArgs { date: chrono::Utc::now().date_naive() }).await?;
    let day = desk.schedule_day(DayArgs { date: today.date + chrono::Days::new(7) }).await?;
    let doctor = day.practitioners.first().ok_or(ShiftError::NotAsExpected("нет врачей"))?;
    let chair =
        day.usual_chairs.iter().find(|(id, _)| *id == doctor.id).ok_or(ShiftError::NotAsExpected("нет кресла"))?;
    let start = day.date.and_time(chrono::NaiveTime::from_hms_opt(11, 30, 0).unwrap_or_default());
    let args = BookArgs {
        person: person.clone(),
        practitioner: doctor.id.clone().try_into().map_err(|_| ShiftError::NotAsExpected("врач без номера"))?,
        chair: chair.1.clone().try_into().map_err(|_| ShiftError::NotAsExpected("кресло без номера"))?,
        start,
        end: start + chrono::Duration::minutes(30),
        service: card.row.service.clone(),
        note: None,
        request: Some(card.row.id.clone()),
        agreed: true,
    };
    let booked = desk.visit_book(args).await?;
    step(format!("Записана к врачу {} на {}.", doctor.title, start.format("%d.%m.%Y %H:%M")));
    Ok(booked.id)
}

async fn certificate(desk: &Desk) -> Result<(), ShiftError> {
    let code = demo::CERTIFICATE_CODE;
    let found = desk.certificate_find(CertificateArgs { code: code.to_lowercase() }).await?;
    let certificate = found.certificate.ok_or(ShiftError::NotAsExpected("сертификат не найден"))?;
    step(format!(
        "Сертификат …{}: остаток {} ₽ из {} ₽, операций {}.",
        certificate.last4,
        certificate.balance.0 / 100,
        certificate.face_value.0 / 100,
        certificate.ledger.len()
    ));
    Ok(())
}

/// The gateway goes away in the middle; the same work goes on.
async fn without_network(desk: &Desk, stage: &mut Stage) -> Result<(), ShiftError> {
    settled(desk).await?;
    stage.unplug().await;
    step("Интернет пропал.");
    let row = open(desk).await?.into_iter().next().ok_or(ShiftError::NotAsExpected("очередь пуста"))?;
    desk.request_claim(RequestArgs { id: row.id.clone() }).await?;
    let silent = LogCallArgs { id: row.id.clone(), outcome: CallOutcome::NoAnswer, note: None, next_try_at: None };
    desk.request_log_call(silent).await?;
    let next =
        open(desk).await?.into_iter().find(|r| r.id != row.id).ok_or(ShiftError::NotAsExpected("очередь пуста"))?;
    desk.request_close(CloseArgs { id: next.id, reason: CloseReason::Spam }).await?;
    let view = desk.sync_view(Nothing {}).await?;
    expect(view.unsent >= 3, "действия без связи не сохранены")?;
    step(format!(
        "Работа идёт дальше: звонок без ответа и закрытая заявка сохранены здесь, не отправлено: {}.",
        view.unsent
    ));
    let hits = desk.search(SearchArgs { query: "cthfabv".to_owned(), limit: 5 }).await?;
    step(format!(
        "Поиск без связи и в чужой раскладке: «cthfabv» → показано для «{}», найдено {}.",
        hits.shown_for.unwrap_or_default(),
        hits.hits.len()
    ));
    stage.plug_in().await?;
    settled(desk).await?;
    let view = desk.sync_view(Nothing {}).await?;
    expect(
        view.unsent == 0 && view.refused == 0 && view.link == Link::Online,
        "после возвращения связи не всё подтверждено",
    )?;
    step("Связь вернулась: всё подтверждено, каждое действие один раз.");
    Ok(())
}

async fn print_consent(desk: &Desk, person: &PersonId, out: &Path) -> Result<(), ShiftError> {
    let preview = desk.paper_preview(PreviewArgs::of("consent_pd", Some(person.clone()))).await?;
    desk.paper_print(PrintArgs::of(preview.paper, 1)).await?;
    let file = out.join("consent_pd.pdf");
    expect(file.is_file(), "бумага не напечатана")?;
    step(format!("«{}», страниц: {}, лежит в {}.", preview.title, preview.pages, file.display()));
    Ok(())
}
