//! The only place with a clock, randomness, files and the keychain; everything else gets them as arguments.

pub mod print;
