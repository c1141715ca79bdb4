//! The affinity of a declared type, by section 3.1 of <https://www.sqlite.org/datatype3.html>. It decides how values are
//! converted before they are compared, and so which of them match.

/// The affinity's name. In a STRICT table, ANY keeps every value as it came.
pub(super) fn of(type_name: &str, strict: bool) -> &'static str {
    let name = type_name.to_ascii_uppercase();
    let holds = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if holds(&["INT"]) {
        "INTEGER"
    } else if holds(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if name.is_empty() || holds(&["BLOB"]) || (strict && name == "ANY") {
        "BLOB"
    } else if holds(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_rules_apply_in_the_manuals_order() {
        // The examples of section 3.1.1, and the traps of 3.1.
        for (declared, affinity) in [
            ("INT", "INTEGER"),
            ("UNSIGNED BIG INT", "INTEGER"),
            ("CHARINT", "INTEGER"),
            ("FLOATING POINT", "INTEGER"),
            ("varchar(255)", "TEXT"),
            ("NATIVE CHARACTER(70)", "TEXT"),
            ("CLOB", "TEXT"),
            ("", "BLOB"),
            ("BLOB", "BLOB"),
            ("DOUBLE PRECISION", "REAL"),
            ("FLOAT", "REAL"),
            ("STRING", "NUMERIC"),
            ("DECIMAL(10,5)", "NUMERIC"),
            ("BOOLEAN", "NUMERIC"),
            ("ANY", "NUMERIC"),
        ] {
            assert_eq!(of(declared, false), affinity, "{declared}");
        }
        assert_eq!(of("ANY", true), "BLOB");
    }
}
