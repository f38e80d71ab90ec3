//! Orders of a `WooCommerce` shop (REST v3), from its webhook and from its API, with the certificates of two plugins.
//!
//! *PW Gift Cards* writes the numbers of sold cards into the metadata of their line once the order is paid.
//! *`WooCommerce` Gift Cards* writes the ids of sold cards there (`wc_gc_giftcards`) and tells a code only under
//! `/wc/v3/gift-cards/<id>`. `gift_cards` of an order are, where their ids are not those of its lines, cards that the order
//! was paid *with*: they never make a certificate.
//!
//! A certificate counts only while its order is `processing` or `completed`.

use std::collections::BTreeMap;

use domain::{Kopecks, mapping::FieldMeaning};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    CertificateOrder, MOST_CERTIFICATES, QuarantineReason, Standing,
    alias::{self, Named},
    canonical::Hint,
    cart, certificate,
    certificate::Orders,
    fields::Field,
    moment,
    reading::{Arrived, Submission},
    text,
};

/// Longest code, longest name.
const LONGEST_CODE: usize = 64;
const LONGEST_NAME: usize = 100;
const LONGEST_LINE: usize = 300;

/// The parts of an order that are read.
const READ: [&str; 16] = [
    "id",
    "number",
    "status",
    "currency",
    "total",
    "date_created",
    "date_modified",
    "date_created_gmt",
    "date_modified_gmt",
    "billing",
    "customer_note",
    "payment_method_title",
    "meta_data",
    "line_items",
    "refunds",
    "gift_cards",
];
const READ_OF_BILLING: [&str; 5] = ["first_name", "last_name", "company", "phone", "email"];
const READ_OF_LINE: [&str; 6] = ["id", "name", "quantity", "total", "price", "meta_data"];

/// What of an order is not read.
pub(crate) fn noise(path: &str, value: &Value) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        ["customer_ip_address"] => Some("ip"),
        ["customer_user_agent"] => Some("user_agent"),
        ["shipping"] => Some("address"),
        ["billing", part] if !READ_OF_BILLING.contains(part) => Some("address"),
        ["line_items", _, part] if !READ_OF_LINE.contains(part) => Some("technical"),
        ["refunds", _, part] if *part != "total" => Some("technical"),
        [.., "meta_data", _] => noise_of_metadata(value),
        [.., "meta_data", _, part] if !["key", "value"].contains(part) => Some("technical"),
        // what plugins add at the top is kept; what is known and of no use at a desk is not
        [part] if is_of_shop(part) => Some("technical"),
        _ => None,
    }
}

fn noise_of_metadata(entry: &Value) -> Option<&'static str> {
    let key = entry.get("key")?.as_str()?;
    match alias::named(key) {
        _ if key == "wc_gc_giftcards" => None,
        Some(Named::Drop(sort)) => Some(sort),
        _ if key.starts_with('_') || key == "is_vat_exempt" => Some("technical"),
        // a wish for the one who gets it, and where it was sent
        _ if key.ends_with("_message") && is_of_gift_card(key) => Some("gift_message"),
        _ if is_of_recipient(key) && entry.get("value").and_then(Value::as_str).is_some_and(|v| v.contains('@')) => {
            Some("recipient_contact")
        }
        _ => None,
    }
}

fn is_of_gift_card(key: &str) -> bool {
    key.starts_with("pw_gift_card") || key.starts_with("wc_gc_giftcard")
}

fn is_of_recipient(key: &str) -> bool {
    is_of_gift_card(key) && (key.ends_with("_to") || key.ends_with("_to_multiple") || key.ends_with("_recipient"))
}

fn is_of_shop(part: &str) -> bool {
    let known = [
        "_links",
        "cart_hash",
        "cart_tax",
        "coupon_lines",
        "created_via",
        "currency_symbol",
        "customer_id",
        "discount_tax",
        "discount_total",
        "fee_lines",
        "is_editable",
        "needs_payment",
        "needs_processing",
        "order_key",
        "parent_id",
        "payment_method",
        "payment_url",
        "prices_include_tax",
        "tax_lines",
        "total_tax",
        "transaction_id",
        "version",
    ];
    !READ.contains(&part)
        && (known.contains(&part)
            || part.starts_with("date_")
            || part.starts_with("shipping_")
            || part.starts_with("customer_"))
}

