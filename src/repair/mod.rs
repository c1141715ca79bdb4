//! Writing: from staged actions to a plan, and from an armed plan to a changed and proved database. `survey` asks, the
//! planner decides and is pure, `file` keeps a plan as text and tells what is wrong with one; the run journals everything
//! in the transaction that does it. Called by `job`; it never names `audit`.

pub mod file;
pub mod planner;
pub mod run;
pub mod survey;

#[cfg(test)]
mod tests;
