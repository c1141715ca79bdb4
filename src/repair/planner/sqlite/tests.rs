//! The planner for SQLite over catalogs drawn by hand: the steps, the lock on the file, and every reason against a plan.

use crate::model::catalog::{Event, Hears, TableKind, Trigger};
use crate::model::plan::lock::{Mode, Span};
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Copied, Work};
use crate::model::plan::survey::{FileFacts, Fill, Ground, Survey};
use crate::model::plan::{Parameters, Plan};
use crate::model::relation::Comparison;
use crate::model::target::Environment;
use crate::model::tests::draft::{Draft, ident};
use crate::repair::planner::{Request, Setting, plan};
use crate::sql::sqlite::Sqlite;

const STAGED: [&str; 2] = ["index:events(parent,parent_day)->events(id,day)", "backfill:events.parent_day"];

fn events() -> Draft {
    let mut draft = Draft::sqlite();
    draft.table("events", "id INTEGER!, day TEXT!, parent INTEGER, parent_day TEXT").estimated_rows =
        Some(1000);
    draft
}

/// A survey in which nothing stands against anything.
fn open() -> Survey {
    let file = FileFacts { bytes: 1 << 20, logged: true, free: Some(1 << 40), ..FileFacts::default() };
    let mut survey = Survey {
        ground: Ground { may_keep_journal: true, ..Ground::default() },
        file: Some(file),
        ..Survey::default()
    };
    for action in 0..4 {
        survey.comparisons.insert(action, vec![Some(Comparison::default()); 2]);
        survey.fills.insert(action, Fill { fillable: 40, ..Fill::default() });
    }
    survey
}

fn made(draft: &Draft, survey: &Survey, actions: &[&str]) -> Plan {
    let actions = actions.iter().map(|action| action.parse().unwrap()).collect();
    let request = Request { actions, copies: vec![], parameters: Parameters::default() };
    let setting = Setting {
        planning: &Sqlite,
        repairs: &Sqlite,
        removals: None,
        environment: Environment::Staging,
        now: "2026-01-01T00:00:00Z",
        finishing: false,
    };
    plan(&draft.catalog, survey, &request, &setting)
}

fn whys(plan: &Plan) -> Vec<Why> {
    plan.refusals.iter().map(|refusal| refusal.why).collect()
}

fn copied(plan: &Plan) -> &Copied {
    let works = plan.steps.iter().map(|step| &step.work);
    works
        .filter_map(|work| if let Work::Backfill(copied) = work { Some(copied) } else { None })
        .next()
        .unwrap()
}

#[test]
fn the_journal_comes_first_and_rows_before_the_index_on_them() {
    let plan = made(&events(), &open(), &STAGED);
    assert_eq!(whys(&plan), vec![]);
    let ids: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["0", "2a", "1a"]);
    assert_eq!(plan.steps[2].after, ["0", "2a"]);
    assert_eq!(plan.place.engine, "sqlite");
    assert_eq!(plan.parameters.max_lag, None, "a file has no replicas to wait for");
    assert_eq!(copied(&plan).numbered, Some(ident("id")));
}

#[test]
fn every_step_tells_the_lock_on_the_file_and_whether_readers_wait() {
    for (logged, modes) in
        [(true, [Mode::FileWrite; 3]), (false, [Mode::FileExclusive, Mode::FileExclusive, Mode::FileAlone])]
    {
        let mut survey = open();
        survey.file.as_mut().unwrap().logged = logged;
        let plan = made(&events(), &survey, &STAGED);
        let spans: Vec<Span> = plan.steps.iter().map(|step| step.locks[0].span).collect();
        assert_eq!(spans, [Span::Moment, Span::Batch, Span::Statement]);
        let held: Vec<Mode> = plan.steps.iter().map(|step| step.locks[0].mode).collect();
        assert_eq!(held, modes);
        assert!(plan.steps.iter().all(|step| step.locks[0].table == "the file shop"));
        assert_eq!(plan.warnings.iter().any(|line| line.contains("not WAL")), !logged);
    }
}

