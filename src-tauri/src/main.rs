fn main() { reception_lib::run(); }
