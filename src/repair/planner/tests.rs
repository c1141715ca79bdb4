//! The planner over catalogs drawn by hand: the order of steps, what is there already, and every reason against it.

use super::compare::{Match, compare};
use super::{Request, Setting, plan};
use crate::model::catalog::{Catalog, RowSecurity, TableKind};
use crate::model::copy::Copy;
use crate::model::plan::lock::Mode;
use crate::model::plan::refusal::Why;
use crate::model::plan::step::Work;
use crate::model::plan::survey::{Declared, Fill, Fires, Ground, Survey, Surveyed};
use crate::model::plan::{Parameters, Plan};
use crate::model::relation::{Comparison, Matching, Referential};
use crate::model::server::Flavor;
use crate::model::target::Environment;
use crate::model::tests::draft::{Draft, ident};
use crate::repair::file;
use crate::sql::postgres::Postgres;

const KEY: &str = "events(parent,parent_day)->events(id,day)";
const STAGED: [&str; 3] = [
    "add-fk:events(parent,parent_day)->events(id,day)",
    "index:events(parent,parent_day)",
    "backfill:events.parent_day",
];

/// A partitioned table that refers to itself by a composite key, with two leaves.
fn events(version: u32) -> Draft {
    let mut draft = Draft::postgres();
    draft.catalog.server.version_number = version;
    for name in ["events", "events_1", "events_2"] {
        let table = draft.table(name, "id bigint!, day date!, parent bigint, parent_day date");
        table.keys[0].columns = vec![0, 1];
        table.estimated_rows = Some(1000);
    }
    draft.partition("events_1", "events");
    draft.partition("events_2", "events");
    draft.find("events").partition_key = Some("RANGE (day)".to_owned());
    number(&mut draft.catalog);
    draft
}

fn number(catalog: &mut Catalog) {
    for (table, oid) in catalog.tables.iter_mut().zip(100..) {
        table.oid = oid;
    }
}

/// A survey in which nothing stands against anything.
fn open(catalog: &Catalog) -> Survey {
    let mut survey = Survey {
        ground: Ground { may_keep_journal: true, database_number: Some("5".to_owned()), ..Ground::default() },
        ..Survey::default()
    };
    for table in &catalog.tables {
        let surveyed = Surveyed {
            owned: true,
            may_enter: true,
            may_create: true,
            may_select: true,
            may_refer: true,
            may_update: table.columns.iter().map(|column| column.name.clone()).collect(),
            has_identity: true,
            fillfactor: 100,
            ..Surveyed::default()
        };
        survey.tables.insert(table.id, surveyed);
    }
    for action in 0..4 {
        survey.comparisons.insert(action, vec![Some(Comparison::default()); 2]);
        survey.fills.insert(action, Fill { fillable: 40, ..Fill::default() });
        survey.orphans.insert(action, 0);
    }
    survey
}

fn made(catalog: &Catalog, survey: &Survey, actions: &[&str]) -> Plan {
    let actions = actions.iter().map(|action| action.parse().unwrap()).collect();
    let request = Request { actions, copies: vec![], parameters: Parameters::default() };
    let setting = Setting {
        planning: &Postgres,
        repairs: &Postgres,
        removals: Some(&Postgres),
        environment: Environment::Staging,
        now: "2026-01-01T00:00:00Z",
        finishing: false,
    };
    plan(catalog, survey, &request, &setting)
}

fn whys(plan: &Plan) -> Vec<Why> {
    plan.refusals.iter().map(|refusal| refusal.why).collect()
}

fn outline(plan: &Plan) -> Vec<String> {
    let kind = |work: &Work| match work {
        Work::Journal => "journal".to_owned(),
        Work::Backfill(copied) => format!("fill {}", copied.table.name.raw()),
        Work::Remove(removal) => format!("remove {}", removal.missing.child.table.name.raw()),
        Work::Nullify(nulling) => format!("nullify {}", nulling.missing.child.table.name.raw()),
        Work::Adopt(adoption) => format!("adopt {}", adoption.missing.parent.table.name.raw()),
        Work::CreateIndex(index) if index.only => format!("frame {}", index.table.name.raw()),
        Work::CreateIndex(index) => format!("index {}", index.table.name.raw()),
        Work::AttachIndex { table, .. } => format!("attach {}", table.name.raw()),
        Work::AddKey(key) if key.not_valid => format!("add {}", key.table.name.raw()),
        Work::AddKey(key) => format!("crown {}", key.table.name.raw()),
        Work::ProveKey { table, probe, .. } => {
            format!("prove {}{}", table.name.raw(), if *probe { " by probes" } else { "" })
        }
        Work::SwapKey { table, .. } => format!("swap {}", table.name.raw()),
        Work::DropKey { table, .. } => format!("drop {}", table.name.raw()),
        Work::Rebuild(rebuild) => format!("rebuild {}", rebuild.table.name.raw()),
    };
    plan.steps.iter().map(|step| format!("{} {}", step.id, kind(&step.work))).collect()
}

