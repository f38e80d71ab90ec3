//! Prints the description of the API.
#![allow(clippy::print_stdout, reason = "printing is its work")]

fn main() {
    print!("{}", contract::v1::openapi::document_text());
}
