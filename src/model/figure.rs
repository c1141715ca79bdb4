//! Figures as a person reads them. Called by everyone who writes a sentence with a number in it.

/// A number with its thousands set apart: `2,310,442`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A number and its noun: `1 row`, `2,000 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A size as people read it, in powers of 1,024 as the server counts: `812 bytes`, `1.5 GB`.
pub fn bytes(size: u64) -> String {
    let mut unit = 0;
    let mut whole = size as f64;
    while whole >= 1_024.0 && unit < 4 {
        whole /= 1_024.0;
        unit += 1;
    }
    match ["bytes", "kB", "MB", "GB", "TB"].get(unit) {
        Some(name) if unit > 0 => format!("{whole:.1} {name}"),
        _ => counted(size, "byte", "bytes"),
    }
}

/// The units of sizes a person may write, with their bytes.
const UNITS: [(&str, u64); 4] = [("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)];

/// A size as a person writes it, in bytes: `500MB`, `20GB`. None for anything else, or too much.
pub fn size(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, times) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*times)
}

/// A size as [`size`] reads it, where it is whole in one of its units: else rounded up.
pub fn sized(bytes: u64) -> String {
    let whole = UNITS.iter().find(|(_, times)| bytes >= *times && bytes.is_multiple_of(*times));
    let (name, times) = whole.unwrap_or(&UNITS[3]);
    format!("{}{name}", bytes.div_ceil(*times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_as_it_is_written() {
        for text in ["1kB", "500MB", "20GB", "3TB"] {
            assert_eq!(size(text).map(sized).as_deref(), Some(text));
        }
        assert_eq!(size("20 gb"), Some(20 << 30));
        assert_eq!(sized(1_500), "2kB");
        for text in ["20", "GB", "2PB", "-1GB", "99999999999999TB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        let shown: Vec<String> = [0, 7, 999, 1000, 41_207, 2_310_442, u64::MAX].map(grouped).into();
        assert_eq!(shown, ["0", "7", "999", "1,000", "41,207", "2,310,442", "18,446,744,073,709,551,615"]);
    }

    #[test]
    fn sizes_are_counted_as_the_server_counts_them() {
        let shown = [0, 1, 1_023, 1_024, 1_536 * 1_024, 20 << 30, 3 << 50].map(bytes);
        assert_eq!(shown, ["0 bytes", "1 byte", "1,023 bytes", "1.0 kB", "1.5 MB", "20.0 GB", "3072.0 TB"]);
    }

    #[test]
    fn one_row_is_singular() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(0, "row", "rows"), "0 rows");
    }
}
