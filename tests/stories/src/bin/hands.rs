//! A desk in a process of its own, to be killed. `work`: somebody works at it without end and says what was saved.
//! `settle`, `report`: it talks with the gateway to the end and says what it shows.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a part of the stories")]

use stories::chaos::hands;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let desk = stories::start_desk(args[1].as_ref(), &args[2]).await;
    let view = desk.app_view(contract::ui::Nothing {}).await.expect("view");
    if let Some(trouble) = view.trouble {
        println!("trouble: {trouble:?}");
        return;
    }
    stories::sign_in(&desk, stories::RECEPTIONIST).await;
    let last = match args[3].as_str() {
        "work" => {
            let certificates = serde_json::from_str(&args[5]).expect("certificates");
            return hands::work(&desk, args[4].parse().expect("a number"), certificates).await;
        }
        "settle" => hands::settle(&desk).await,
        _ => {
            let ids = std::fs::read_to_string(&args[4]).expect("ids");
            hands::report(&desk, &serde_json::from_str(&ids).expect("ids")).await
        }
    };
    match last {
        Ok(report) => println!("{}", serde_json::to_string(&report).unwrap()),
        Err(what) => println!("{what}"),
    }
    desk.close().await;
}
