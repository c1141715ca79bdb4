//! The same on SQLite: a file has no server that outlives the program, so what counts is that a batch and its line in the
//! journal are one transaction, and that others who have the file open are met.

mod beneath;
mod disk;
mod hot;
mod killed;
mod others;
mod stage;
