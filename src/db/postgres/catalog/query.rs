//! The catalog queries: SQL from `assets/sql/postgres`, cut to the server's version. A line that ends in `-- 15+` is
//! for PostgreSQL 15 and newer, one that ends in `-- <15` for older ones. Called by the reader of the catalog.

use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;

/// A catalog query, for all versions at once.
#[derive(Clone, Copy)]
pub(super) struct Asked(&'static str);

pub(super) const SCHEMAS: Asked = Asked(include_str!("../../../../assets/sql/postgres/schemas.sql"));
pub(super) const TABLES: Asked = Asked(include_str!("../../../../assets/sql/postgres/tables.sql"));
pub(super) const COLUMNS: Asked = Asked(include_str!("../../../../assets/sql/postgres/columns.sql"));
pub(super) const TYPES: Asked = Asked(include_str!("../../../../assets/sql/postgres/types.sql"));
pub(super) const COLLATIONS: Asked = Asked(include_str!("../../../../assets/sql/postgres/collations.sql"));
pub(super) const INDEXES: Asked = Asked(include_str!("../../../../assets/sql/postgres/indexes.sql"));
pub(super) const TRIGGERS: Asked = Asked(include_str!("../../../../assets/sql/postgres/triggers.sql"));
pub(super) const FOREIGN_KEYS: Asked =
    Asked(include_str!("../../../../assets/sql/postgres/foreign_keys.sql"));
pub(super) const OPERATORS: Asked = Asked(include_str!("../../../../assets/sql/postgres/operators.sql"));
pub(super) const DEFINITIONS: Asked = Asked(include_str!("../../../../assets/sql/postgres/definitions.sql"));

impl Asked {
    /// The query as a server of this version (`server_version_num`) takes it.
    pub(super) fn for_version(self, version: u32, args: Vec<Value>) -> Query {
        let major = version / 10_000;
        let mut text = String::with_capacity(self.0.len());
        for line in self.0.lines().filter(|line| serves(line, major)) {
            text.push_str(line);
            text.push('\n');
        }
        Query::new(Purpose::Catalog, text, args)
    }
}

fn serves(line: &str, major: u32) -> bool {
    let Some((_, mark)) = line.rsplit_once("-- ") else { return true };
    if let Some(from) = mark.strip_suffix('+').and_then(|number| number.parse::<u32>().ok()) {
        return major >= from;
    }
    match mark.strip_prefix('<').and_then(|number| number.parse::<u32>().ok()) {
        Some(before) => major < before,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_gets_the_columns_it_has() {
        let text = |version| FOREIGN_KEYS.for_version(version, Vec::new()).text().to_owned();
        let (old, middle, new) = (text(120_022), text(150_018), text(180_004));
        assert!(!old.contains("confdelsetcols") && !old.contains("conenforced"));
        assert!(middle.contains("confdelsetcols") && !middle.contains("conenforced"));
        assert!(new.contains("confdelsetcols") && new.contains("conenforced"));
    }

    #[test]
    fn tables_and_their_keys_leave_out_the_same() {
        let own = |asked: Asked| {
            let from = asked.0.find("WITH own AS (").expect("what is waif's own");
            let to = asked.0.find("), member AS (").expect("members of extensions");
            asked.0[from..to].to_owned()
        };
        assert_eq!(own(TABLES), own(FOREIGN_KEYS));
    }

    #[test]
    fn a_line_without_a_mark_serves_everybody() {
        assert!(serves("SELECT 1 -- the first", 12));
        assert!(serves("-- Copies: what 15+ calls clones", 12));
        assert!(!serves("a, -- 15+", 14) && serves("a, -- 15+", 15));
        assert!(serves("a, -- <15", 14) && !serves("a, -- <15", 15));
    }
}