#[test]
fn rows_come_before_the_index_and_the_index_before_the_key_leaves_before_the_whole() {
    let draft = events(170_000);
    let plan = made(&draft.catalog, &open(&draft.catalog), &STAGED);
    assert_eq!(whys(&plan), vec![]);
    assert_eq!(
        outline(&plan),
        [
            "0 journal",
            "3a fill events",
            "2a frame events",
            "2b index events_1",
            "2c index events_2",
            "2d attach events_1",
            "2e attach events_2",
            "1a add events_1",
            "1b add events_2",
            "1c prove events_1 by probes",
            "1d prove events_2 by probes",
            "1e crown events",
        ]
    );
    let crown = plan.steps.last().unwrap();
    assert_eq!(crown.after, ["0", "3a", "2e", "1c", "1d"]);
    assert!(crown.locks.iter().any(|lock| lock.table == "events" && lock.mode == Mode::AccessExclusive));
    assert!(crown.sql[0].starts_with("LOCK TABLE"), "{:?}", crown.sql);
}

#[test]
fn from_18_on_the_whole_is_given_the_key_first_and_proved_last() {
    let draft = events(180_000);
    let plan = made(&draft.catalog, &open(&draft.catalog), &STAGED[..1]);
    assert_eq!(
        outline(&plan),
        ["0 journal", "1a add events", "1b prove events_1", "1c prove events_2", "1d prove events"]
    );
    assert_eq!(plan.strongest_lock(), Some(Mode::ShareRowExclusive));
}

/// A key as the catalog has it on a leaf.
fn declared(draft: &Draft, table: &str, validated: bool) -> Declared {
    Declared {
        number: 900,
        table: draft.id(table),
        name: ident("events_parent_parent_day_fkey"),
        parent: 100,
        columns: vec![ident("parent"), ident("parent_day")],
        parent_columns: vec![1, 2],
        validated,
        enforced: true,
        copy_of: 0,
        matching: Matching::Simple,
        on_update: Referential::NoAction,
        on_delete: Referential::NoAction,
        deferrable: false,
        initially_deferred: false,
        definition: String::new(),
    }
}

#[test]
fn what_is_there_already_is_no_step_any_more() {
    let draft = events(150_000);
    let mut survey = open(&draft.catalog);
    survey.ground.journal = true;
    survey.keys = vec![declared(&draft, "events_1", true), declared(&draft, "events_2", false)];
    let plan = made(&draft.catalog, &survey, &STAGED[..1]);
    assert_eq!(outline(&plan), ["1a prove events_2 by probes", "1b crown events"]);
}

#[test]
fn a_name_that_something_else_has_is_not_given_again() {
    let draft = events(150_000);
    let mut survey = open(&draft.catalog);
    let mut other = declared(&draft, "events_1", true);
    other.on_delete = Referential::Cascade;
    survey.keys = vec![other];
    let plan = made(&draft.catalog, &survey, &STAGED[..1]);
    let Work::AddKey(key) = &plan.steps[1].work else { panic!("{:?}", plan.steps[1]) };
    assert_eq!(key.name.raw(), "events_parent_parent_day_fkey_2");
}

#[test]
fn the_same_input_gives_the_same_plan_and_its_file_reads_back() {
    let draft = events(150_000);
    let one = made(&draft.catalog, &open(&draft.catalog), &STAGED);
    assert_eq!(one, made(&draft.catalog, &open(&draft.catalog), &STAGED));
    let text = file::write(&one).unwrap();
    assert_eq!(file::read(&text, "plan.json"), Ok(one));
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = serde_json::from_str(include_str!("../../../assets/schema/plan.schema.json")).unwrap();
    compiler.add_resource("urn:waif:plan:1", schema).unwrap();
    let schema = compiler.compile("urn:waif:plan:1", &mut schemas).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    assert!(
        schemas.validate(&value, schema).is_ok(),
        "{:?}",
        schemas.validate(&value, schema).err().map(|e| e.to_string())
    );
}