pub(crate) fn arrange(fields: Vec<Field>) -> Arrived {
    match fields.as_slice() {
        // the shop tries the door, unsigned, when the webhook is saved
        [only] if only.key == "webhook_id" => return Arrived::Probe,
        // a deleted order is only named
        [only] if only.key == "id" => {
            if let Ok(id) = only.value.parse() {
                let event = Some("delete".to_owned());
                return Arrived::Hint(Hint { resource: "order".to_owned(), id, event, claimed: None }, None);
            }
        }
        _ => {}
    }
    let find = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    // products and customers have ids and states too
    let is_order = fields.iter().any(|field| field.key == "currency" || field.key.starts_with("billing."));
    let (Some(id), Some(status), true) = (find("id"), find("status"), is_order) else {
        let quarantine = Some(QuarantineReason::NothingRecognised);
        return Arrived::Submission(Submission { quarantine, ..certificate::arrange(fields) });
    };
    let version = find("date_modified_gmt").or_else(|| find("date_modified")).unwrap_or_else(|| status.clone());
    let has_gmt = find("date_created_gmt").is_some();
    let mut submission = Submission {
        subject_key: Some(format!("order:{id}")),
        natural_key: Some(format!("order:{id}:{version}")),
        withdrawn: matches!(status.as_str(), "cancelled" | "refunded" | "failed" | "trash"),
        ..Submission::default()
    };
    let order = Order { standing: standing(&status), fields: &fields };
    order.write(&mut submission);
    let of_order = |key: &str| {
        ["line_items.", "refunds.", "gift_cards."].iter().any(|part| key.starts_with(part))
            || ["id", "number", "status", "currency", "total", "date_modified", "date_modified_gmt"].contains(&key)
            || (key == "date_created" && has_gmt)
    };
    let (of_order, rest): (Vec<Field>, Vec<Field>) = fields.into_iter().partition(|field| of_order(&field.key));
    submission.orders.kept = of_order.iter().flat_map(Field::as_sent).collect();
    submission.fields = metadata(rest).into_iter().map(of_buyer).collect();
    Arrived::Submission(submission)
}

fn standing(status: &str) -> Standing {
    match status {
        "processing" | "completed" => Standing::Paid,
        "cancelled" | "refunded" | "trash" => Standing::Revoked,
        _ => Standing::NotPaid,
    }
}

/// Fields that the checkout asks beside its own, under their names.
fn metadata(fields: Vec<Field>) -> Vec<Field> {
    let keys: Vec<(String, Field)> = fields
        .iter()
        .filter_map(|field| {
            let stem = field.key.strip_prefix("meta_data.")?.strip_suffix(".key")?;
            Some((format!("meta_data.{stem}.value"), field.clone()))
        })
        .collect();
    let mut named = Vec::new();
    for field in fields {
        match keys.iter().find(|(value, _)| field.key.starts_with(value.as_str())) {
            Some((_, key)) => named.push(field.named(key.value.clone()).with([key.clone()])),
            None if field.key.starts_with("meta_data.") => {}
            None => named.push(field),
        }
    }
    named
}

fn of_buyer(field: Field) -> Field {
    let hint = match field.key.as_str() {
        "billing.first_name" => FieldMeaning::Given,
        "billing.last_name" => FieldMeaning::Family,
        "billing.phone" => FieldMeaning::Phone,
        "billing.email" => FieldMeaning::Email,
        "customer_note" => FieldMeaning::Comment,
        "date_created" => FieldMeaning::Submitted,
        "payment_method_title" => FieldMeaning::Extra,
        // a time of Greenwich by its name alone
        "date_created_gmt" => {
            return Field { value: format!("{}Z", field.value), ..field.clone().with([]) }
                .hinted(Some(FieldMeaning::Submitted));
        }
        _ => return field,
    };
    field.hinted(Some(hint))
}

/// The order behind the fields.
struct Order<'a> {
    standing: Standing,
    fields: &'a [Field],
}

/// One line of the order.
#[derive(Default)]
struct Line<'a> {
    about: BTreeMap<&'a str, &'a str>,
    /// By number: key and values.
    metadata: BTreeMap<usize, (&'a str, Vec<&'a str>)>,
}

