//! Prints the window's side of the contract.
#![allow(clippy::print_stdout, reason = "printing is its work")]

fn main() {
    print!("{}", contract::typescript::wire_ts());
}
