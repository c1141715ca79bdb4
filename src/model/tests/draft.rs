//! Catalogs drawn by hand for tests, in a shorthand a reader takes in at a glance:
//! `draft.table("orders", "id bigint!, user_id bigint")`, `draft.relation("orders(user_id)->users(id)")`.
//! The first column of a table is its primary key, `!` stands for NOT NULL.

use crate::model::catalog::{
    Catalog, Column, Generated, Index, Key, Persistence, RowSecurity, Table, TableId, TableKind,
};
use crate::model::ident::{Ident, TableName};
use crate::model::relation::{self, End, Enforcement, Flaw, Matching, Origin, Referential, Relation};
use crate::model::server::{EngineKind, Flavor, Server, Tls};
use crate::model::text::Untrusted;

pub struct Draft {
    pub catalog: Catalog,
}

pub fn ident(name: &str) -> Ident {
    Ident::new(name).unwrap()
}

impl Draft {
    pub fn postgres() -> Self {
        Self::new(EngineKind::Postgres, "public", 170_000)
    }

    pub fn sqlite() -> Self {
        Self::new(EngineKind::Sqlite, "main", 3_051_000)
    }

    fn new(engine: EngineKind, schema: &str, version_number: u32) -> Self {
        let server = Server {
            engine,
            flavor: Flavor::Plain,
            version: String::new(),
            version_number,
            database: Untrusted::new("shop"),
            user: None,
            address: Untrusted::new(""),
            read_only: true,
            standby: false,
            pooled: false,
            superuser: false,
            tls: Tls::Local,
            default_schema: schema.to_owned(),
            notices: Vec::new(),
        };
        let schemas = vec![ident(schema)];
        Self { catalog: Catalog { server, schemas, tables: vec![], relations: vec![], gaps: vec![] } }
    }

    fn name(&self, written: &str) -> TableName {
        let (schema, name) =
            written.split_once('.').unwrap_or((self.catalog.server.default_schema.as_str(), written));
        TableName { schema: ident(schema), name: ident(name) }
    }

    /// Adds a table; its first column is the primary key, with an index where the engine would make one: SQLite's
    /// INTEGER PRIMARY KEY is the row id and has none.
    pub fn table(&mut self, name: &str, columns: &str) -> &mut Table {
        let typed = self.catalog.server.engine == EngineKind::Postgres;
        let id = TableId(u32::try_from(self.catalog.tables.len()).unwrap());
        let columns: Vec<Column> =
            columns.split(',').zip(1..).map(|(text, number)| column(text.trim(), number, typed)).collect();
        let row_id = !typed && columns[0].type_name.eq_ignore_ascii_case("integer");
        let key_index = index(&format!("{name}_pkey"), &[Some(0)], true);
        self.catalog.tables.push(Table {
            id,
            oid: 0,
            name: self.name(name),
            kind: TableKind::Plain,
            persistence: Persistence::Permanent,
            partition_of: None,
            inherits: vec![],
            partition_key: None,
            columns,
            keys: vec![Key { name: None, columns: vec![0], primary: true, collations: vec![] }],
            indexes: if row_id { vec![] } else { vec![key_index] },
            triggers: vec![],
            rules: vec![],
            row_security: RowSecurity::Off,
            estimated_rows: None,
            bytes: None,
            readable: true,
            owner: None,
        });
        self.catalog.tables.last_mut().unwrap()
    }

    /// Makes a table a partition of another.
    pub fn partition(&mut self, name: &str, of: &str) {
        let above = self.id(of);
        self.find(of).kind = TableKind::Partitioned;
        self.find(name).partition_of = Some(above);
    }

    pub fn id(&self, name: &str) -> TableId {
        self.catalog.by_name()[&self.name(name)]
    }

    pub fn find(&mut self, name: &str) -> &mut Table {
        let id = self.id(name);
        &mut self.catalog.tables[id.0 as usize]
    }

    /// Adds an index over named columns; an unknown name stands for an expression.
    pub fn index(&mut self, table: &str, columns: &str) -> &mut Index {
        let name = format!("{table}_{}_idx", columns.replace(',', "_"));
        let table = self.find(table);
        let places: Vec<Option<usize>> =
            columns.split(',').map(|name| table.column(&ident(name)).map(|(at, _)| at)).collect();
        table.indexes.push(index(&name, &places, false));
        table.indexes.last_mut().unwrap()
    }

    /// Adds a declared, enforced, validated relation with NO ACTION, written as its id.
    pub fn relation(&mut self, text: &str) -> &mut Relation {
        let (child, parent) = text.split_once("->").unwrap();
        let (child, parent) = (self.end(child), self.end(parent));
        let flaw = parent.table.is_none().then_some(Flaw::MissingTable);
        let name = format!("{}_{}_fkey", child.name.name.raw(), child.columns[0].raw());
        let per_connection = self.catalog.server.engine == EngineKind::Sqlite;
        self.catalog.relations.push(Relation {
            id: relation::id(&child, &parent, &self.catalog.server.default_schema),
            origin: Origin::Declared,
            constraint: Some(ident(&name)),
            oid: 0,
            child,
            parent,
            on_delete: Referential::NoAction,
            on_update: Referential::NoAction,
            set_columns: vec![],
            matching: Matching::Simple,
            deferrable: false,
            initially_deferred: false,
            validated: true,
            enforcement: if per_connection { Enforcement::PerConnection } else { Enforcement::On },
            temporal: false,
            comparisons: vec![],
            partitions: 0,
            flaw,
            parent_index: None,
        });
        self.catalog.relations.last_mut().unwrap()
    }

    fn end(&self, text: &str) -> End {
        let (table, columns) = text.strip_suffix(')').unwrap().split_once('(').unwrap();
        let name = self.name(table);
        let columns = columns.split(',').filter(|name| !name.is_empty()).map(ident).collect();
        End { table: self.catalog.by_name().get(&name).copied(), name, columns }
    }
}

fn column(text: &str, number: i32, typed: bool) -> Column {
    let (text, not_null) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let (name, type_name) = text.split_once(' ').unwrap_or((text, ""));
    Column {
        name: ident(name),
        number,
        type_name: type_name.to_owned(),
        base_type: type_name.to_owned(),
        collation: None,
        deterministic: true,
        collation_drifted: false,
        not_null,
        never_null: not_null,
        generated: Generated::No,
        default: None,
        readable: true,
        typed,
    }
}

fn index(name: &str, columns: &[Option<usize>], unique: bool) -> Index {
    Index {
        name: ident(name),
        columns: columns.to_vec(),
        method: "btree".to_owned(),
        unique,
        valid: true,
        ready: true,
        predicate: None,
        building: false,
    }
}