impl<'a> Line<'a> {
    /// Every value that stands under a key: several pieces repeat it.
    fn metadata(&self, key: &str) -> Vec<&'a str> {
        self.metadata.values().filter(|(of, _)| *of == key).flat_map(|(_, values)| values.iter().copied()).collect()
    }

    fn one(&self, keys: [&str; 2]) -> Option<&'a str> {
        keys.into_iter().find_map(|key| self.metadata(key).first().copied())
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.about.get(key)?.parse().ok()
    }
}

impl<'a> Order<'a> {
    fn find(&self, key: &str) -> Option<&'a str> {
        self.fields.iter().find(|field| field.key == key).map(|field| field.value.as_str())
    }

    fn write(&self, submission: &mut Submission) {
        let lines = self.lines();
        let codes = self.codes();
        let mut sold = Vec::new();
        let orders = &mut submission.orders;
        for (at, line) in &lines {
            let name = text::clean_line(line.about.get("name").unwrap_or(&""), LONGEST_LINE);
            let quantity = line.number("quantity").unwrap_or(1);
            let price = price(line, quantity);
            let shown = price.map_or(String::new(), |price| format!(" по {}", self.spoken(price)));
            orders.extra.push(("Товар".to_owned(), format!("{name} × {quantity}{shown}")));
            let ids: Vec<u64> = line.metadata("wc_gc_giftcards").iter().filter_map(|id| id.parse().ok()).collect();
            sold.extend(ids.iter().copied());
            let is_gift = line.metadata.values().any(|(key, _)| is_of_gift_card(key));
            if !is_gift && !cart::is_certificate(&name) {
                continue;
            }
            if !self.is_in_roubles() {
                submission.quarantine = Some(QuarantineReason::OtherCurrency);
                continue;
            }
            let key = line.about.get("id").map_or_else(|| format!("line:#{at}"), |id| format!("line:{id}"));
            let room = MOST_CERTIFICATES.saturating_sub(orders.certificates.len());
            orders.certificates.extend(self.pieces(line, &key, &ids, &codes, quantity, price).into_iter().take(room));
        }
        self.write_facts(orders, &codes, &sold);
    }

    /// The certificates of one line.
    fn pieces(
        &self,
        line: &Line<'_>,
        key: &str,
        ids: &[u64],
        codes: &BTreeMap<u64, (&str, &str)>,
        quantity: usize,
        price: Option<Kopecks>,
    ) -> Vec<CertificateOrder> {
        let said = line.one(["pw_gift_card_amount", "wc_gc_giftcard_amount"]).and_then(roubles);
        let Some(face_value) = said.or(price) else { return Vec::new() };
        let name = |keys| line.one(keys).map(|name| text::clean_line(name, LONGEST_NAME)).filter(|n| !n.contains('@'));
        let numbers = line.metadata("pw_gift_card_number");
        let own_code = line.metadata("wc_gc_giftcard_code");
        let count = quantity.max(numbers.len()).max(ids.len()).min(MOST_CERTIFICATES);
        let piece = |n: usize| {
            let at_site = ids.get(n).copied();
            let shown = at_site.and_then(|id| codes.get(&id)).map(|(code, _)| *code);
            let code = numbers.get(n).or_else(|| own_code.get(n)).copied().or(shown);
            CertificateOrder {
                code: code.map(|code| text::clean_line(code, LONGEST_CODE)),
                code_at_site: at_site.filter(|_| code.is_none()),
                buyer: name(["pw_gift_card_from", "wc_gc_giftcard_from"]),
                recipient: name(["pw_gift_card_to", "wc_gc_giftcard_to"]),
                ..CertificateOrder::of_product(format!("{key}/{n}"), face_value, self.standing)
            }
        };
        (0..count).map(piece).collect()
    }

    fn write_facts(&self, orders: &mut Orders, codes: &BTreeMap<u64, (&str, &str)>, sold: &[u64]) {
        let spoken = |value: &str| roubles(value).map_or_else(|| value.to_owned(), |amount| self.spoken(amount));
        let mut say = |name: &str, value: String| orders.extra.push((name.to_owned(), value));
        if let Some(number) = self.find("number") {
            say("Номер заказа", text::clean_line(number, LONGEST_CODE));
        }
        if let Some(status) = self.find("status") {
            say("Состояние заказа", in_words(status).to_owned());
        }
        if let Some(total) = self.find("total") {
            say("Сумма заказа", spoken(total));
        }
        let refunds = self.fields.iter().filter(|f| f.key.starts_with("refunds.") && f.key.ends_with(".total"));
        for refund in refunds {
            say("Возвращено", spoken(refund.value.trim_start_matches('-')));
        }
        for (_, (code, amount)) in codes.iter().filter(|(id, _)| !sold.contains(id)) {
            let end: String = code.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
            say("Оплачено сертификатом", format!("…{end}: {}", spoken(amount)));
        }
    }

    fn spoken(&self, amount: Kopecks) -> String {
        let spoken = cart::spoken(amount);
        if self.is_in_roubles() { spoken } else { spoken.replace('₽', self.find("currency").unwrap_or_default()) }
    }

    fn is_in_roubles(&self) -> bool {
        self.find("currency").is_none_or(|currency| currency == "RUB")
    }

    fn lines(&self) -> BTreeMap<usize, Line<'a>> {
        let mut lines: BTreeMap<usize, Line<'a>> = BTreeMap::new();
        for field in self.fields {
            let Some((at, rest)) = field.key.strip_prefix("line_items.").and_then(|rest| rest.split_once('.')) else {
                continue;
            };
            let Ok(at) = at.parse() else { continue };
            let line = lines.entry(at).or_default();
            let metadata = rest.strip_prefix("meta_data.").and_then(|rest| rest.split_once('.'));
            match metadata.map(|(n, part)| (n.parse(), part)) {
                Some((Ok(n), "key")) => line.metadata.entry(n).or_default().0 = &field.value,
                // a list is `value.0`, `value.1`
                Some((Ok(n), _)) => line.metadata.entry(n).or_default().1.push(&field.value),
                _ => drop(line.about.insert(rest, &field.value)),
            }
        }
        lines
    }

    /// `gift_cards` of the order: code and amount by id.
    fn codes(&self) -> BTreeMap<u64, (&'a str, &'a str)> {
        let part = |at: &str, name: &str| self.find(&format!("gift_cards.{at}.{name}"));
        self.fields
            .iter()
            .filter_map(|field| {
                let at = field.key.strip_prefix("gift_cards.")?.strip_suffix(".code")?;
                let id = part(at, "id")?.parse().ok()?;
                Some((id, (field.value.as_str(), part(at, "amount").unwrap_or_default())))
            })
            .collect()
    }
}

