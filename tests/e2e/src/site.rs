//! What visitors of the website left in the night, posted as sites post it.

use serde_json::json;

/// Whom the story is about. Invented, and found nowhere else, so that any trace of them is a leak.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    pub name: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
}

pub const FAMILY: &str = "Журавлёва-Ясенецкая";

/// Asks to be called back, through a Tilda site.
pub const CALLBACK: Visitor = Visitor {
    name: "Журавлёва-Ясенецкая Ульяна Елисеевна",
    phone: "8 (900) 417-28-63",
    email: "ulyana.zh@pochta.example",
};

/// Bought a certificate on a site that makes its own codes.
pub const CERTIFICATE: Visitor =
    Visitor {
        name: "Щербатский Прохор Лукич", phone: "+7 900 531-94-07", email: "prohor.sch@pochta.example"
    };

/// The code of the certificate as it is printed on it.
pub(crate) fn certificate_code() -> String {
    let body = "QXMW7KDHTR3VNP";
    format!("{body}{}", domain::fold::check_char(body))
}

/// The addresses of the gateway's intake for its two sources.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    pub(crate) tilda: String,
    pub(crate) form: String,
}

impl Intake {
    /// Posts the demo's night and the two visitors of the story; answers how many requests that makes.
    pub(crate) async fn post_the_night(&self) -> usize {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for post in demo::requests() {
            let to = if post.connector == "tilda" { &self.tilda } else { &self.form };
            send(&client, to, post.content_type, post.body.trim_end().to_owned()).await;
        }
        send(&client, &self.tilda, "application/x-www-form-urlencoded", callback()).await;
        send(&client, &self.form, "application/json", certificate_order()).await;
        demo::requests().len() + 2
    }

    /// One more callback of somebody new.
    pub(crate) async fn post_callback(&self, name: &str, phone: &str) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let body = json!({ "name": name, "phone": phone, "message": "Перезвоните, пожалуйста" });
        send(&client, &self.form, "application/json", body.to_string()).await;
    }
}

async fn send(client: &reqwest::Client, to: &str, content_type: &str, body: String) {
    let answer = client.post(to).header("content-type", content_type).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "the intake refused a payload");
}

fn callback() -> String {
    let fields = [
        ("Name", CALLBACK.name),
        ("Phone", CALLBACK.phone),
        ("Email", CALLBACK.email),
        ("Услуга", "Консультация ортодонта"),
        ("Согласие на обработку персональных данных", "yes"),
        ("formname", "Обратный звонок"),
        ("tranid", "1234567:990417"),
    ];
    let mut address = reqwest::Url::parse("http://form.invalid/").unwrap();
    address.query_pairs_mut().extend_pairs(fields);
    address.query().unwrap_or_default().to_owned()
}

fn certificate_order() -> String {
    json!({
        "name": CERTIFICATE.name,
        "phone": CERTIFICATE.phone,
        "email": CERTIFICATE.email,
        "certificate": { "code": certificate_code(), "face_value": 7000, "buyer": CERTIFICATE.name },
    })
    .to_string()
}
