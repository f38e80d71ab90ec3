// Every story stands here once and is told on both databases.

mod actions;
mod crash;
mod doors;
mod enrolment;
mod faults;
mod feed;
mod intake;
mod place;
mod races;
mod world;
