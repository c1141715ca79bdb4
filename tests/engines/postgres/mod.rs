//! What PostgreSQL can declare, forbid, hide and break; one file a theme.

mod catalog;
mod declared;
mod enforced;
mod hidden;
mod limits;
mod lists;
mod oracle;
mod partitions;
mod plans;
mod read_only;
mod suspect;
mod temporal;
mod tied;
