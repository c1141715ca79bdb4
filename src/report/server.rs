//! The server: what answered, as whom, over what link, and what waif cannot vouch for there.

use crate::model::catalog::{Catalog, RowSecurity, TableKind};
use crate::model::figure::grouped;
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::target::Environment;
use crate::model::text::visible;
use crate::report::check::Unseen;
use crate::report::paper::{Ink, Paper};
use crate::report::table::{Side, Table};
use crate::report::{FORMAT, Tool, pretty};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Product and version: `PostgreSQL 15.18 (Citus)`.
pub fn product(server: &Server) -> String {
    let name = match server.engine {
        EngineKind::Postgres => "PostgreSQL",
        EngineKind::Sqlite => "SQLite",
    };
    let variety = match server.flavor {
        Flavor::Plain => "",
        Flavor::Citus => " (Citus)",
        Flavor::Timescale => " (TimescaleDB)",
        Flavor::Cockroach => " (CockroachDB)",
        Flavor::Yugabyte => " (YugabyteDB)",
        Flavor::Redshift => " (Amazon Redshift)",
        Flavor::Aurora => " (Amazon Aurora)",
    };
    format!("{name} {}{variety}", visible(&server.version))
}

/// How it was reached: role and place, label, link, standing, and whether it refuses writes.
pub fn place(server: &Server, environment: Environment) -> Vec<String> {
    let address = server.address.visible();
    let who = match &server.user {
        Some(user) => format!("{} at {address}", user.visible()),
        None => address.into_owned(),
    };
    let mut parts = vec![who, label(environment).to_owned()];
    if let Some(link) = link(&server.tls) {
        parts.push(link);
    }
    if server.standby {
        parts.push("hot standby".to_owned());
    }
    if server.pooled {
        parts.push("behind a transaction pooler".to_owned());
    }
    parts.push(if server.read_only { "read-only" } else { "the server allows writes" }.to_owned());
    parts
}

/// The label of a place.
pub fn label(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Staging => "staging",
        Environment::Development => "development",
    }
}

/// The link's encryption; none where there is nothing to encrypt.
pub fn link(tls: &Tls) -> Option<String> {
    match tls {
        Tls::Local => None,
        Tls::Off => Some("TLS off".to_owned()),
        Tls::On { protocol, verified: true } => Some(format!("{} verified", visible(protocol))),
        Tls::On { protocol, verified: false } => Some(format!("{} not verified", visible(protocol))),
    }
}

/// What a catalog holds, and how it was reached: what `waif info` tells.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The catalog, and with it the server.
    pub catalog: &'a Catalog,
    /// How much care it deserves.
    pub environment: Environment,
    /// Where each connection parameter came from.
    pub sources: &'a BTreeMap<&'static str, String>,
}

/// Numbers of what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Numbers {
    schemas: usize,
    /// Tables, without partitions.
    tables: usize,
    partitioned: usize,
    partitions: usize,
    foreign: usize,
    r#virtual: usize,
    columns: usize,
    indexes: usize,
    triggers: usize,
    relations: usize,
    /// Tables with a column the role may not read.
    unreadable: usize,
    /// Tables whose row security would hide rows from the role.
    row_security: usize,
}

impl Numbers {
    fn of(catalog: &Catalog) -> Self {
        let tables = || catalog.tables.iter();
        let kind = |kind: TableKind| tables().filter(|table| table.kind == kind).count();
        let partitions = tables().filter(|table| table.partition_of.is_some()).count();
        Self {
            schemas: catalog.schemas.len(),
            tables: catalog.tables.len() - partitions,
            partitioned: kind(TableKind::Partitioned),
            partitions,
            foreign: kind(TableKind::Foreign),
            r#virtual: kind(TableKind::Virtual),
            columns: tables().map(|table| table.columns.len()).sum(),
            indexes: tables().map(|table| table.indexes.len()).sum(),
            triggers: tables().map(|table| table.triggers.len()).sum(),
            relations: catalog.relations.len(),
            unreadable: tables().filter(|table| !table.readable).count(),
            row_security: tables().filter(|table| table.row_security == RowSecurity::Active).count(),
        }
    }
}