/// What one piece of a line costs.
fn price(line: &Line<'_>, quantity: usize) -> Option<Kopecks> {
    let price = || line.about.get("price").and_then(|price| roubles(price));
    line.about.get("total").and_then(|total| cart::share(roubles(total)?, quantity)).or_else(price)
}

/// The shop writes as many places behind the point as it is set to.
fn roubles(text: &str) -> Option<Kopecks> {
    let places = text.rsplit_once('.').map_or(0, |(_, part)| part.len());
    if places > 2 { moment::roubles(text.trim_end_matches('0').trim_end_matches('.')) } else { moment::roubles(text) }
}

fn in_words(status: &str) -> &str {
    match status {
        "pending" => "ожидает оплаты",
        "on-hold" => "на удержании, не оплачен",
        "processing" => "оплачен",
        "completed" => "выполнен",
        "cancelled" => "отменён",
        "refunded" => "деньги возвращены",
        "failed" => "оплата не прошла",
        "checkout-draft" => "не оформлен",
        "trash" => "удалён",
        other => other,
    }
}

/// A card as `/wc/v3/gift-cards/<id>` answers it: what an order tells only the id of.
#[derive(Clone, PartialEq, Eq)]
pub struct GiftCard {
    pub id: u64,
    pub code: String,
    /// What it was issued for.
    pub face_value: Option<Kopecks>,
}

impl std::fmt::Debug for GiftCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GiftCard").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads the answer about one gift card.
#[must_use]
pub fn gift_card(body: &[u8]) -> Option<GiftCard> {
    #[derive(Deserialize)]
    struct Answer {
        id: u64,
        code: String,
        balance: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let balance = answer.balance.map(|balance| balance.as_str().map_or_else(|| balance.to_string(), str::to_owned));
    let code = text::clean_line(&answer.code, LONGEST_CODE);
    let face_value = balance.and_then(|balance| roubles(&balance));
    (!code.is_empty()).then_some(GiftCard { id: answer.id, code, face_value })
}
