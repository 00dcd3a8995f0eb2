//! Text of unknown origin as UTF-8: finds out the encoding from the first 64 KiB and decodes while reading.

use std::fmt;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a file the guess looks at.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// The encoding of a text that begins with `head`; `whole` says that there is nothing after it. A byte order mark
/// decides; else zero bytes tell UTF-16, and what can be UTF-8 is UTF-8.
pub(super) fn detect(head: &[u8], whole: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if let Some(encoding) = utf_16_without_mark(head) {
        return encoding;
    }
    let is_utf_8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !whole,
    };
    if is_utf_8 {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, whole);
    detector.guess(None, Utf8Detection::Deny)
}

/// In UTF-16 every second byte of plain letters is zero; in a single-byte text hardly any byte is.
fn utf_16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 8;
    match () {
        () if odd > many.max(1) && odd > even * 4 => Some(UTF_16LE),
        () if even > many.max(1) && even > odd * 4 => Some(UTF_16BE),
        () => None,
    }
}

/// What a file is, if its first bytes say that it is no text.
pub(super) fn not_text(head: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "an Excel or ZIP file; save the sheet as CSV first"),
        (b"\xD0\xCF\x11\xE0", "an old Excel file; save the sheet as CSV first"),
        (b"\x1F\x8B", "compressed by gzip; unpack it first"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"SQLite format 3\0", "an SQLite database"),
    ];
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, what)| *what)
}

/// Bytes that no text of the encoding has.
#[derive(Debug)]
pub(super) struct Malformed {
    encoding: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "these bytes are not {}; name the encoding in the mapping, such as `encoding: windows-1252`",
            self.encoding
        )
    }
}

impl std::error::Error for Malformed {}

/// Decodes what it reads: whatever comes out is valid UTF-8, cut anywhere. Malformed bytes fail with [`Malformed`]
/// after everything before them has been handed out.
pub(super) struct Utf8Reader<R> {
    source: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
    malformed: bool,
    /// The decoder has finished and must not be asked again.
    done: bool,
}

/// The shortest buffer that [`Utf8Reader`] decodes into: any one character fits.
const LEAST_SPACE: usize = 16;

impl<R: Read> Utf8Reader<R> {
    /// Reads `source` in an encoding; a byte order mark is not part of the text.
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 32 * 1024].into(),
            start: 0,
            end: 0,
            ended: false,
            malformed: false,
            done: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.start == self.end && !self.ended {
            (self.start, self.end) = (0, self.source.read(&mut self.raw)?);
            self.ended = self.end == 0;
        }
        Ok(())
    }

    fn malformed(&self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Malformed { encoding: self.decoder.encoding().name() })
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.len() < LEAST_SPACE {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the buffer is too small to decode into",
            ));
        }
        while !self.done {
            if self.malformed {
                return Err(self.malformed());
            }
            self.refill()?;
            let raw = &self.raw[self.start..self.end];
            let last = self.ended && raw.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(raw, out, last);
            self.start += read;
            match result {
                DecoderResult::Malformed(..) => self.malformed = true,
                DecoderResult::InputEmpty => self.done = last,
                DecoderResult::OutputFull => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, String> {
        let mut reader = Utf8Reader::new(bytes, detect(bytes, true));
        let mut text = Vec::new();
        let mut buffer = [0; LEAST_SPACE];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return String::from_utf8(text).map_err(|error| error.to_string()),
                Ok(read) => text.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn the_usual_encodings_are_told_apart() {
        let text = "name;city\nJosé;São Paulo\nÉlise;Orléans\n";
        let utf_16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let (western, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        for (name, bytes) in [
            ("UTF-8", text.as_bytes().to_vec()),
            ("UTF-8 with mark", [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat()),
            ("UTF-16 little endian", utf_16(u16::to_le_bytes)),
            ("UTF-16 big endian", utf_16(u16::to_be_bytes)),
            ("UTF-16 with mark", [b"\xFF\xFE".as_slice(), &utf_16(u16::to_le_bytes)].concat()),
            ("Windows-1252", western.into_owned()),
        ] {
            assert_eq!(decoded(&bytes).as_deref(), Ok(text), "{name}");
        }
    }

    #[test]
    fn bytes_beyond_the_encoding_are_an_error_not_a_replacement() {
        let mut bytes = vec![b'a'; HEAD_BYTES];
        bytes.extend_from_slice(b"\xE9t\xE9");
        let mut reader = Utf8Reader::new(&bytes[..], detect(&bytes[..HEAD_BYTES], false));
        let mut text = Vec::new();
        let error = reader.read_to_end(&mut text).expect_err("the text ends in Latin-1");
        assert!(error.to_string().contains("UTF-8"), "{error}");
        assert_eq!(text.len(), HEAD_BYTES, "what is before it is read");
    }
}
