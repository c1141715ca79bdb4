//! Commands a person may paste into a shell.

/// The command that lists the orphans of a relation.
pub fn orphans(address: &str, relation: &str) -> String {
    format!("waif orphans {} {}", quoted(address), quoted(relation))
}

/// The command that goes on with a run; a person adds the consent.
pub fn resume(address: &str, run: &str) -> String {
    format!("waif resume {} {} --allow-writes --confirm NAME", quoted(address), quoted(run))
}

/// A word for a POSIX shell. One with control characters is spelled with escapes, so that pasting it cannot end the line
/// or speak to the terminal.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.chars().any(char::is_control) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut spelled = String::from("$'");
    for letter in word.chars() {
        match letter {
            '\'' | '\\' => spelled.extend(['\\', letter]),
            _ if letter.is_control() => {
                let mut bytes = [0; 4];
                letter.encode_utf8(&mut bytes).bytes().for_each(|byte| {
                    spelled.push_str(&format!("\\x{byte:02x}"));
                });
            }
            _ => spelled.push(letter),
        }
    }
    spelled + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_each_word_as_it_is_and_none_ends_the_line() {
        assert_eq!(
            orphans("postgres:///shop?host=/run&port=5432", "a(b)->c(d)"),
            "waif orphans 'postgres:///shop?host=/run&port=5432' 'a(b)->c(d)'"
        );
        assert_eq!(orphans("shop", "it's"), "waif orphans shop 'it'\\''s'");
        assert_eq!(quoted("a\n'b\u{1b}"), "$'a\\x0a\\'b\\x1b'");
        assert_eq!(quoted(""), "''");
    }
}
