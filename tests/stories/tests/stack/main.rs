//! The stories of the simulation, played on what the product is made of: the desk's encrypted database, the engine, the
//! sealing, and the gateway's own router over each of its databases. Only network and clocks are modelled.
//!
//! A desk or a gateway dies between two of its steps here; that it may die between any two writes of one step is shown
//! by the model and by the enumeration of the journal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod desk;
mod house;
mod world;

use house::Kind;
use sim::Plan;
use world::World;

/// Stories in an ordinary run; `RECEPTION_STACK_SEEDS=FROM..TO` plays others.
const SEEDS: std::ops::Range<u64> = 1..9;

async fn play(kind: Kind) {
    let seeds = match std::env::var("RECEPTION_STACK_SEEDS") {
        Ok(text) => {
            let (from, to) = text.split_once("..").expect("FROM..TO");
            from.parse().unwrap()..to.parse().unwrap()
        }
        Err(_) => SEEDS,
    };
    let mut figures = sim::Figures::default();
    for seed in seeds.clone() {
        let plan = Plan::of(seed);
        let mut world = World::of(&plan, kind).await;
        let told = async |world: &World, after: &str| {
            if let Err(what) = world.check().await {
                panic!("seed {seed}, {after}: {what}\n{}", sim::tell(&plan, None));
            }
        };
        for (at, event) in plan.events.iter().enumerate() {
            world.play(at, *event).await;
            if at % 16 == 0 {
                told(&world, &format!("after step {at}")).await;
            }
        }
        told(&world, "before healing").await;
        if let Err(what) = world.heal().await {
            panic!("seed {seed} does not come to rest: {what}\n{}", sim::tell(&plan, None));
        }
        told(&world, "after healing").await;
        world.updates_everybody().await;
        if let Err(what) = world.heal().await {
            panic!("seed {seed} does not come to rest after everybody was updated: {what}\n{}", sim::tell(&plan, None));
        }
        told(&world, "after everybody was updated").await;
        figures.add(&world.figures);
        world.close().await;
    }
    println!("{} seeds from {}: {figures}", seeds.end - seeds.start, seeds.start);
}

#[tokio::test]
async fn every_promise_is_kept_on_sqlite() {
    play(Kind::Sqlite).await;
}

#[tokio::test]
async fn every_promise_is_kept_on_postgres() {
    play(Kind::Postgres).await;
}
