//! What PostgreSQL can declare, forbid, hide and break; one file a theme.

mod declared;
mod hidden;
mod limits;
mod oracle;
mod partitions;
mod read_only;
mod suspect;
