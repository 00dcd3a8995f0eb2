//! The page of limits that operators read is made from the one table of them.

use super::tree::pattern;

const HEAD: &str = "# Limits

<!-- Made from src/limits.rs; TRELLIS_BLESS=1 cargo test --test it tidy makes it again. -->

What goes over a limit is refused with a message that names it; nothing is cut off in silence.

| What | At most |
|---|---:|
";

/// The page for a table of limits. Every limit must have one line of words and be a product of whole numbers.
pub fn page(source: &str) -> Result<String, String> {
    let limit = pattern(r"(?m)^///[^\n]*\n(?:///[^\n]*\n)*pub const \w+: \w+ = [^;]+;|^pub const (\w+)");
    let parts = pattern(r"(?s)^/// (.*?)\.?\npub const (\w+): \w+ = ([^;]+);$");
    let mut page = HEAD.to_owned();
    for found in limit.find_iter(source) {
        let parts = parts.captures(found.as_str()).ok_or_else(|| format!("no words: {}", found.as_str()))?;
        let words = parts[1].replace("\n///", "");
        let value = product(&parts[3]).ok_or_else(|| format!("{} is no product of numbers", &parts[2]))?;
        page.push_str(&format!("| {words} | {} |\n", grouped(value)));
    }
    Ok(page)
}

fn product(text: &str) -> Option<u64> {
    text.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>().ok()).product()
}

/// 1048576 as 1,048,576.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let group = |(at, digit): (usize, char)| match at {
        0 => digit.to_string(),
        at if (digits.len() - at).is_multiple_of(3) => format!(",{digit}"),
        _ => digit.to_string(),
    };
    digits.chars().enumerate().map(group).collect()
}

#[test]
fn a_limit_is_told_in_words_and_digits() {
    let source = "/// Bytes of\n/// a body.\npub const BODY: usize = 1024 * 1024;\n/// Rows.\npub const ROWS: u64 = 5_000;\n";
    let page = page(source).expect("a page");
    assert!(page.ends_with("|---|---:|\n| Bytes of a body | 1,048,576 |\n| Rows | 5,000 |\n"), "{page}");
}

#[test]
fn a_limit_without_words_or_number_is_found() {
    assert!(page("pub const BODY: usize = 1;\n").is_err());
    assert!(page("/// Bytes.\npub const BODY: usize = size();\n").is_err());
}
