//! What `o` writes: the list in front, whole, in the order of the screen, without what its filter hides.

use crate::model::tally::{Tally, Verdict};
use crate::model::value::Value;
use crate::report::sheet::Title;
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::{choose, line};
use crate::tui::screen::graph::Shown;
use crate::tui::screen::listing::Listing;
use crate::tui::screen::relation::{Focus, State};
use crate::tui::screen::{Place, graph};
use crate::tui::take::choices::{Choice, Choices, Text};
use crate::tui::take::drawing::Drawing;
use crate::tui::take::file;
use crate::tui::take::order::Body;
use crate::tui::take::paged::{MOST_KEYS, Paged, What};
use crate::tui::take::source::{Rows, Source};
use crate::tui::theme::Role;
use crate::tui::widget::figure::count;

/// Opens the line for the name of the file; where there are several lists, a menu of them first.
pub fn open(app: &mut App) -> Vec<Effect> {
    let lists = lists(app);
    match lists.len() {
        0 => {
            app.say("There is no list here to write yet.", Role::Warn);
            Vec::new()
        }
        1 => {
            if let Some(Choice { label, file: (stem, ending), text: Text::Export(body) }) =
                lists.into_iter().next()
            {
                let name = file::name(app, stem, ending);
                line::save(app, &format!("Write {label}"), &name, *body, None);
            }
            Vec::new()
        }
        _ => {
            let title = app.place.title().to_owned();
            choose::lists(app, Choices { title, all: lists, about: None })
        }
    }
}

fn choice(label: impl Into<String>, stem: &'static str, body: Body) -> Choice {
    Choice { label: label.into(), file: (stem, "csv"), text: Text::Export(Box::new(body)) }
}

fn title(app: &App, list: impl Into<String>, filter: &str) -> Title {
    let database = app.facts.server.as_ref().map(|server| server.database.raw().to_owned());
    Title {
        list: list.into(),
        database: database.unwrap_or_else(|| app.facts.place.clone()),
        filter: (!filter.is_empty()).then(|| filter.to_owned()),
    }
}

fn lists(app: &App) -> Vec<Choice> {
    match app.place {
        Place::Overview => findings(app, &app.screens.overview.list),
        Place::Findings => findings(app, &app.screens.findings.list),
        Place::Relations => {
            let list = &app.screens.relations.list;
            let rows = list.rows().to_vec();
            let left_out = app.facts.relations().len().saturating_sub(rows.len()) as u64;
            let source = relations(app, title(app, "relations", list.filter.text()), rows, left_out);
            source
                .map(|source| choice("the relations", "relations", Body::List(source)))
                .into_iter()
                .collect()
        }
        Place::Relation => app.screens.relation.as_ref().map(|state| inside(app, state)).unwrap_or_default(),
        Place::Graph => in_front(app).into_iter().collect(),
        Place::Plan | Place::Run => Vec::new(),
        Place::Log => log(app),
    }
}

fn findings<K>(app: &App, list: &Listing<K>) -> Vec<Choice> {
    if app.facts.findings.is_empty() {
        return Vec::new();
    }
    let rows = list.rows().to_vec();
    let left_out = app.facts.findings.len().saturating_sub(rows.len()) as u64;
    let rows = Rows::Findings(app.facts.findings.clone(), rows);
    let source = Source { title: title(app, "findings", list.filter.text()), rows, left_out };
    vec![choice("the findings", "findings", Body::List(source))]
}

fn relations(app: &App, title: Title, rows: Vec<usize>, left_out: u64) -> Option<Source> {
    let catalog = app.facts.catalog.clone()?;
    let rows = Rows::Relations(catalog, app.facts.tallies.clone(), rows);
    Some(Source { title, rows, left_out })
}

