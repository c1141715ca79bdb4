//! What was looked at before the plan, in a fixed order, drawn from the same answers the steps and refusals rest on. A look
//! that was not taken is not listed; one that could not be taken says so.

use super::draft::Draft;
use super::wish::What;
use crate::model::figure::{counted, grouped};
use crate::model::plan::preflight::{Look, Outcome};
use crate::model::plan::refusal::Why;
use crate::model::plan::step::{Step, Work};
use crate::model::plan::survey::Surveyed;
use crate::model::server::EngineKind;

/// All looks.
pub(super) fn looks(draft: &Draft<'_>) -> Vec<Look> {
    if draft.catalog.server.engine == EngineKind::Sqlite {
        return at_file(draft);
    }
    let mut looks = vec![server(draft), rights(draft)];
    let fills = draft.wishes.iter().any(|wish| matches!(wish.what, What::Backfill(_)));
    if fills {
        looks.extend([triggers(draft), policies(draft), identity(draft)]);
    }
    looks.extend(data(draft));
    looks.extend([replicas(draft), archive(draft), in_the_way(draft)]);
    looks.extend(window(draft));
    looks.extend(limit(draft));
    looks.extend(room(draft));
    looks
}

/// All looks at a file: it has no roles, no replicas and no locks on tables.
fn at_file(draft: &Draft<'_>) -> Vec<Look> {
    let version = &draft.catalog.server.version;
    let found = passed(format!("A file in SQLite's own format, read by SQLite {version}."));
    let mut looks = vec![decided(draft, "file", &[Why::Fork, Why::Right], found)];
    if draft.wishes.iter().any(|wish| matches!(wish.what, What::Backfill(_))) {
        looks.push(triggers(draft));
    }
    looks.extend(data(draft));
    looks.push(in_the_way(draft));
    looks.extend(window(draft));
    looks.extend(limit(draft));
    looks.push(decided(
        draft,
        "disk",
        &[Why::Space],
        passed("The disk has the room that the steps say they take."),
    ));
    looks
}

/// A look that the refusals of some classes decide: refused with the first of them, else as found.
fn decided(draft: &Draft<'_>, what: &str, whys: &[Why], found: (Outcome, String)) -> Look {
    let refusal = draft.refusals.iter().find(|refusal| whys.contains(&refusal.why));
    let (outcome, sentence) = match refusal {
        Some(refusal) => (Outcome::Refused, refusal.sentence.clone()),
        None => found,
    };
    Look { what: what.to_owned(), outcome, sentence }
}

fn passed(sentence: impl Into<String>) -> (Outcome, String) {
    (Outcome::Passed, sentence.into())
}

fn warned(sentence: impl Into<String>) -> (Outcome, String) {
    (Outcome::Warned, sentence.into())
}

fn server(draft: &Draft<'_>) -> Look {
    let version = &draft.catalog.server.version;
    let found = passed(format!("PostgreSQL {version}, a primary, with no transaction pooler between."));
    decided(draft, "server", &[Why::Standby, Why::Pooler, Why::Fork], found)
}

fn rights(draft: &Draft<'_>) -> Look {
    let tables = counted(draft.survey.tables.len() as u64, "table", "tables");
    let found = passed(format!("The role has every right the steps need on {tables}."));
    decided(draft, "rights", &[Why::Right], found)
}

/// Names that tables carry, each once.
fn names(draft: &Draft<'_>, of: impl Fn(&Surveyed) -> Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = draft.survey.tables.values().flat_map(of).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn triggers(draft: &Draft<'_>) -> Look {
    let names = names(draft, |table| {
        table.triggers.iter().map(|fires| fires.name.clone()).chain(table.rules.iter().cloned()).collect()
    });
    let found = match names.as_slice() {
        [] => passed("No trigger or rule listens to UPDATE."),
        names => warned(format!("Triggers or rules listen to UPDATE: {}.", names.join(", "))),
    };
    decided(draft, "triggers, rules", &[Why::Trigger], found)
}

fn policies(draft: &Draft<'_>) -> Look {
    let found = match names(draft, |table| table.policies.clone()).as_slice() {
        [] => passed("No policy hides rows."),
        names => passed(format!("Policies do not bind this role: {}.", names.join(", "))),
    };
    decided(draft, "row security", &[Why::RowSecurity], found)
}

fn identity(draft: &Draft<'_>) -> Look {
    let found = match names(draft, |table| table.publications.clone()).as_slice() {
        [] => passed("No publication sends these rows."),
        names => passed(format!("Published by {}, and the rows have an identity.", names.join(", "))),
    };
    decided(draft, "replica identity", &[Why::ReplicaIdentity], found)
}

