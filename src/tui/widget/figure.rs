//! Figures as people read them: counts in groups of three, estimates with a tilde, times in the unit that fits.

pub use crate::model::figure::{counted, grouped as count};

use std::time::Duration;

/// An estimate, rounded to what it is worth: `~8.1 M`.
pub fn estimate(number: u64) -> String {
    let scaled = |unit: u64| {
        let tenths = (number * 10 + unit / 2) / unit;
        if tenths >= 1000 { format!("{}", tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    match number {
        0..=9_999 => format!("~{}", count(number)),
        10_000..=999_499 => format!("~{} k", (number + 500) / 1_000),
        999_500..=999_949_999 => format!("~{} M", scaled(1_000_000)),
        _ => format!("~{} G", number / 1_000_000_000),
    }
}

/// A share of a whole in percent, never rounded to nothing or to everything.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 || part > whole {
        return "–".to_owned();
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(whole);
    match hundredths {
        0 if part > 0 => "<0.01 %".to_owned(),
        _ => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
    }
}

/// How long something took: `141 ms`, `2.1 s`, `5 min 04 s`, `2 h 10 min`.
pub fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match time.as_millis() {
        0..1_000 => format!("{} ms", time.as_millis()),
        1_000..60_000 => format!("{}.{} s", seconds, time.subsec_millis() / 100),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A time since the start, as a clock shows it: `0:06.2`, `12:40.0`, `1:02:40`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}.{}", seconds / 60, seconds % 60, time.subsec_millis() / 100),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// How long ago something was: to the second for a minute, then no finer than a minute, so that an idle screen hardly
/// changes.
pub fn ago(time: Duration) -> String {
    if time.as_secs() < JUST { "just now".to_owned() } else { format!("{} ago", age(time)) }
}

/// Whether something is old enough that its age is told beside it.
pub fn is_worth_telling(time: Duration) -> bool {
    time.as_secs() >= JUST
}

/// How old something is: `12 s`, `3 min`, `5 h`, `9 d`.
pub fn age(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// When the words for an age change next: after so long.
pub fn next_age(time: Duration) -> Duration {
    let seconds = match time.as_secs() {
        0..JUST => JUST,
        seconds @ JUST..60 => seconds + 1,
        seconds @ 60..3_600 => (seconds / 60 + 1) * 60,
        seconds => (seconds / 3_600 + 1) * 3_600,
    };
    Duration::from_secs(seconds).saturating_sub(time)
}

/// What is younger than so many seconds was just now.
const JUST: u64 = 5;

/// A bar of `cells` cells for a share of a whole; a share that is not nothing is never drawn as nothing, and only the
/// whole is drawn as the whole.
pub fn bar(part: u64, whole: u64, cells: usize) -> (usize, usize) {
    if whole == 0 || cells == 0 {
        return (0, cells);
    }
    let part = part.min(whole);
    let exact = (u128::from(part) * cells as u128 / u128::from(whole)) as usize;
    let full =
        if part == whole { cells } else { exact.max(usize::from(part > 0)).min(cells.saturating_sub(1)) };
    (full, cells - full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(41_207), "41,207");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(2_000, "row", "rows"), "2,000 rows");
    }

    #[test]
    fn estimates_carry_a_tilde_and_no_false_digits() {
        assert_eq!(estimate(318), "~318");
        assert_eq!(estimate(120_400), "~120 k");
        assert_eq!(estimate(999_499), "~999 k");
        assert_eq!(estimate(999_500), "~1.0 M");
        assert_eq!(estimate(8_112_000), "~8.1 M");
        assert_eq!(estimate(214_000_000), "~214 M");
        assert_eq!(estimate(3_000_000_000), "~3 G");
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_everything() {
        assert_eq!(percent(41_207, 2_310_442), "1.78 %");
        assert_eq!(percent(1, 1_000_000), "<0.01 %");
        assert_eq!(percent(999_999, 1_000_000), "99.99 %");
        assert_eq!(percent(5, 5), "100.00 %");
        assert_eq!(percent(0, 0), "–");
        assert_eq!(bar(1, 1_000, 20), (1, 19));
        assert_eq!(bar(999, 1_000, 20), (19, 1));
        assert_eq!(bar(1_000, 1_000, 20), (20, 0));
        assert_eq!(bar(0, 0, 20), (0, 20));
    }

    #[test]
    fn times_take_the_unit_that_fits() {
        assert_eq!(took(Duration::from_millis(141)), "141 ms");
        assert_eq!(took(Duration::from_millis(2_140)), "2.1 s");
        assert_eq!(took(Duration::from_secs(304)), "5 min 04 s");
        assert_eq!(took(Duration::from_secs(7_800)), "2 h 10 min");
        assert_eq!(clock(Duration::from_millis(6_240)), "0:06.2");
        assert_eq!(clock(Duration::from_secs(3_760)), "1:02:40");
        assert_eq!(ago(Duration::from_secs(4)), "just now");
        assert_eq!(ago(Duration::from_secs(12)), "12 s ago");
        assert_eq!(ago(Duration::from_secs(120)), "2 min ago");
        assert_eq!(ago(Duration::from_secs(3_700)), "1 h ago");
        assert_eq!(age(Duration::from_secs(47 * 3_600)), "47 h");
        assert_eq!(age(Duration::from_secs(9 * 86_400 + 5)), "9 d");
    }

    #[test]
    fn an_age_wakes_nobody_before_its_words_change() {
        let words = |millis| ago(Duration::from_millis(millis));
        for millis in [0, 4_200, 12_300, 59_999, 60_000, 3_599_000, 4_000_000, 200_000_000] {
            let next = millis + next_age(Duration::from_millis(millis)).as_millis() as u64;
            assert!(next > millis, "{millis}");
            assert_eq!(words(next - 1), words(millis), "{millis}");
        }
        assert_ne!(words(12_999), words(13_000));
    }
}