fn log(app: &App) -> Vec<Choice> {
    let log = &app.facts.log;
    let list = &app.screens.log.list;
    let entry = |place: &usize| log.entries.get(*place).map(|(at, sent)| (at.as_secs_f64(), sent.clone()));
    let entries: Vec<_> = list.rows().iter().filter_map(entry).collect();
    if log.entries.is_empty() {
        return Vec::new();
    }
    let left_out = (log.entries.len() + log.dropped).saturating_sub(entries.len()) as u64;
    let filter = match (list.filter.text(), log.dropped) {
        ("", 0) => String::new(),
        ("", _) => "of age".to_owned(),
        (typed, _) => typed.to_owned(),
    };
    let source = Source { title: title(app, "statements", &filter), rows: Rows::Log(entries), left_out };
    vec![choice("the statements", "log", Body::List(source))]
}

/// What is in front on the graph: the picture, a sheet as it stands, or the list of all tables.
fn in_front(app: &App) -> Option<Choice> {
    let catalog = app.facts.catalog.clone()?;
    match graph::shown(app)? {
        Shown::Tables(tables, left_out) => {
            let columns =
                ["table", "rows", "rows_counted", "refers_to", "referred_by", "orphans_out", "orphans_in"];
            let columns = columns.map(str::to_owned).to_vec();
            let filter = graph::filter(app).map_or("", |filter| filter.text());
            let source =
                Source { title: title(app, "tables", filter), rows: Rows::Ready(columns, tables), left_out };
            Some(choice("the tables", "tables", Body::List(source)))
        }
        Shown::Lines(label, text) => Some(Choice {
            label: label.to_owned(),
            file: ("graph", "txt"),
            text: Text::Export(Box::new(Body::Text(text))),
        }),
        Shown::Picture { name, part, left_out } => {
            let title = title(app, format!("relations around {name}"), "");
            let source = relations(app, title, part.relations.clone(), left_out)?;
            let environment = app.facts.environment;
            let drawing = Drawing { catalog, tallies: app.facts.tallies.clone(), part, environment };
            Some(Choice {
                label: format!("the neighbourhood of {name}"),
                file: ("graph", "dot"),
                text: Text::Export(Box::new(Body::Drawing(drawing, source))),
            })
        }
    }
}

/// The lists of a relation, the one in focus first.
fn inside(app: &App, state: &State) -> Vec<Choice> {
    let Some((_, tally)) = app.facts.relation(state.place) else { return Vec::new() };
    if *tally.verdict() != Verdict::Orphans || app.facts.server.is_none() {
        return Vec::new();
    }
    let counts = tally.counts();
    let exact = |number: Option<u64>| number.filter(|_| Tally::exact(tally));
    let paged = |list: String, what: What, total: Option<u64>| {
        Body::Paged(Paged { title: title(app, list, ""), relation: state.id.clone(), what, total })
    };
    let parents =
        paged(format!("missing parents of {}", state.id), What::Parents, exact(counts.missing_parents));
    let rows = paged(format!("orphan rows of {}", state.id), What::Rows(None), exact(counts.orphans));
    let mut all = vec![
        choice(parents_label(counts.missing_parents), "missing-parents", parents),
        choice("all orphan rows", "orphans", rows),
    ];
    if let Some(key) = &state.children.of {
        let shown: Vec<_> = key.iter().map(Value::visible).collect();
        let shown = shown.join(", ");
        let children = state.parents.got.as_ref().and_then(|got| got.keys.get(state.cursor.at));
        let total = children.map(|(_, children)| *children);
        let list = format!("orphan rows of {} that miss {shown}", state.id);
        let own = choice(
            format!("the child rows of {shown}"),
            "children",
            paged(list, What::Rows(Some(key.clone())), total),
        );
        let at = if state.focus == Focus::Children { 0 } else { all.len() };
        all.insert(at, own);
    }
    all
}

/// What the list of missing parents is called: where there are more than one file takes, it says which.
fn parents_label(known: Option<u64>) -> String {
    match known.filter(|known| *known > u64::from(MOST_KEYS)) {
        Some(_) => format!("the {} missing parents with most children", count(u64::from(MOST_KEYS))),
        None => "all missing parents".to_owned(),
    }
}