/// What the rows themselves say; nothing where they were not asked.
fn data(draft: &Draft<'_>) -> Option<Look> {
    let survey = draft.survey;
    if survey.fills.is_empty() && survey.orphans.is_empty() {
        return None;
    }
    let left: u64 = survey.fills.values().map(|fill| fill.orphans).sum();
    let wrong: u64 = survey.fills.values().map(|fill| fill.wrong).sum();
    let found = match (left, wrong) {
        (0, 0) => passed("Counted: no row stands against the steps."),
        (left, wrong) => warned(format!(
            "Counted: {} no parent to copy from, {} from the parent.",
            if left == 1 { "1 row has".to_owned() } else { format!("{} rows have", grouped(left)) },
            if wrong == 1 {
                "1 copy differs".to_owned()
            } else {
                format!("{} copies differ", grouped(wrong))
            },
        )),
    };
    Some(decided(draft, "rows", &[Why::Orphans, Why::Ambiguous, Why::NoKey], found))
}

fn replicas(draft: &Draft<'_>) -> Look {
    let replicas = &draft.survey.ground.replicas;
    let most = draft.request.parameters.max_lag;
    let all = counted(replicas.len() as u64, "replica", "replicas");
    let found = match (replicas.iter().filter_map(|(_, lag)| *lag).max(), most) {
        _ if replicas.is_empty() => passed("No replica is connected, or none that this role may see."),
        (_, None) => warned(format!("{all}; none is waited for.")),
        (Some(lag), Some(most)) if lag > most => {
            warned(format!("{all}; the last is {lag} ms behind, more than {most} ms: the run will wait."))
        }
        (Some(lag), Some(most)) => {
            passed(format!("{all}; the last is {lag} ms behind, {most} ms are allowed."))
        }
        (None, Some(most)) => passed(format!("{all}; none tells a lag, {most} ms are allowed.")),
    };
    decided(draft, "replicas", &[], found)
}

fn archive(draft: &Draft<'_>) -> Look {
    let found = match draft.survey.ground.archive_fails {
        true => warned("Archiving of WAL fails: the run will wait for it."),
        false => passed("Archiving of WAL does not fail, as far as this role may see."),
    };
    decided(draft, "WAL archive", &[], found)
}

fn in_the_way(draft: &Draft<'_>) -> Look {
    let held: Vec<&Step> = draft.steps.iter().filter(|step| !step.held_up_by.is_empty()).collect();
    let found = match held.first().and_then(|step| step.held_up_by.first().map(|who| (step, who))) {
        None if draft.catalog.server.engine == EngineKind::Sqlite => (
            Outcome::Unknown,
            "Not looked at: SQLite tells of a lock only to whoever asks for it, as the run will.".to_owned(),
        ),
        None => passed("Nobody holds a lock that a step would wait for."),
        Some((step, who)) => warned(format!("Step {}: {who}", step.id)),
    };
    decided(draft, "locks of others", &[], found)
}

fn window(draft: &Draft<'_>) -> Option<Look> {
    let end = draft.request.parameters.window_end.as_deref()?;
    let left = match (end.parse::<jiff::Timestamp>(), draft.setting.now.parse::<jiff::Timestamp>()) {
        (Ok(end), Ok(now)) => end.duration_since(now).as_secs_f64(),
        _ => 0.0,
    };
    let needs: Option<f64> = draft.steps.iter().map(|step| step.seconds).sum();
    let found = match needs {
        Some(needs) if needs > left => {
            warned(format!("It ends at {end}, in {}; the steps take about {}.", span(left), span(needs)))
        }
        Some(needs) => {
            passed(format!("It ends at {end}, in {}; the steps take about {}.", span(left), span(needs)))
        }
        None => (Outcome::Unknown, format!("It ends at {end}; how long the steps take is not known.")),
    };
    Some(decided(draft, "window", &[Why::Window], found))
}

/// Seconds, in the unit that fits.
fn span(seconds: f64) -> String {
    match seconds.max(0.0).ceil() as u64 {
        few @ 0..120 => format!("{few} s"),
        more @ 120..7_200 => format!("{} min", more / 60),
        many => format!("{} h {} min", many / 3_600, many / 60 % 60),
    }
}

fn limit(draft: &Draft<'_>) -> Option<Look> {
    let most = draft.request.parameters.max_rows?;
    let rows: u64 = draft.steps.iter().filter_map(|step| step.rows).map(|rows| rows.count).sum();
    let found = passed(format!("{} of at most {}.", counted(rows, "row", "rows"), grouped(most)));
    Some(decided(draft, "limit of rows", &[Why::RowLimit], found))
}

/// Room on disk is nothing a session can ask for.
fn room(draft: &Draft<'_>) -> Option<Look> {
    let rows: u64 = draft.steps.iter().filter_map(|step| step.rows).map(|rows| rows.count).sum();
    let indexes =
        draft.steps.iter().filter(|step| matches!(&step.work, Work::CreateIndex(index) if !index.only));
    let indexes = indexes.count() as u64;
    let mut needs = Vec::new();
    if rows > 0 {
        needs.push(format!("about {} of WAL and dead rows", super::rates::size(rows)));
    }
    if indexes > 0 {
        needs.push(format!("{}, which no figure is known for", counted(indexes, "new index", "new indexes")));
    }
    let sentence = format!("{}; free room is not told by the server.", needs.join(", and "));
    (!needs.is_empty()).then(|| decided(draft, "disk", &[Why::Space], (Outcome::Unknown, sentence)))
}
