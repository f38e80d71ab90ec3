//! A clerk in a process of its own, to be killed: signs in, logs calls without end, and tells each one only after the
//! desk has said that it is saved.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a part of the stories")]

use std::io::Write as _;

use contract::ui::{LogCallArgs, Nothing, QueueArgs, QueueFilter};
use domain::request::CallOutcome;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let desk = stories::start_desk(args[1].as_ref(), &args[2]).await;
    let view = desk.app_view(Nothing {}).await.expect("view");
    if let Some(trouble) = view.trouble {
        println!("trouble {}", serde_json::to_string(&trouble.code).unwrap());
        return;
    }
    stories::sign_in(&desk, stories::RECEPTIONIST).await;
    let mut out = std::io::stdout();
    loop {
        let queue = desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.expect("queue");
        for row in queue.rows {
            let call = LogCallArgs {
                id: row.id,
                outcome: CallOutcome::NoAnswer,
                note: Some("гудки".into()),
                next_try_at: None,
            };
            let card = desk.request_log_call(call).await.expect("log a call");
            let saved = card.calls.iter().max_by_key(|c| c.at).expect("the call that was logged");
            writeln!(out, "saved {}", saved.id).unwrap();
            out.flush().unwrap();
        }
    }
}
