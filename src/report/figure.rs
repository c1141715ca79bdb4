//! Figures and units as a person reads them. Called by every printer meant for eyes.

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

/// A duration: `40 ms`, `2.1 s`, `3 min 05 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds.max(0.0) * 1000.0)
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// Seconds rounded to milliseconds, as machine formats carry them.
pub(crate) fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let shown: Vec<String> = [0, 7, 999, 1000, 41_207, 2_310_442, u64::MAX].map(grouped).into();
        assert_eq!(shown, ["0", "7", "999", "1,000", "41,207", "2,310,442", "18,446,744,073,709,551,615"]);
    }

    #[test]
    fn durations_take_the_unit_that_reads_best() {
        let shown: Vec<String> = [0.0004, 0.04, 1.0, 12.34, 59.94, 59.97, 185.0].map(duration).into();
        assert_eq!(shown, ["0 ms", "40 ms", "1.0 s", "12.3 s", "59.9 s", "1 min 00 s", "3 min 05 s"]);
    }

    #[test]
    fn one_row_is_singular() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(0, "row", "rows"), "0 rows");
    }
}
