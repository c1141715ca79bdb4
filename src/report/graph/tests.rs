//! The graph in every format, as it is printed.

use crate::model::graph::Graph;
use crate::model::target::Environment;
use crate::model::tests::draft::Draft;
use crate::report::Paper;
use crate::report::graph::{MOST, Picture, dot, json, mermaid, svg, text};
use crate::report::tests::{catalog, printed, tallies};
use insta::assert_snapshot;

/// The shop with a table alone, two that refer to each other, and one that refers to itself.
fn shop() -> Draft {
    let mut draft = catalog();
    draft.table("settings", "id bigint!");
    draft.table("users", "id bigint!, team_id bigint");
    draft.table("teams", "id bigint!, owner_id bigint, above_id bigint");
    draft.relation("users(team_id)->teams(id)");
    draft.relation("teams(owner_id)->users(id)");
    draft.relation("teams(above_id)->teams(id)");
    draft
}

fn drawn(draft: &Draft, print: impl FnOnce(&Picture<'_>) -> String) -> String {
    let (graph, tallies) = (Graph::of(&draft.catalog), tallies());
    print(&Picture::new(&draft.catalog, &tallies, &graph, &graph.whole()))
}

#[test]
fn text_lists_every_reference_with_what_is_to_be_said_of_it() {
    let paper = Paper { width: 80, color: false };
    assert_snapshot!(drawn(&shop(), |picture| printed(|out| text(picture, &paper, out))));
}

#[test]
fn dot_lets_no_name_out_of_its_label() {
    let mut draft = shop();
    draft.table("a\"]; evil [label=\"\\N&lt;\n", "id bigint!");
    assert_snapshot!(drawn(&draft, |picture| printed(|out| dot(picture, out))));
}

#[test]
fn mermaid_lets_no_name_out_of_its_label() {
    let mut draft = shop();
    draft.table("a\"]; click t0 \"javascript:#\n", "id bigint!");
    assert_snapshot!(drawn(&draft, |picture| printed(|out| mermaid(picture, out))));
}

#[test]
fn json_tells_relations_as_a_check_does() {
    let told = drawn(&shop(), |picture| printed(|out| json(picture, Environment::Production, out)));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["tables"].as_array().unwrap().len(), 9);
    let verdicts: Vec<&str> =
        told["relations"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    assert_eq!(
        verdicts,
        ["orphans", "broken", "orphans", "clean", "not_checked", "not_checked", "not_checked", "not_checked"]
    );
    assert_eq!(told["relations"][5]["reason"], "not counted yet");
}

#[test]
fn svg_escapes_names_and_draws_every_table_and_relation() {
    let told = drawn(&shop(), |picture| printed(|out| svg(picture, out)));
    assert!(told.contains("evil\\x1B[31m|&lt;b&gt;"), "{told}");
    assert_eq!(told.matches("<rect class=").count(), 10, "nine tables and a missing parent: {told}");
    assert_eq!(told.matches("<path class=").count(), 8, "{told}");
    assert!(!told.contains("NaN") && !told.contains("inf"), "{told}");
}

#[test]
fn svg_of_a_large_graph_keeps_the_worst_and_says_what_it_left_out() {
    let mut draft = catalog();
    for number in 0..100 {
        draft.table(&format!("many_{number}"), "id bigint!, customer_id bigint");
        draft.relation(&format!("many_{number}(customer_id)->customers(id)"));
    }
    let told = drawn(&draft, |picture| printed(|out| svg(picture, out)));
    assert_eq!(told.matches("<rect class=").count(), MOST);
    for worst in ["order_items", "evil", "gone", "old"] {
        assert!(told.contains(worst), "{worst} is on a broken relation");
    }
    assert!(told.contains("47 tables and 47 relations are left out."), "{told}");
}
