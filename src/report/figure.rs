//! Durations as a person and as a machine reads them. Called by the printers.

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
    fn durations_take_the_unit_that_reads_best() {
        let shown: Vec<String> = [0.0004, 0.04, 1.0, 12.34, 59.94, 59.97, 185.0].map(duration).into();
        assert_eq!(shown, ["0 ms", "40 ms", "1.0 s", "12.3 s", "59.9 s", "1 min 00 s", "3 min 05 s"]);
    }
}