#[test]
fn a_file_that_is_no_plan_any_more_says_why() {
    let draft = events(150_000);
    let text = file::write(&made(&draft.catalog, &open(&draft.catalog), &STAGED)).unwrap();
    let fault = |text: &str| file::read(text, "plan.json").unwrap_err().headline;
    assert_eq!(fault(""), "plan.json is empty.");
    assert_eq!(fault(&text[..text.len() / 2]), "plan.json is cut off: its end is missing.");
    assert_eq!(fault("DROP TABLE events"), "plan.json is no JSON.");
    assert_eq!(fault("{\"format\": 1}"), "plan.json is no plan of waif.");
    assert!(fault(&text.replace("\"count\": 40", "\"count\": 4")).contains("fingerprint does not fit"));
    assert!(fault(&text.replace("ON ONLY", "ON")).contains("fingerprint does not fit"));
    assert!(fault(&text.replacen("\"format\": 1", "\"format\": 2", 1)).contains("knows formats up to 1"));
    assert!(fault(&text.replacen("\"made_by\"", "\"extra\": 1, \"made_by\"", 1)).contains("understands"));
    for cut in (0..text.len()).step_by(211) {
        // Whatever is cut off, nothing is read as a plan.
        if text.is_char_boundary(cut) && !text[cut..].trim().is_empty() {
            assert!(file::read(&text[..cut], "plan.json").is_err(), "{cut}");
        }
    }
}

