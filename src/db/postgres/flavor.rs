//! What kind of server stands behind the protocol, and what waif cannot do or vouch for there. Called by `opening`.

use crate::model::fault::{Fault, Kind};
use crate::model::server::Flavor;

/// The oldest version whose catalogs waif reads.
const OLDEST: u32 = 120_000;
/// The newest major waif was tried with.
const NEWEST_MAJOR: u32 = 18;

/// Reads the flavor off `version()`, the extensions and the functions there are.
pub(super) fn of(version: &str, extensions: &str, aurora: bool) -> Flavor {
    let has = |name: &str| extensions.split_whitespace().any(|extension| extension == name);
    match version {
        words if words.contains("CockroachDB") => Flavor::Cockroach,
        words if words.contains("Redshift") => Flavor::Redshift,
        words if words.contains("-YB-") => Flavor::Yugabyte,
        _ if has("citus") => Flavor::Citus,
        _ if has("timescaledb") => Flavor::Timescale,
        _ if aurora => Flavor::Aurora,
        _ => Flavor::Plain,
    }
}

/// Refuses a server that waif cannot inspect at all, from `version()` alone.
pub(super) fn refuse_by_name(version: &str) -> Result<(), Fault> {
    if version.contains("Redshift") {
        return Err(Fault::new(Kind::Unsupported, "This is Amazon Redshift, which waif cannot inspect.")
            .because("Redshift keeps foreign keys as hints and never checks them, and its catalogs are those of PostgreSQL 8.")
            .hint("Inspect the database the data comes from."));
    }
    Ok(())
}

/// Refuses a server whose catalogs are too old.
pub(super) fn refuse_by_age(version: &str, number: u32) -> Result<(), Fault> {
    if number >= OLDEST {
        return Ok(());
    }
    Err(Fault::new(
        Kind::Unsupported,
        "This server is too old: waif reads the catalogs of PostgreSQL 12 and newer.",
    )
    .because(version)
    .hint("Restore a dump of it on a newer server and inspect that."))
}

/// Why counts on this flavor cannot share one moment.
pub(super) fn no_common_moment(flavor: Flavor) -> Option<&'static str> {
    match flavor {
        Flavor::Citus => Some("On Citus each shard is read at a moment of its own."),
        Flavor::Cockroach => Some("CockroachDB cannot share one snapshot among sessions."),
        Flavor::Yugabyte => Some("YugabyteDB is not asked to share one snapshot among sessions."),
        _ => None,
    }
}

/// What to know before believing counts made on this flavor.
pub(super) fn notices(flavor: Flavor, version: &str, number: u32) -> Vec<String> {
    let mut notices = Vec::new();
    match flavor {
        Flavor::Citus => {
            notices.push("Citus: each shard is read at a moment of its own, so rows that move meanwhile may be counted twice or not at all.".to_owned());
            notices.push("Citus: tables that are not co-located, or joined on other columns than those they are distributed by, may be refused by Citus; they then stand as not checked.".to_owned());
        }
        Flavor::Timescale => notices.push(
            "TimescaleDB: the rows of a hypertable live in its chunks and are counted there, in the schema _timescaledb_internal.".to_owned(),
        ),
        Flavor::Cockroach => notices.push(
            "CockroachDB speaks PostgreSQL's protocol with other catalogs and locks: waif only reads here, and what it cannot read stands as not checked.".to_owned(),
        ),
        Flavor::Yugabyte => notices.push(
            "YugabyteDB speaks PostgreSQL's protocol with another storage: waif only reads here, and what it cannot read stands as not checked.".to_owned(),
        ),
        Flavor::Plain | Flavor::Aurora | Flavor::Redshift => {}
    }
    if version.contains("Greenplum") {
        notices.push(
            "Greenplum keeps foreign keys without checking them: expect orphans behind every one.".to_owned(),
        );
    }
    let major = number / 10_000;
    if major > NEWEST_MAJOR {
        notices.push(format!(
            "PostgreSQL {major} is newer than waif, which was tried with 12 to {NEWEST_MAJOR}: its catalogs may hold what waif does not know."
        ));
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc";

    #[test]
    fn flavors_are_known_by_their_words_extensions_and_functions() {
        assert_eq!(of(PLAIN, "plpgsql citext", false), Flavor::Plain);
        assert_eq!(of(PLAIN, "plpgsql citus citus_columnar", false), Flavor::Citus);
        assert_eq!(of(PLAIN, "plpgsql timescaledb", false), Flavor::Timescale);
        assert_eq!(of(PLAIN, "plpgsql", true), Flavor::Aurora);
        assert_eq!(of("CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)", "", false), Flavor::Cockroach);
        assert_eq!(of("PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64-pc-linux-gnu", "", false), Flavor::Yugabyte);
        let redshift =
            "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12103";
        assert_eq!(of(redshift, "", false), Flavor::Redshift);
        assert!(refuse_by_name(redshift).is_err_and(|fault| fault.kind == Kind::Unsupported));
        assert!(refuse_by_name(PLAIN).is_ok());
    }

    #[test]
    fn old_servers_are_refused_and_new_ones_doubted() {
        assert!(refuse_by_age("PostgreSQL 11.22", 110_022).is_err());
        assert!(refuse_by_age("PostgreSQL 12.0", 120_000).is_ok());
        assert_eq!(notices(Flavor::Plain, PLAIN, 180_004), Vec::<String>::new());
        assert!(notices(Flavor::Plain, PLAIN, 190_000)[0].contains("newer than waif"));
    }

    #[test]
    fn what_cannot_be_vouched_for_is_said_on_every_fork() {
        for flavor in [Flavor::Citus, Flavor::Timescale, Flavor::Cockroach, Flavor::Yugabyte] {
            assert!(!notices(flavor, PLAIN, 150_000).is_empty(), "{flavor:?}");
        }
        assert!(no_common_moment(Flavor::Citus).is_some());
        assert!(no_common_moment(Flavor::Plain).is_none());
    }
}
