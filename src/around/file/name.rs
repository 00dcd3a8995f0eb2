//! Names of files: what is kept of the sender's, and how it is told to a browser (RFC 6266).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::limits;

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The last part of a path, without control characters and marks that turn the direction of text.
pub(super) fn named(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = last.chars().filter(harmless).take(limits::FILE_NAME_CHARS).collect();
    match name.trim().trim_matches('.') {
        "" => "file".to_owned(),
        _ => name.trim().to_owned(),
    }
}

/// `Content-Disposition` with the name twice: for old readers in ASCII, for all others as it is.
pub(super) fn disposition(kind: &str, name: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_lose_what_is_no_name() {
        assert_eq!(named("C:\\scans\\Lab report.pdf"), "Lab report.pdf");
        assert_eq!(named("../../etc/passwd"), "passwd");
        assert_eq!(named("a\r\nSet-Cookie: x"), "aSet-Cookie: x");
        assert_eq!(named("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        for nothing in ["", "..", " . ", "a/"] {
            assert_eq!(named(nothing), "file", "{nothing}");
        }
    }

    #[test]
    fn a_name_is_told_twice() {
        assert_eq!(
            disposition("attachment", "Gr\u{fc}\u{df}e \"1\".pdf"),
            "attachment; filename=\"Gr__e _1_.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.pdf"
        );
    }

    proptest! {
        #[test]
        fn any_name_is_a_header(name in "\\PC*") {
            let header = disposition("attachment", &named(&name));
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
