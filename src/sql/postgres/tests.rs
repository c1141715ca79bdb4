//! What PostgreSQL is told, held to the letter. That it means what it should is proved on real servers in `tests/engines`.

use super::*;
use crate::model::catalog::{Generated, TableKind};
use crate::model::ident::TableName;
use crate::model::relation::{Comparison, Matching, Referential};
use crate::model::tests::draft::{Draft, ident};
use crate::sql::Dialect;

fn equals(schema: &str) -> Comparison {
    let operator = Some((ident(schema), "=".to_owned()));
    Comparison { sameness: operator.clone(), operator, ..Comparison::default() }
}

/// `orders(user_id)->users(id)`, compared by plain integers.
fn shop() -> Draft {
    let mut draft = Draft::postgres();
    draft.table("users", "id bigint!");
    draft.table("orders", "id bigint!, user_id integer, note text");
    draft.relation("orders(user_id)->users(id)").comparisons = vec![equals("pg_catalog")];
    for table in &mut draft.catalog.tables {
        for column in &mut table.columns {
            column.readable = true;
        }
    }
    draft
}

fn orphans(draft: &Draft) -> String {
    Postgres.orphans(&draft.catalog, &draft.catalog.relations[0], Path::Free).text().to_owned()
}

#[test]
fn one_anti_join_counts_orphans_and_missing_parents() {
    let draft = shop();
    insta::assert_snapshot!(orphans(&draft), @r#"
    SELECT coalesce(sum(o.orphans), 0)::text, count(*)::text
    FROM (SELECT count(*) AS orphans
    FROM ONLY "public"."orders" AS c
    WHERE c."user_id" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ONLY "public"."users" AS p WHERE p."id" OPERATOR(pg_catalog.=) c."user_id")
    GROUP BY c."user_id") AS o
    "#);
}

#[test]
fn the_probe_stops_at_the_first_orphan() {
    let draft = shop();
    insta::assert_snapshot!(Postgres.probe(&draft.catalog, &draft.catalog.relations[0]).text(), @r#"
    SELECT 1::text
    FROM ONLY "public"."orders" AS c
    WHERE c."user_id" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ONLY "public"."users" AS p WHERE p."id" OPERATOR(pg_catalog.=) c."user_id")
    LIMIT 1
    "#);
}

#[test]
fn only_is_dropped_where_a_side_is_partitioned() {
    let mut draft = shop();
    draft.find("orders").kind = TableKind::Partitioned;
    let text = orphans(&draft);
    assert!(text.contains("FROM \"public\".\"orders\" AS c"), "{text}");
    assert!(text.contains("FROM ONLY \"public\".\"users\" AS p"), "{text}");
}

#[test]
fn casts_collations_and_foreign_operators_are_spelled_out() {
    let mut draft = shop();
    let caseless = TableName { schema: ident("my \"own\""), name: ident("case less") };
    draft.catalog.relations[0].comparisons = vec![Comparison {
        parent_cast: Some("pg_catalog.text".to_owned()),
        child_cast: Some("pg_catalog.text".to_owned()),
        collate: Some(caseless),
        ..equals("Ext")
    }];
    insta::assert_snapshot!(orphans(&draft), @r#"
    SELECT coalesce(sum(o.orphans), 0)::text, count(*)::text
    FROM (SELECT count(*) AS orphans
    FROM ONLY "public"."orders" AS c
    WHERE c."user_id" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ONLY "public"."users" AS p WHERE p."id"::pg_catalog.text OPERATOR("Ext".=) c."user_id"::pg_catalog.text COLLATE "my ""own"""."case less")
    GROUP BY c."user_id"::pg_catalog.text COLLATE "my ""own"""."case less") AS o
    "#);
}

#[test]
fn match_full_takes_half_a_key_for_a_violation() {
    let mut draft = Draft::postgres();
    draft.table("p", "a integer!, b integer!");
    draft.table("c", "x integer, y integer");
    let relation = draft.relation("c(x,y)->p(a,b)");
    relation.comparisons = vec![equals("pg_catalog"), equals("pg_catalog")];
    relation.matching = Matching::Full;
    let text = orphans(&draft);
    assert!(text.contains("WHERE (c.\"x\" IS NOT NULL OR c.\"y\" IS NOT NULL)\n"), "{text}");
    draft.catalog.relations[0].matching = Matching::Simple;
    let text = orphans(&draft);
    assert!(text.contains("WHERE c.\"x\" IS NOT NULL AND c.\"y\" IS NOT NULL\n"), "{text}");
}

