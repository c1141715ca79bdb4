//! The catalog: one set of queries per schema, then the texts only the tokenizer can read, then the relations. Called by
//! the engine.

mod affinity;
mod answers;
mod keys;
mod relations;
mod tables;

use crate::db::Limits;
use crate::db::sqlite::session::Session;
use crate::model::catalog::{Catalog, Gap};
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::sent::Purpose;
use crate::model::server::Server;
use crate::model::value::{Row, Value};
use crate::sql::Query;
use crate::sql::quote::quoted;
use answers::Answers;

const OBJECTS: &str = include_str!("../../../../assets/sql/sqlite/objects.sql");
const KINDS: &str = include_str!("../../../../assets/sql/sqlite/kinds.sql");
const COLUMNS: &str = include_str!("../../../../assets/sql/sqlite/columns.sql");
const INDEXES: &str = include_str!("../../../../assets/sql/sqlite/indexes.sql");
const REFERENCES: &str = include_str!("../../../../assets/sql/sqlite/references.sql");
const STATISTICS: &str = include_str!("../../../../assets/sql/sqlite/statistics.sql");

/// Reads the catalog, all of it at one moment.
pub(super) async fn read(session: &Session, server: &Server) -> Result<Catalog, Fault> {
    say(session, "BEGIN").await?;
    let catalog = gather(session, server).await;
    let ended = say(session, "ROLLBACK").await;
    let catalog = catalog?;
    ended.map(|_| catalog)
}

async fn gather(session: &Session, server: &Server) -> Result<Catalog, Fault> {
    let mut catalog = Catalog {
        server: server.clone(),
        schemas: Vec::new(),
        tables: Vec::new(),
        relations: Vec::new(),
        gaps: Vec::new(),
    };
    let listed = say(session, "SELECT name FROM pragma_database_list ORDER BY seq").await?;
    for name in listed.iter().filter_map(|row| row.first()?.text()) {
        let Ok(schema) = Ident::new(name) else { continue };
        let answers = ask(session, &schema, &mut catalog.gaps).await?;
        if name == "temp" && answers.objects.is_empty() {
            continue;
        }
        let read = tables::read(&schema, &answers, catalog.tables.len(), &mut catalog.gaps);
        let relations = relations::read(&schema, &answers, &read, &server.default_schema, &mut catalog.gaps);
        catalog.schemas.push(schema);
        catalog.tables.extend(read.tables);
        catalog.relations.extend(relations);
    }
    relations::order(&mut catalog.relations);
    Ok(catalog)
}

async fn say(session: &Session, text: &str) -> Result<Vec<Row>, Fault> {
    session.run(&Query::new(Purpose::Catalog, text, Vec::new()), Limits::default()).await
}

/// Asks about one schema. A name that is not UTF-8 cannot be spoken: what bears it becomes a gap.
async fn ask(session: &Session, schema: &Ident, gaps: &mut Vec<Gap>) -> Result<Answers, Fault> {
    let rows = async |text: &str| {
        let text = text.replace("{schema}", &quoted(schema));
        let args = if text.contains("?1") { vec![Value::Text(schema.raw().to_owned())] } else { Vec::new() };
        session.run(&Query::new(Purpose::Catalog, text, args), Limits::default()).await
    };
    let objects = rows(OBJECTS).await?;
    let mut answers = Answers::sorted(objects.iter().filter_map(|row| answers::object(row, schema, gaps)));
    answers.kinds = rows(KINDS).await?.iter().filter_map(answers::kind).collect();
    answers.columns = answers::by_table(rows(COLUMNS).await?, answers::column);
    answers.index_columns = answers::by_table(rows(INDEXES).await?, answers::index_column);
    answers.references = answers::by_table(rows(REFERENCES).await?, answers::reference);
    if answers.objects.iter().any(|object| object.name == "sqlite_stat1") {
        let counted = rows(STATISTICS).await?;
        answers.statistics = counted.iter().filter_map(answers::statistic).collect();
    }
    Ok(answers)
}