/// For people.
///
/// # Errors
/// What the writer says.
pub fn text(found: &Found<'_>, paper: &Paper, out: &mut dyn Write) -> io::Result<()> {
    let server = &found.catalog.server;
    let title = format!("{}  {}", server.database.visible(), product(server));
    writeln!(out, "{}", paper.ink(Ink::Strong, &title))?;
    let mut table = Table::new(2, [(Side::Left, ""), (Side::Left, "")]);
    let mut row = |name: &str, text: String| table.row([(Ink::Faint, name.to_owned()), (Ink::Plain, text)]);
    row("address", server.address.visible().into_owned());
    if let Some(user) = &server.user {
        let rank = if server.superuser { " (superuser)" } else { "" };
        row("role", format!("{}{rank}", user.visible()));
    }
    row(
        "encryption",
        link(&server.tls).unwrap_or_else(|| "none needed: a file or a local socket".to_owned()),
    );
    row("environment", label(found.environment).to_owned());
    let refuses = "yes: the server refuses writes in waif's session";
    row("read-only", if server.read_only { refuses } else { "NO: the server would allow writes" }.to_owned());
    row("hot standby", yes(server.standby));
    row("transaction pooler", yes(server.pooled));
    row("default schema", visible(&server.default_schema).into_owned());
    for (parameter, source) in found.sources {
        row(&format!("{parameter} from"), visible(source).into_owned());
    }
    let numbers = Numbers::of(found.catalog);
    for (name, many) in [
        ("schemas", numbers.schemas),
        ("tables", numbers.tables),
        ("  partitioned", numbers.partitioned),
        ("  partitions", numbers.partitions),
        ("  foreign", numbers.foreign),
        ("  virtual", numbers.r#virtual),
        ("  not readable", numbers.unreadable),
        ("  row security", numbers.row_security),
        ("columns", numbers.columns),
        ("indexes", numbers.indexes),
        ("triggers", numbers.triggers),
        ("relations", numbers.relations),
    ] {
        if many > 0 || !name.starts_with(' ') {
            row(name, grouped(many as u64));
        }
    }
    table.write(paper, out)?;
    let gaps = found.catalog.gaps.iter().map(|gap| format!("{}: {}", gap.object, gap.reason));
    for notice in server.notices.iter().cloned().chain(gaps) {
        for (place, line) in paper.wrap(2, &visible(&notice)).iter().enumerate() {
            writeln!(out, "{}{line}", if place == 0 { "! " } else { "  " })?;
        }
    }
    Ok(())
}

fn yes(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// For pipelines.
///
/// # Errors
/// What the writer says.
pub fn json(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        tool: Tool,
        environment: Environment,
        server: &'a Server,
        sources: &'a BTreeMap<&'static str, String>,
        found: Numbers,
        gaps: Vec<Unseen<'a>>,
    }
    let catalog = found.catalog;
    let document = Document {
        format: FORMAT,
        tool: Tool::WAIF,
        environment: found.environment,
        server: &catalog.server,
        sources: found.sources,
        found: Numbers::of(catalog),
        gaps: catalog.gaps.iter().map(Unseen::from).collect(),
    };
    pretty(&document, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Gap;
    use crate::report::tests::{catalog, printed};
    use insta::assert_snapshot;

    fn found(print: impl FnOnce(&Found<'_>) -> String) -> String {
        let mut catalog = catalog().catalog;
        catalog.server.notices = vec!["Distributed tables are counted by the coordinator.".to_owned()];
        catalog.gaps = vec![Gap { object: "secret".into(), reason: "the schema may not be used".into() }];
        let sources = BTreeMap::from([("host", "PGHOST".to_owned())]);
        print(&Found { catalog: &catalog, environment: Environment::Production, sources: &sources })
    }

    #[test]
    fn text_says_what_answered_what_was_found_and_what_waif_cannot_vouch_for() {
        let paper = Paper { width: 80, color: false };
        assert_snapshot!(found(|found| printed(|out| text(found, &paper, out))));
    }

    #[test]
    fn json_says_the_same() {
        let told = found(|found| printed(|out| json(found, out)));
        assert_snapshot!(told.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }
}
