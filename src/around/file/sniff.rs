//! What a content is, told from its first bytes and never from what the sender says.

/// A media type; `application/octet-stream` for what is not known.
pub(super) fn media_type(head: &[u8]) -> String {
    if let Some(kind) = infer::get(head) {
        return kind.mime_type().to_owned();
    }
    match is_text(head) {
        true => "text/plain".to_owned(),
        false => "application/octet-stream".to_owned(),
    }
}

/// UTF-8 without control characters but those of lines; the last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_speaks_for_itself() {
        assert_eq!(media_type(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
        assert_eq!(media_type("Gr\u{fc}\u{df}e,\na;b".as_bytes()), "text/plain");
        assert_eq!(media_type(b"<!DOCTYPE html><script>"), "text/html");
        assert_eq!(media_type(&[0, 1, 2]), "application/octet-stream");
        assert_eq!(media_type(b""), "application/octet-stream");
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_type(head in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(media_type(&head).contains('/'));
        }
    }
}
