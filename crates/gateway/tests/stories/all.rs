// Every story stands here once and is told on both databases.

mod actions;
mod audit;
mod bitrix24;
mod backup;
mod crash;
mod described;
mod desks;
mod doors;
mod enrolment;
mod erasure;
mod faults;
mod feed;
mod fuzz;
mod intake;
mod keys;
mod load;
mod outage;
mod place;
mod polling;
mod races;
mod sources;
mod versions;
mod world;
