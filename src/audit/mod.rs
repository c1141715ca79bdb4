//! Reading: counts, lists and rules. It cannot write: it is handed [`Reader`](crate::db::Reader)s, a type that takes only
//! queries. Called by `job`.

pub mod lint;
