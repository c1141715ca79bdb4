//! What the tests of all printers share: one check with something of everything, and a way to see what was printed.

use crate::model::catalog::Gap;
use crate::model::check::Check;
use crate::model::finding::{Finding, Severity, Suppressed};
use crate::model::relation::{Enforcement, Flaw, Referential};
use crate::model::scope::Snapshot;
use crate::model::server::{Flavor, Tls};
use crate::model::tally::{Counts, Tally, Why};
use crate::model::target::Environment;
use crate::model::tests::draft::Draft;
use crate::model::text::Untrusted;
use std::io::{self, Write};
use std::sync::Arc;

pub(crate) fn printed(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    print(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn counts(rows: u64, orphans: u64, missing: u64) -> Counts {
    Counts {
        rows: Some(rows),
        orphans: Some(orphans),
        null_keys: Some(0),
        partly_null: None,
        missing_parents: Some(missing),
    }
}

fn finding(
    rule: &'static str,
    severity: Severity,
    object: &str,
    message: &str,
    rows: Option<u64>,
) -> Finding {
    Finding {
        rule,
        severity,
        object: object.to_owned(),
        relation: object.contains("->").then(|| object.to_owned()),
        message: message.to_owned(),
        detail: None,
        rows,
        action: None,
    }
}

/// A shop with one relation of every verdict, and a table whose name is out to deceive.
pub(crate) fn catalog() -> Draft {
    let mut draft = Draft::postgres();
    let server = &mut draft.catalog.server;
    server.version = "17.10".to_owned();
    server.flavor = Flavor::Citus;
    server.user = Some(Untrusted::new("waif_audit"));
    server.address = Untrusted::new("db-7:5432");
    server.tls = Tls::On { protocol: "TLSv1.3".to_owned(), verified: true };
    draft.table("customers", "id bigint!");
    draft.table("orders", "id bigint!, customer_id bigint!");
    draft.table("order_items", "id bigint!, order_id bigint!");
    draft.table("payments", "id bigint!, order_id bigint");
    draft.table("evil\u{1b}[31m|<b>", "id bigint!, order_id bigint");
    draft.table("old", "id bigint!, gone_id bigint");
    draft.index("orders", "customer_id");
    draft.relation("evil\u{1b}[31m|<b>(order_id)->orders(id)").on_delete = Referential::Cascade;
    draft.relation("old(gone_id)->gone(id)").flaw = Some(Flaw::MissingTable);
    draft.relation("order_items(order_id)->orders(id)").validated = false;
    draft.relation("orders(customer_id)->customers(id)");
    draft.relation("payments(order_id)->orders(id)").enforcement =
        Enforcement::Off(vec!["the trigger is disabled".to_owned()]);
    draft
}

pub(crate) fn tallies() -> Vec<Tally> {
    vec![
        Tally::met_one(0.25),
        Tally::broken("the parent table gone does not exist", counts(12, 0, 0)),
        Tally::counted(counts(2_310_442, 41_207, 1_164), 2.1),
        Tally::counted(Counts { null_keys: Some(3), ..counts(900, 0, 0) }, 0.0042),
        Tally::not_checked(Why::Right("the role waif_audit may not SELECT payments".to_owned())),
    ]
}

pub(crate) fn check() -> Check {
    let orphaned = Finding {
        detail: Some("The constraint order_items_order_id_fkey is NOT VALID since it was made.".to_owned()),
        action: Some("quarantine:order_items(order_id)->orders(id)".to_owned()),
        ..finding(
            "orphan-rows",
            Severity::Critical,
            "order_items(order_id)->orders(id)",
            "41,207 of 2,310,442 rows of order_items refer to 1,164 orders that do not exist.",
            Some(41_207),
        )
    };
    let accepted =
        finding("missing-index", Severity::Medium, "payments(order_id)->orders(id)", "No index.", None);
    Check {
        catalog: Arc::new(catalog().catalog),
        tallies: tallies(),
        findings: vec![
            orphaned,
            finding(
                "orphan-rows",
                Severity::Critical,
                "evil\u{1b}[31m|<b>(order_id)->orders(id)",
                "At least one row of evil\u{1b}[31m|<b> refers to an order that does not exist.",
                Some(1),
            ),
            finding(
                "not-checked",
                Severity::High,
                "payments(order_id)->orders(id)",
                "It was not checked: the role waif_audit may not SELECT payments.",
                None,
            ),
            finding(
                "missing-index",
                Severity::Medium,
                "order_items(order_id)->orders(id)",
                "No index.",
                None,
            ),
        ],
        suppressed: vec![Suppressed { finding: accepted, reason: "archived in March".to_owned() }],
        gaps: vec![Gap { object: "secret".to_owned(), reason: "the schema may not be used".to_owned() }],
        environment: Environment::Production,
        started_at: "2026-11-20T20:11:07.123456Z".to_owned(),
        finished_at: "2026-11-20T20:11:09.500000Z".to_owned(),
        snapshot: Snapshot::One,
    }
}

/// A check in which nothing is wrong and nothing was left out.
pub(crate) fn clean() -> Check {
    let mut draft = Draft::sqlite();
    draft.catalog.server.version = "3.51.0".to_owned();
    draft.catalog.server.address = Untrusted::new("/srv/shop.db");
    draft.table("users", "id INTEGER!");
    draft.table("posts", "id INTEGER!, user_id INTEGER");
    draft.index("posts", "user_id");
    draft.relation("posts(user_id)->users(id)");
    Check {
        catalog: Arc::new(draft.catalog),
        tallies: vec![Tally::counted(counts(1, 0, 0), 0.001)],
        findings: vec![],
        suppressed: vec![],
        gaps: vec![],
        ..check()
    }
}
