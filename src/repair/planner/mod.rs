//! The planner: staged actions become steps, refusals and warnings. Pure: everything it needs stands in the catalog and
//! the survey, so the same input always gives the same plan, and it is tested without a server. What both engines share
//! stands here; what actions become on one of them has a folder of its own.

pub mod compare;
mod copies;
mod draft;
mod fills;
pub(crate) mod fingerprint;
pub(crate) mod gone;
mod meant;
mod names;
mod postgres;
mod preflight;
mod rates;
mod reading;
mod sqlite;
mod staged;
mod subject;
pub(crate) mod there;
pub(crate) mod wish;

use crate::model::action::{Action, Verb};
use crate::model::catalog::Catalog;
use crate::model::copy::Copy;
use crate::model::plan::step::Copied;
use crate::model::plan::survey::Survey;
use crate::model::plan::{FORMAT, Parameters, Place, Plan};
use crate::model::relation::Comparison;
use crate::model::server::EngineKind;
use crate::model::target::Environment;
use crate::model::text::visible;
use crate::sql::planning::Planning;
use crate::sql::removals::Removals;
use crate::sql::repairs::Repairs;
use draft::Draft;
use wish::CopyWish;

pub(crate) use postgres::candidates;
pub(crate) use reading::read;
pub(crate) use sqlite::{TIMES as REBUILD_ROOM, back as rebuild_back};

/// What a plan is made of, besides catalog and survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What was staged, in order.
    pub actions: Vec<Action>,
    /// Declared copies.
    pub copies: Vec<Copy>,
    /// How it is to be run.
    pub parameters: Parameters,
}

/// What the planner composes statements with, and when and where it does.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The engine's language.
    pub planning: &'a dyn Planning,
    /// The same, for repairs.
    pub repairs: &'a dyn Repairs,
    /// The same, for rows without a parent; none where the engine has none.
    pub removals: Option<&'a dyn Removals>,
    /// How much care the place deserves.
    pub environment: Environment,
    /// Now, RFC 3339 in UTC.
    pub now: &'a str,
    /// Whether a run is to be brought to its end: then a backfill stays a step though nothing is left to fill, for it is
    /// not proved yet.
    pub finishing: bool,
}

/// Makes a plan. It is whole even where it is refused: a person sees all reasons at once, and what would have been done.
pub fn plan(catalog: &Catalog, survey: &Survey, request: &Request, setting: &Setting<'_>) -> Plan {
    let (wishes, refusals) = reading::read(catalog, &request.actions, &request.copies);
    let mut draft = Draft::new(catalog, survey, request, setting, wishes, refusals);
    let parameters = match catalog.server.engine {
        EngineKind::Postgres => {
            postgres::plan(&mut draft);
            request.parameters.clone()
        }
        EngineKind::Sqlite => {
            sqlite::plan(&mut draft);
            sqlite::parameters(&request.parameters)
        }
    };
    draft.settle();
    if !draft.refusals.is_empty() {
        gone::decline(&mut draft.steps);
    }
    let place = place(catalog, survey, setting, &draft);
    let preflight = preflight::looks(&draft);
    let mut plan = Plan {
        format: FORMAT,
        made_by: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        made_at: setting.now.to_owned(),
        place,
        actions: request.actions.clone(),
        copies: used(request),
        parameters,
        steps: draft.steps,
        refusals: draft.refusals,
        warnings: draft.warnings,
        there: draft.there,
        preflight,
        fingerprint: String::new(),
    };
    plan.fingerprint = fingerprint::of(&plan);
    plan
}

/// The work of a backfill; none where the columns cannot be compared.
pub(crate) fn copied(
    catalog: &Catalog,
    survey: &Survey,
    wish: &CopyWish,
    found: Option<&[Option<Comparison>]>,
) -> Option<Copied> {
    match catalog.server.engine {
        EngineKind::Postgres => postgres::copied(catalog, survey, wish, found),
        EngineKind::Sqlite => sqlite::copied(catalog, wish, found),
    }
}

/// The declared copies that a staged backfill may rest on: those of a column it is about.
fn used(request: &Request) -> Vec<Copy> {
    let column = |text: &str| {
        text.rsplit_once('.').map_or(text, |(_, column)| column).trim().trim_matches('"').to_lowercase()
    };
    let fills = |copy: &&Copy| {
        request
            .actions
            .iter()
            .any(|action| action.verb == Verb::Backfill && column(&action.subject) == column(&copy.column))
    };
    request.copies.iter().filter(fills).cloned().collect()
}

fn place(catalog: &Catalog, survey: &Survey, setting: &Setting<'_>, draft: &Draft<'_>) -> Place {
    let server = &catalog.server;
    let tables = draft.touched();
    Place {
        engine: match server.engine {
            EngineKind::Postgres => "postgres",
            EngineKind::Sqlite => "sqlite",
        }
        .to_owned(),
        version: server.version.clone(),
        version_number: server.version_number,
        system_identifier: survey.ground.system_identifier.clone(),
        timeline: survey.ground.timeline.clone(),
        database_number: survey.ground.database_number.clone(),
        database: server.database.raw().to_owned(),
        address: visible(server.address.raw()).into_owned(),
        role: server.user.as_ref().map(|user| user.raw().to_owned()),
        environment: setting.environment,
        catalog: fingerprint::of_tables(&tables),
        tables,
    }
}

#[cfg(test)]
mod tests;
