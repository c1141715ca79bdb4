//! Patterns over names: `*` stands for any run of characters, `?` for one. They choose what is checked and which
//! findings are accepted. Called by `job` (scope) and `audit/lint` (suppression); knows no shell, no paths.

/// Whether the whole text fits the pattern. Case counts, as it does in the names; there is no escape, because `*` and
/// `?` also match themselves. Linear but for the product of both lengths at worst: a pattern cannot hang a check.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star stands and up to where it has eaten: the only place worth going back to.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || *c == text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            (p, t) = (at + 1, eaten + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_plain_pattern_is_the_name_itself() {
        assert!(matches("orders", "orders"));
        assert!(!matches("orders", "orders_2024"));
        assert!(!matches("order", "orders"));
        assert!(!matches("Orders", "orders"));
        assert!(matches("", ""));
        assert!(!matches("", "x"));
    }

    #[test]
    fn a_star_is_any_run_and_a_question_mark_one_character() {
        assert!(matches("audit_*", "audit_events(parent_event_id)->audit_events(event_id)"));
        assert!(matches("*->*users(id)", "orders(user_id)->app.users(id)"));
        assert!(matches("t?", "tü"));
        assert!(!matches("t?", "t"));
        assert!(matches("*", ""));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(!matches("a*b*c", "a-b-b-c-"));
        assert!(matches("**", "anything"));
    }

    #[test]
    fn a_name_with_a_star_matches_itself() {
        assert!(matches("odd*name?", "odd*name?"));
    }

    #[test]
    fn a_spiteful_pattern_ends() {
        let text = "a".repeat(2000);
        let pattern = format!("{}b", "*a".repeat(200));
        assert!(!matches(&pattern, &text));
    }
}