#[test]
fn a_period_must_be_covered_by_the_parents_together() {
    let mut draft = Draft::postgres();
    draft.table("price", "item integer!, valid daterange!");
    draft.table("sale", "item integer, at daterange");
    let relation = draft.relation("sale(item,at)->price(item,valid)");
    relation.temporal = true;
    relation.comparisons = vec![
        equals("pg_catalog"),
        Comparison { operator: Some((ident("pg_catalog"), "&&".to_owned())), ..Comparison::default() },
    ];
    insta::assert_snapshot!(orphans(&draft), @r#"
    SELECT coalesce(sum(o.orphans), 0)::text, count(*)::text
    FROM (SELECT count(*) AS orphans
    FROM ONLY "public"."sale" AS c
    WHERE c."item" IS NOT NULL AND c."at" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM (SELECT p."item", range_agg(p."valid") AS "valid" FROM ONLY "public"."price" AS p GROUP BY p."item") AS p
        WHERE p."item" OPERATOR(pg_catalog.=) c."item" AND NOT isempty(c."at") AND c."at" OPERATOR(pg_catalog.<@) p."valid")
    GROUP BY c."item", c."at") AS o
    "#);
}

#[test]
fn one_scan_counts_the_nulls_of_every_relation_of_a_table() {
    let mut draft = shop();
    draft.table("pairs", "a integer!, b integer!");
    draft.relation("orders(user_id,note)->pairs(a,b)");
    let (child, relations) = (draft.id("orders"), draft.catalog.relations.iter().collect::<Vec<_>>());
    insta::assert_snapshot!(Postgres.child_counts(&draft.catalog, child, &relations).text(), @r#"
    SELECT count(*)::text,
           (count(*) - count(c."user_id"))::text,
           0::text,
           count(*) FILTER (WHERE c."user_id" IS NULL AND c."note" IS NULL)::text,
           count(*) FILTER (WHERE (c."user_id" IS NULL OR c."note" IS NULL) AND (c."user_id" IS NOT NULL OR c."note" IS NOT NULL))::text
    FROM ONLY "public"."orders" AS c
    "#);
}

#[test]
fn missing_parents_are_grouped_as_the_engine_compares_them() {
    let draft = shop();
    let list = Postgres.missing_parents(&draft.catalog, &draft.catalog.relations[0], 20);
    insta::assert_snapshot!(list.query.text(), @r#"
    SELECT min(c."user_id"::text COLLATE pg_catalog."C"), count(*)::text
    FROM ONLY "public"."orders" AS c
    WHERE c."user_id" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ONLY "public"."users" AS p WHERE p."id" OPERATOR(pg_catalog.=) c."user_id")
    GROUP BY c."user_id"
    ORDER BY count(*) DESC, c."user_id"
    LIMIT 20
    "#);
    assert_eq!((list.headings, list.key_columns), (vec!["user_id".to_owned()], 1));
}

#[test]
fn orphan_rows_go_on_behind_the_last_key() {
    let draft = shop();
    let page = Page { after: Some(vec![Value::Text("41".to_owned())]), limit: 50 };
    let key = [Value::Text("7".to_owned())];
    let list = Postgres.orphan_rows(&draft.catalog, &draft.catalog.relations[0], Some(&key), &page);
    insta::assert_snapshot!(list.query.text(), @r#"
    SELECT c."id"::text,
           c."id"::text,
           c."user_id"::text,
           CASE WHEN length(c."note"::text) > 2000 THEN left(c."note"::text, 2000) || '... [cut, ' || length(c."note"::text) || ' characters]' ELSE c."note"::text END
    FROM (SELECT c."id", c."user_id", c."note"
    FROM ONLY "public"."orders" AS c
    WHERE c."user_id" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ONLY "public"."users" AS p WHERE p."id" OPERATOR(pg_catalog.=) c."user_id")
      AND c."user_id" OPERATOR(pg_catalog.=) $1::text::integer
      AND c."id" OPERATOR(pg_catalog.>) $2::text::bigint
    ORDER BY c."id"
    LIMIT 50) AS c
    ORDER BY c."id"
    "#);
    assert_eq!(list.query.args(), [Value::Text("7".to_owned()), Value::Text("41".to_owned())]);
    assert_eq!(list.headings, ["id", "user_id", "note"]);
    assert_eq!(list.key_columns, 1);
}

#[test]
fn a_table_without_a_key_is_listed_by_the_places_of_its_rows() {
    let mut draft = shop();
    draft.find("orders").keys.clear();
    let page = Page { after: Some(vec![Value::Text("(0,7)".to_owned())]), limit: 2 };
    let list = |draft: &Draft| {
        Postgres.orphan_rows(&draft.catalog, &draft.catalog.relations[0], None, &page).query.text().to_owned()
    };
    let text = list(&draft);
    assert!(text.contains("AND c.ctid OPERATOR(pg_catalog.>) $1::text::tid\nORDER BY c.ctid\n"), "{text}");
    draft.find("orders").kind = TableKind::Partitioned;
    let text = list(&draft);
    assert!(
        text.contains("ROW(c.tableoid, c.ctid) OPERATOR(pg_catalog.>) ROW($1::text::oid, $2::text::tid)"),
        "{text}"
    );
}

/// An extension's `>` is found by a search path only, and an index under a drifted collation is out of order.
#[test]
fn keys_whose_order_cannot_be_trusted_are_ordered_by_their_bytes() {
    let mut draft = shop();
    draft.find("orders").columns[0].base_type = "public.citext".to_owned();
    let page = Page { after: Some(vec![Value::Text("x".to_owned())]), limit: 2 };
    let text = |draft: &Draft| {
        Postgres.orphan_rows(&draft.catalog, &draft.catalog.relations[0], None, &page).query.text().to_owned()
    };
    let bytes = |text: &str| {
        format!(
            "AND {text} COLLATE pg_catalog.\"C\" OPERATOR(pg_catalog.>) $1::text COLLATE pg_catalog.\"C\"\n\
             ORDER BY {text} COLLATE pg_catalog.\"C\"\n"
        )
    };
    assert!(text(&draft).contains(&bytes("format('%s', c.\"id\")")), "{}", text(&draft));
    draft.find("orders").columns[0].base_type = "text".to_owned();
    draft.find("orders").columns[0].collation_drifted = true;
    assert!(text(&draft).contains(&bytes("c.\"id\"::text")), "{}", text(&draft));
}

#[test]
fn columns_the_role_may_not_read_are_left_out() {
    let mut draft = shop();
    draft.find("orders").columns[2].readable = false;
    let list = Postgres.orphan_rows(&draft.catalog, &draft.catalog.relations[0], None, &Page::default());
    assert_eq!(list.headings, ["id", "user_id"]);
    assert!(!list.query.text().contains("note"));
}

#[test]
fn long_cells_are_cut_by_the_server_and_say_so() {
    let mut draft = shop();
    draft.find("orders").columns[2].base_type = "bytea".to_owned();
    let list = Postgres.orphan_rows(&draft.catalog, &draft.catalog.relations[0], None, &Page::default());
    assert!(list.query.text().contains("substr(c.\"note\", 1, 1000)"), "{}", list.query.text());
}

#[test]
fn hostile_names_stay_inside_their_quotes() {
    let mut draft = shop();
    draft.find("orders").columns[1].name = ident("a\"; DROP TABLE users; --\n$1 ? %s\u{1b}");
    draft.catalog.relations[0].child.columns[0] = ident("a\"; DROP TABLE users; --\n$1 ? %s\u{1b}");
    let text = orphans(&draft);
    assert!(text.contains("c.\"a\"\"; DROP TABLE users; --\n$1 ? %s\u{1b}\" IS NOT NULL"), "{text}");
    assert_eq!(text.matches("DROP").count(), 3, "in the condition, the comparison and the grouping: {text}");
}

/// The default of `orders.user_id`, and what is asked about its parent.
fn asked(default: &str) -> Option<Vec<Value>> {
    let mut draft = shop();
    draft.find("orders").columns[1].default = Some(default.to_owned());
    draft.find("orders").columns[1].generated = Generated::No;
    draft.catalog.relations[0].on_delete = Referential::SetDefault;
    let query = Postgres.default_parent(&draft.catalog, &draft.catalog.relations[0]);
    query.map(|query| query.args().to_vec())
}

#[test]
fn the_parent_of_a_constant_default_is_asked_for() {
    let text = |text: &str| Some(vec![Value::Text(text.to_owned())]);
    assert_eq!(asked("0"), text("0"));
    assert_eq!(asked("'-1'::integer"), text("-1"));
    assert_eq!(asked("1.5"), text("1.5"));
    assert_eq!(asked("'it''s'::text"), text("it's"));
    assert_eq!(asked("E'a\\\\b'::text"), text("a\\b"));
    assert_eq!(asked("''::character varying"), text(""));
}

#[test]
fn a_computed_default_is_never_run() {
    for default in [
        "NULL::integer",
        "nextval('s'::regclass)",
        "now()",
        "1 + 1",
        "'a'::text || 'b'::text",
        "('now'::text)::date",
        "'x'::public.evil",
        "'open",
        "5)",
    ] {
        assert_eq!(asked(default), None, "{default}");
    }
}

#[test]
fn no_default_parent_is_asked_for_without_set_default() {
    let mut draft = shop();
    draft.find("orders").columns[1].default = Some("0".to_owned());
    assert_eq!(Postgres.default_parent(&draft.catalog, &draft.catalog.relations[0]), None);
    draft.catalog.relations[0].on_update = Referential::SetDefault;
    let query = Postgres.default_parent(&draft.catalog, &draft.catalog.relations[0]);
    insta::assert_snapshot!(query.expect("a query").text(), @r#"
    SELECT 1::text
    FROM ONLY "public"."users" AS p
    WHERE p."id" OPERATOR(pg_catalog.=) $1::text::integer
    LIMIT 1
    "#);
}
