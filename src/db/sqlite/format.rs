//! Whether a file is what waif may write: the format of SQLite itself, by its header. Forks of SQLite keep other things in
//! the same places, most often behind reserved bytes or unknown versions; the SQLite built in would read some of them and
//! break them by writing. Called before a session writes: <https://www.sqlite.org/fileformat.html>, section 1.3.

use crate::db::sqlite::file::MAGIC;

/// Why a file with this header is not to be written; none when it may be.
pub(super) fn foreign(header: &[u8]) -> Option<String> {
    let byte = |at: usize| header.get(at).copied().unwrap_or_default();
    let number = |at: usize| u32::from_be_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]);
    if header.len() < 100 || !header.starts_with(MAGIC) {
        return Some("it does not begin as a database of SQLite 3 does".to_owned());
    }
    let page = u16::from_be_bytes([byte(16), byte(17)]);
    if page != 1 && !(page >= 512 && page.is_power_of_two()) {
        return Some(format!("its pages have {page} bytes, which no page of SQLite has"));
    }
    let (write, read) = (byte(18), byte(19));
    if !matches!((write, read), (1, 1) | (2, 2)) {
        return Some(format!(
            "it asks for the format {write} to be written and {read} to be read; SQLite knows 1 and 2"
        ));
    }
    if byte(20) != 0 {
        return Some(format!(
            "it keeps {} bytes of each page for an extension, for instance one that encrypts or adds checksums",
            byte(20)
        ));
    }
    if [byte(21), byte(22), byte(23)] != [64, 32, 32] {
        return Some("its payload fractions are not those of SQLite".to_owned());
    }
    if !(1..=4).contains(&number(44)) && number(44) != 0 {
        return Some(format!("its schema has the format {}; SQLite knows 1 to 4", number(44)));
    }
    if number(56) > 3 {
        return Some(format!("its text has the encoding {}; SQLite knows 1 to 3", number(56)));
    }
    header[72..92]
        .iter()
        .any(|byte| *byte != 0)
        .then(|| "it uses bytes that SQLite keeps for later".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sqlite::create;

    async fn plain() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.db");
        create(&path, &["CREATE TABLE t (a)"]).await.unwrap();
        std::fs::read(&path).unwrap()[..100].to_vec()
    }

    #[tokio::test]
    async fn what_sqlite_wrote_is_no_stranger() {
        assert_eq!(foreign(&plain().await), None);
    }

    #[tokio::test]
    async fn each_byte_a_fork_uses_tells() {
        let header = plain().await;
        let cases: [(usize, u8, &str); 9] = [
            (0, b's', "does not begin"),
            (17, 3, "no page of SQLite"),
            (18, 3, "the format 3"),
            (19, 255, "255 to be read"),
            (20, 80, "keeps 80 bytes"),
            (21, 65, "fractions"),
            (47, 9, "the format 9"),
            (59, 4, "the encoding 4"),
            (80, 1, "keeps for later"),
        ];
        for (at, byte, told) in cases {
            let mut changed = header.clone();
            changed[at] = byte;
            let why = foreign(&changed).unwrap_or_default();
            assert!(why.contains(told), "byte {at} set to {byte}: {why:?}");
        }
        assert!(foreign(&header[..99]).is_some(), "a header that is cut short");
    }
}
