//! Tilda's cart. It comes in two encodings: nested keys (`payment[products][0][name]=…`), or one field `payment` with JSON
//! text whose products are lines such as `Сертификат 5000=5000` or `Сертификат 1000 x 2 ≡ 2000`.
//!
//! An order counts as paid only with a payment system's own transaction number.

use std::collections::BTreeMap;

use domain::Kopecks;

use crate::{
    CertificateOrder, MOST_CERTIFICATES, Standing,
    certificate::Orders,
    fields::{self, Field},
    moment,
    reading::{Arrived, Submission},
};

/// Words that make a product a gift certificate.
const CERTIFICATE_WORDS: [&str; 4] = ["сертификат", "подарочная карта", "certificate", "gift card"];

/// One line of the cart.
struct Product {
    name: String,
    quantity: usize,
    /// Of one piece.
    price: Option<Kopecks>,
}

/// Takes the cart out of the fields.
pub(crate) fn arrange(fields: Vec<Field>) -> Arrived {
    if matches!(fields.as_slice(), [only] if only.key == "test" && only.value == "test") {
        return Arrived::Probe;
    }
    let (ids, fields): (Vec<Field>, Vec<Field>) = fields.into_iter().partition(|field| field.key == "tranid");
    let (cart, fields): (Vec<Field>, Vec<Field>) =
        fields.into_iter().partition(|f| f.key == "payment" || f.key.starts_with("payment."));
    let (cart, dropped) = fields::without_dropped(opened(cart));
    let mut orders = Orders { kept: ids.iter().chain(&cart).flat_map(Field::as_sent).collect(), ..Orders::default() };
    let find = |key: &str| cart.iter().find(|field| field.key == key).map(|field| field.value.as_str());
    let paid = find("payment.systranid").is_some_and(|id| id != "0") && find("payment.sys") != Some("none");
    let standing = if paid { Standing::Paid } else { Standing::NotPaid };
    let order = find("payment.orderid").map(|id| format!("order:{id}"));
    // a payment that follows its order is news, not a repetition
    let paid_mark = if paid { "+paid" } else { "" };
    let key = ids.first().map(|field| field.value.clone()).or_else(|| order.clone());
    let natural_key = key.map(|key| format!("{key}{paid_mark}"));
    for (at, product) in products(&cart).into_iter().enumerate() {
        let price = product.price.map_or(String::new(), |price| format!(" по {}", spoken(price)));
        orders.extra.push(("Товар".to_owned(), format!("{} × {}{price}", product.name, product.quantity)));
        let Some(face_value) = product.price.filter(|_| is_certificate(&product.name)) else { continue };
        let room = MOST_CERTIFICATES.saturating_sub(orders.certificates.len());
        let piece = |n| CertificateOrder::of_product(format!("product:{at}/{n}"), face_value, standing);
        orders.certificates.extend((0..product.quantity.min(room)).map(piece));
    }
    let named = |field: &Field| (field.key.clone(), field.value.clone());
    orders.extra.extend(cart.iter().filter(|f| !f.key.starts_with("payment.products")).map(named));
    Arrived::Submission(Submission {
        fields,
        orders,
        subject_key: order,
        natural_key,
        dropped,
        ..Submission::default()
    })
}

/// The cart's fields, whichever encoding they came in.
fn opened(cart: Vec<Field>) -> Vec<Field> {
    cart.into_iter()
        .flat_map(|field| if field.key == "payment" { fields::opened(field) } else { vec![field] })
        .collect()
}

fn products(cart: &[Field]) -> Vec<Product> {
    let mut lines: BTreeMap<usize, BTreeMap<&str, &str>> = BTreeMap::new();
    for field in cart {
        let Some(rest) = field.key.strip_prefix("payment.products.") else { continue };
        let (at, name) = rest.split_once('.').unwrap_or((rest, ""));
        if let Ok(at) = at.parse() {
            lines.entry(at).or_default().insert(name, field.value.as_str());
        }
    }
    lines.values().filter_map(product).collect()
}

fn product(line: &BTreeMap<&str, &str>) -> Option<Product> {
    if let Some(text) = line.get("") {
        return Some(product_of_text(text));
    }
    let name = (*line.get("name")?).to_owned();
    let quantity = line.get("quantity").and_then(|q| q.parse().ok()).unwrap_or(1);
    let amount = line.get("amount").and_then(|a| moment::roubles(a));
    let price = line.get("price").and_then(|p| moment::roubles(p)).or_else(|| amount.and_then(|a| share(a, quantity)));
    Some(Product { name, quantity, price })
}

/// `name=total`, or `name x 2 ≡ total`.
fn product_of_text(text: &str) -> Product {
    let (left, total) = text.rsplit_once(['≡', '=']).unwrap_or((text, ""));
    let (name, quantity) = counted(left).unwrap_or_else(|| (left.trim().to_owned(), 1));
    Product { name, quantity, price: moment::roubles(total).and_then(|total| share(total, quantity)) }
}

/// `name x 2 `: the name and the count.
fn counted(left: &str) -> Option<(String, usize)> {
    let (head, last) = left.trim_end().rsplit_once(' ')?;
    let name = head.trim_end().strip_suffix(['x', 'х', '×'])?;
    Some((name.trim_end().to_owned(), last.parse().ok()?))
}

/// What one of so many costs, where it comes out even.
pub(crate) fn share(total: Kopecks, quantity: usize) -> Option<Kopecks> {
    let quantity = i64::try_from(quantity).ok().filter(|q| *q > 0)?;
    (total.0 % quantity == 0).then_some(Kopecks(total.0 / quantity))
}

pub(crate) fn is_certificate(name: &str) -> bool {
    let name = name.to_lowercase();
    CERTIFICATE_WORDS.iter().any(|word| name.contains(word))
}

pub(crate) fn spoken(amount: Kopecks) -> String {
    if amount.0 % 100 == 0 {
        format!("{} ₽", amount.0 / 100)
    } else {
        format!("{},{:02} ₽", amount.0 / 100, amount.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_text_is_name_count_and_total() {
        for (text, name, quantity, price) in [
            ("Сертификат 5000=5000", "Сертификат 5000", 1, Some(500_000)),
            ("Сертификат 1000 x 2 ≡ 2000", "Сертификат 1000", 2, Some(100_000)),
            ("Сертификат 1000 х 3 ≡ 1000", "Сертификат 1000", 3, None),
            ("Щётка a=b=350.50", "Щётка a=b", 1, Some(35_050)),
            ("без цены", "без цены", 1, None),
            ("", "", 1, None),
        ] {
            let product = product_of_text(text);
            assert_eq!(
                (product.name.as_str(), product.quantity, product.price.map(|p| p.0)),
                (name, quantity, price),
                "{text}"
            );
        }
    }
}
