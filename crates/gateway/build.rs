//! A new migration must rebuild the crate that carries it.
#![allow(clippy::print_stdout)]

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/gateway");
}
