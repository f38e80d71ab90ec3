// Every story stands here once and is told on both databases.

mod actions;
mod bitrix24;
mod crash;
mod doors;
mod enrolment;
mod faults;
mod feed;
mod intake;
mod place;
mod polling;
mod races;
mod sources;
mod versions;
mod world;