#[test]
fn rows_are_named_by_what_no_column_hides() {
    let named = |columns: &str, kind: TableKind| {
        let mut draft = Draft::sqlite();
        draft.table("events", &format!("{columns}, day TEXT!, parent TEXT, parent_day TEXT")).kind = kind;
        let plan = made(&draft, &open(), &STAGED);
        assert_eq!(whys(&plan), vec![], "{columns}");
        copied(&plan).numbered.clone()
    };
    assert_eq!(named("id TEXT!", TableKind::Plain), Some(ident("rowid")));
    assert_eq!(named("id TEXT!, ROWID TEXT", TableKind::Plain), Some(ident("_rowid_")));
    assert_eq!(named("id TEXT!", TableKind::WithoutRowid), None);
    let mut draft = Draft::sqlite();
    draft.table(
        "events",
        "id TEXT!, rowid TEXT, _rowid_ TEXT, oid TEXT, day TEXT, parent TEXT, parent_day TEXT",
    );
    assert_eq!(whys(&made(&draft, &open(), &STAGED)), [Why::NoKey]);
}

#[test]
fn everything_that_stands_against_it_is_told_at_once() {
    let mut draft = events();
    draft.relation("events(parent,parent_day)->events(id,day)");
    let table = draft.find("events");
    table.keys.clear();
    let trigger = |name: &str, hears: Option<Hears>| Trigger {
        name: ident(name),
        definition: String::new(),
        enabled: true,
        before_row: false,
        hears,
    };
    let update = |columns: &[&str]| Hears {
        event: Event::Update,
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        conditional: false,
    };
    table.triggers = vec![
        trigger("any", Some(update(&[]))),
        trigger("this", Some(update(&["PARENT_DAY"]))),
        trigger("other", Some(update(&["parent"]))),
        trigger("delete", Some(Hears { event: Event::Delete, ..update(&[]) })),
        trigger("unread", None),
    ];
    let mut survey = open();
    survey.ground.strange = vec!["view waif_run".to_owned()];
    let file = survey.file.as_mut().unwrap();
    file.foreign = Some("it is another's".to_owned());
    file.closed = Some("It is closed.".to_owned());
    file.network = Some("NFS");
    file.free = Some(1000);
    let plan = made(&draft, &survey, &STAGED[1..]);
    let mut found = whys(&plan);
    found.sort_by_key(|why| format!("{why:?}"));
    let trigger = Why::Trigger;
    assert_eq!(
        found,
        [
            Why::Fork,
            Why::NoKey,
            Why::Right,
            Why::Space,
            Why::Subject,
            Why::Subject,
            trigger,
            trigger,
            trigger
        ]
    );
    for name in ["any", "this", "unread"] {
        assert!(plan.refusals.iter().any(|refusal| refusal.sentence.contains(&format!("trigger {name} "))));
    }
    let may = made(&draft, &open(), &["backfill:events.parent_day?triggers=fire", STAGED[0]]);
    assert_eq!(whys(&may), [Why::NoKey], "a person said that triggers may fire");
}

#[test]
fn an_attached_file_and_what_sqlite_cannot_do_are_refused() {
    let mut draft = events();
    draft.table("side.events", "id INTEGER!, day TEXT, parent INTEGER, parent_day TEXT");
    let plan = made(&draft, &open(), &["index:side.events(parent)"]);
    assert_eq!(whys(&plan), [Why::Subject]);
    assert!(plan.refusals[0].sentence.contains("attached"), "{:?}", plan.refusals);
}

#[test]
fn a_name_that_is_taken_in_other_letters_is_not_given() {
    let mut survey = open();
    let name = crate::model::ident::TableName { schema: ident("main"), name: ident("EVENTS_parent_IDX") };
    survey.names.push((name, None));
    let plan = made(&events(), &survey, &["index:events(parent)"]);
    let index = plan.steps.iter().find_map(|step| match &step.work {
        Work::CreateIndex(index) => Some(index.name.raw().to_owned()),
        _ => None,
    });
    assert_eq!(index.as_deref(), Some("events_parent_idx_2"));
}
