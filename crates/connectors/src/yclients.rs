//! Records of YCLIENTS. The webhook is not signed, so it is news only: its truth is asked for by id
//! (`GET /api/v1/record/<company>/<id>`), and that answer is read here too.
//!
//! `date` is the wall time of the branch, `datetime` the same with its offset.

use domain::{mapping::FieldMeaning, request::RequestKind};
use serde_json::Value;

use crate::{
    QuarantineReason,
    canonical::Hint,
    certificate::Orders,
    elementor,
    fields::Field,
    reading::{Arrived, Submission},
};

const LONGEST_WORD: usize = 40;

/// The parts of a record that are read.
const READ: [&str; 15] = [
    "id",
    "date",
    "datetime",
    "create_date",
    "last_change_date",
    "length",
    "seance_length",
    "attendance",
    "online",
    "deleted",
    "comment",
    "services",
    "staff",
    "client",
    "custom_fields",
];
const READ_OF_CLIENT: [&str; 5] = ["name", "surname", "patronymic", "phone", "email"];

/// What of a record is not read: the client's card holds far more than a booking needs.
pub(crate) fn noise(path: &str, _: &Value) -> Option<&'static str> {
    let path = path.strip_prefix("data.").unwrap_or(path);
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        ["client", part] if !READ_OF_CLIENT.contains(part) => Some("client_card"),
        ["staff", part] if !["id", "name"].contains(part) => Some("technical"),
        ["services", _, part] if !["id", "title"].contains(part) => Some("technical"),
        ["meta"] => Some("technical"),
        [part] if is_of_journal(part) => Some("technical"),
        _ => None,
    }
}

fn is_of_journal(part: &str) -> bool {
    let known = [
        "activity_id",
        "api_id",
        "bookform_id",
        "clients_count",
        "company_id",
        "confirmed",
        "created_user_id",
        "custom_color",
        "custom_font_color",
        "documents",
        "email_notify",
        "email_remain",
        "fingerprint",
        "from_url",
        "goods_transactions",
        "is_mobile",
        "is_sale_bill_created",
        "is_update_blocked",
        "master_request",
        "notified",
        "paid_full",
        "payment_status",
        "prepaid",
        "prepaid_confirmed",
        "record_from",
        "record_labels",
        "resource_instance_ids",
        "review_requested",
        "services_total",
        "short_link",
        "sms_before",
        "sms_now",
        "sms_now_text",
        "sms_remain_hours",
        "source_deal_id",
        "staff_id",
        "technical_break_duration",
        "visit_attendance",
        "visit_id",
    ];
    !READ.contains(&part) && known.contains(&part)
}

pub(crate) fn arrange(fields: Vec<Field>) -> Arrived {
    let value = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    // a word of the format: anything else is not news
    let is_word =
        |word: &String| word.len() <= LONGEST_WORD && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let news = value("resource").filter(is_word).zip(value("resource_id").and_then(|id| id.parse().ok()));
    let event = value("status").filter(is_word);
    let is_deleted = event.as_deref() == Some("delete");
    let frame = ["resource", "resource_id", "status", "success"];
    let (frame, fields): (Vec<Field>, Vec<Field>) =
        fields.into_iter().partition(|field| frame.contains(&field.key.as_str()));
    let mut submission = record(fields);
    submission.withdrawn |= is_deleted;
    submission.orders.kept.extend(frame.iter().flat_map(Field::as_sent));
    match news {
        Some((resource, id)) => {
            let claimed = (resource == "record").then_some(submission);
            Arrived::Hint(Hint { resource, id, event, claimed: None }, claimed)
        }
        None => Arrived::Submission(submission),
    }
}

fn record(fields: Vec<Field>) -> Submission {
    let fields: Vec<Field> = fields
        .into_iter()
        .map(|field| match field.key.strip_prefix("data.").map(str::to_owned) {
            Some(key) => field.named(key),
            None => field,
        })
        .collect();
    let fields = elementor::plain(fields);
    let find = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    let id = find("id");
    let has_offset = find("datetime").is_some();
    let version = find("last_change_date").unwrap_or_default();
    let mut submission = Submission {
        subject_key: id.as_ref().map(|id| format!("record:{id}")),
        natural_key: id.as_ref().map(|id| format!("record:{id}:{version}")),
        kind: Some(RequestKind::Booking),
        withdrawn: find("deleted").as_deref() == Some("true"),
        orders: Orders { extra: facts(&find), ..Orders::default() },
        ..Submission::default()
    };
    if !fields.iter().any(|field| field.key.starts_with("client.")) {
        // time that somebody has blocked in the journal, or a visit whose client is not shown to this access
        submission.quarantine = Some(QuarantineReason::NothingRecognised);
    }
    for field in fields {
        let hint = match field.key.as_str() {
            "datetime" => FieldMeaning::Start,
            "date" if !has_offset => FieldMeaning::Start,
            "create_date" => FieldMeaning::Submitted,
            "comment" => FieldMeaning::Comment,
            "client.name" => FieldMeaning::Given,
            "client.surname" => FieldMeaning::Family,
            "client.patronymic" => FieldMeaning::Patronymic,
            "client.phone" => FieldMeaning::Phone,
            "client.email" => FieldMeaning::Email,
            "staff.name" => FieldMeaning::Doctor,
            key if is_fact(key) => {
                submission.orders.kept.extend(field.as_sent());
                continue;
            }
            key if key.starts_with("services.") => FieldMeaning::Service,
            _ => {
                submission.fields.push(field);
                continue;
            }
        };
        submission.fields.push(field.hinted(Some(hint)));
    }
    submission.fields = services_joined(submission.fields);
    submission
}

/// Said beside the reading, or only used.
fn is_fact(key: &str) -> bool {
    let ids = key.starts_with("services.") && key.ends_with(".id");
    ids || key == "staff.id"
        || ["id", "date", "last_change_date", "length", "seance_length", "attendance", "online", "deleted"]
            .contains(&key)
}

fn facts(find: &impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let seconds = find("length").or_else(|| find("seance_length")).and_then(|length| length.parse::<u32>().ok());
    if let Some(minutes) = seconds.map(|seconds| seconds / 60).filter(|minutes| *minutes > 0) {
        facts.push(("Длительность".to_owned(), format!("{minutes} мин")));
    }
    let attendance = match find("attendance").as_deref() {
        Some("1") => Some("пришёл"),
        Some("2") => Some("подтвердил запись"),
        Some("-1") => Some("не пришёл"),
        _ => None,
    };
    facts.extend(attendance.map(|word| ("Отметка в журнале".to_owned(), word.to_owned())));
    if find("online").as_deref() == Some("true") {
        facts.push(("Записался".to_owned(), "сам, онлайн".to_owned()));
    }
    facts
}

/// Several services of one visit as one field.
fn services_joined(fields: Vec<Field>) -> Vec<Field> {
    let (services, mut rest): (Vec<Field>, Vec<Field>) =
        fields.into_iter().partition(|field| field.key.starts_with("services."));
    let value = services.iter().map(|field| field.value.as_str()).collect::<Vec<_>>().join(", ");
    let mut services = services.into_iter();
    if let Some(first) = services.next() {
        rest.push(Field { value, ..first.with(services) });
    }
    rest
}