#[test]
fn a_plan_that_is_outdated_says_every_difference() {
    let draft = events(150_000);
    let survey = open(&draft.catalog);
    let old = made(&draft.catalog, &survey, &STAGED);
    let same = compare(&old, &made(&draft.catalog, &survey, &STAGED)).unwrap();
    assert!(same.iter().enumerate().all(|(at, own)| *own == Match::Same(at)), "{same:?}");
    // A step that is done is no difference.
    let mut later = survey.clone();
    later.ground.journal = true;
    later.fills.insert(2, Fill::default());
    let fresh = made(&draft.catalog, &later, &STAGED);
    assert_eq!(compare(&old, &fresh).unwrap()[..3], [Match::Done, Match::Done, Match::Same(0)]);
    // A partition that came, a type that changed, another database: all of them at once.
    let mut changed = events(150_000);
    changed.table("events_3", "id bigint!, day date!, parent bigint, parent_day date");
    changed.partition("events_3", "events");
    changed.find("events_1").columns[3].type_name = "timestamp".to_owned();
    number(&mut changed.catalog);
    let mut survey = open(&changed.catalog);
    survey.ground.database_number = Some("6".to_owned());
    let said = compare(&old, &made(&changed.catalog, &survey, &STAGED)).unwrap_err().join("\n");
    for part in [
        "public.events_3 came since",
        "definition of public.events_1 changed",
        "dropped and made anew",
        "further step",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_server_that_cannot_be_repaired_is_refused_for_every_reason() {
    let mut draft = events(150_000);
    let server = &mut draft.catalog.server;
    (server.standby, server.pooled, server.flavor) = (true, true, Flavor::Citus);
    let plan = made(&draft.catalog, &open(&draft.catalog), &STAGED);
    assert_eq!(whys(&plan), [Why::Fork, Why::Standby, Why::Pooler]);
    assert!(!plan.steps.is_empty(), "what would be done is shown all the same");
}

#[test]
fn rights_are_named_with_the_statement_that_gives_them() {
    let draft = events(150_000);
    let mut survey = open(&draft.catalog);
    survey.ground.may_keep_journal = false;
    for surveyed in survey.tables.values_mut() {
        *surveyed = Surveyed { may_select: true, fillfactor: 100, ..Surveyed::default() };
    }
    let plan = made(&draft.catalog, &survey, &STAGED);
    assert!(whys(&plan).iter().all(|why| *why == Why::Right), "{:?}", plan.refusals);
    let remedies: Vec<&str> = plan.refusals.iter().filter_map(|refusal| refusal.remedy.as_deref()).collect();
    for remedy in [
        "GRANT CREATE ON DATABASE \"shop\" TO \"PUBLIC\";",
        "ALTER TABLE \"public\".\"events_2\" OWNER TO \"PUBLIC\";",
        "GRANT UPDATE (\"parent_day\") ON \"public\".\"events_1\" TO \"PUBLIC\";",
        "GRANT REFERENCES ON \"public\".\"events\" TO \"PUBLIC\";",
    ] {
        assert!(remedies.contains(&remedy), "{remedy}: {remedies:#?}");
    }
}

#[test]
fn whoever_fires_vetoes_hides_or_replicates_stands_against_a_backfill() {
    let mut draft = events(150_000);
    draft.find("events_2").row_security = RowSecurity::Active;
    let mut survey = open(&draft.catalog);
    let fires = |name: &str, columns: &[&str]| Fires {
        name: name.to_owned(),
        may_veto: true,
        columns: columns.iter().map(|column| ident(column)).collect(),
        conditional: false,
    };
    let leaf = survey.tables.get_mut(&draft.id("events_1")).unwrap();
    leaf.triggers =
        vec![fires("guard", &[]), fires("elsewhere", &["parent"]), fires("here", &["parent_day"])];
    leaf.rules = vec!["divert".to_owned()];
    leaf.publications = vec!["sent".to_owned()];
    leaf.has_identity = false;
    survey.tables.get_mut(&draft.id("events_2")).unwrap().policies = vec!["mine".to_owned()];
    let plan = made(&draft.catalog, &survey, &["backfill:events.parent_day", STAGED[0]]);
    assert_eq!(
        whys(&plan),
        [Why::Trigger, Why::ReplicaIdentity, Why::Trigger, Why::Trigger, Why::RowSecurity]
    );
    let said: String = plan.refusals.iter().map(|refusal| refusal.sentence.as_str()).collect();
    assert!(said.contains("guard") && said.contains("here") && !said.contains("elsewhere"), "{said}");
    let plan = made(&draft.catalog, &survey, &["backfill:events.parent_day?triggers=fire", STAGED[0]]);
    assert_eq!(whys(&plan), [Why::Trigger, Why::ReplicaIdentity, Why::RowSecurity], "the rule still diverts");
}

#[test]
fn what_the_data_says_stands_against_it_too() {
    let mut draft = events(150_000);
    draft.find("events").keys.clear();
    let mut survey = open(&draft.catalog);
    survey.fills.insert(0, Fill { fillable: 5, orphans: 1, wrong: 2, ambiguous: 3, exact: true });
    survey.orphans.insert(1, 7);
    let plan = made(&draft.catalog, &survey, &["backfill:events.parent_day", STAGED[0]]);
    assert_eq!(whys(&plan), [Why::NoKey, Why::Ambiguous, Why::Prerequisite, Why::Orphans]);
    assert!(plan.refusals[1].sentence.starts_with("3 keys of rows to be filled"), "{:?}", plan.refusals[1]);
}

#[test]
fn an_action_that_names_nothing_is_told_beside_those_that_do() {
    let mut draft = events(150_000);
    draft.table("plain", "id bigint!");
    draft.find("plain").kind = TableKind::Foreign;
    number(&mut draft.catalog);
    let survey = open(&draft.catalog);
    let plan = made(
        &draft.catalog,
        &survey,
        &["index:plain(id)", "index:nowhere(id)", STAGED[0], STAGED[0], "drop-fk:plain.fk"],
    );
    assert_eq!(
        plan.refusals.iter().map(|refusal| refusal.action).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(3), Some(4)]
    );
    assert!(whys(&plan).iter().all(|why| *why == Why::Subject));
    assert!(outline(&plan).contains(&"3a add events_1".to_owned()));
    let empty = made(&draft.catalog, &survey, &[]);
    assert_eq!(whys(&empty), [Why::Subject]);
}

#[test]
fn a_copy_is_found_in_a_declared_reference() {
    let mut draft = events(150_000);
    draft.relation(KEY);
    let mut survey = open(&draft.catalog);
    survey.fills.insert(0, Fill { fillable: 1, ..Fill::default() });
    let plan = made(&draft.catalog, &survey, &["backfill:events.parent_day"]);
    let Some(Work::Backfill(copied)) = plan.steps.get(1).map(|step| &step.work) else { panic!("{plan:?}") };
    assert_eq!((copied.from.raw(), copied.along[0].parent.raw(), copied.passes), ("day", "id", 4));
    let none = made(&draft.catalog, &survey, &["backfill:events.id"]);
    assert_eq!(whys(&none), [Why::Prerequisite]);
}

#[test]
fn a_copy_that_the_configuration_declares_needs_no_reference_and_must_lead_somewhere() {
    let mut draft = events(150_000);
    draft.table("notes", "id bigint!, event bigint, event_day date");
    number(&mut draft.catalog);
    let survey = open(&draft.catalog);
    let copied = |along: &str| {
        let copy =
            Copy { column: "notes.event_day".to_owned(), from: "day".to_owned(), along: along.to_owned() };
        let request = Request {
            actions: vec!["backfill:notes.event_day".parse().unwrap()],
            copies: vec![copy],
            parameters: Parameters::default(),
        };
        let setting = Setting {
            planning: &Postgres,
            repairs: &Postgres,
            removals: Some(&Postgres),
            environment: Environment::Staging,
            now: "2026-01-01T00:00:00Z",
            finishing: false,
        };
        plan(&draft.catalog, &survey, &request, &setting)
    };
    assert_eq!(outline(&copied("notes(event)->events(id)")), ["0 journal", "1a fill notes"]);
    for along in
        ["notes(event)", "notes(event)->nowhere(id)", "events(id)->notes(id)", "notes(event)->events(gone)"]
    {
        assert_eq!(whys(&copied(along)), [Why::Subject], "{along}");
    }
}
