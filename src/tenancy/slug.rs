//! Slugs: the part of the address that names a workspace.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::identity::InputFault;

/// Words that no workspace may have as its slug, because they are hosts or paths of the installation itself.
pub const RESERVED_SLUGS: &[&str] = &[
    "www", "app", "api", "admin", "console", "t", "static", "assets", "auth", "signin", "signup", "mail",
    "help", "status", "docs",
];

const SHORTEST: usize = 3;
const LONGEST: usize = 40;

/// Accepts 3 to 40 of `a-z0-9-`, neither beginning nor ending with `-`, that are not reserved.
pub fn check_slug(slug: &str) -> Result<(), InputFault> {
    let refuse = |code, message: &str| Err(InputFault::new("slug", code, message));
    let plain = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    match slug.len() {
        _ if !plain || slug.starts_with('-') || slug.ends_with('-') => {
            refuse("format", "Use small letters, digits and hyphens, such as north-clinic.")
        }
        SHORTEST..=LONGEST if RESERVED_SLUGS.contains(&slug) => {
            refuse("reserved", "This address is reserved. Choose another one.")
        }
        SHORTEST..=LONGEST => Ok(()),
        _ => refuse("length", "Use 3 to 40 characters."),
    }
}

/// A slug for a company's name: "Clínica São José" gives `clinica-sao-jose`. With `attempt` above 1 a number is added.
pub fn suggest_slug(company: &str, attempt: usize) -> String {
    let mut slug = String::new();
    for char in company.nfkd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase) {
        match char {
            'a'..='z' | '0'..='9' => slug.push(char),
            '\'' | '’' => {}
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() >= LONGEST - 4 {
            break;
        }
    }
    let mut slug = slug.trim_end_matches('-').to_owned();
    if slug.len() < SHORTEST || RESERVED_SLUGS.contains(&slug.as_str()) {
        slug = format!("workspace{}{slug}", if slug.is_empty() { "" } else { "-" });
    }
    match attempt {
        0 | 1 => slug,
        attempt => format!("{slug}-{attempt}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_slugs_whatever_the_company_is_called() {
        for (company, slug) in [
            ("Clínica São José", "clinica-sao-jose"),
            ("  O'Neill & Sons, Ltd. ", "oneill-sons-ltd"),
            ("Müller GmbH", "muller-gmbh"),
            ("API", "workspace-api"),
            ("李", "workspace"),
            ("", "workspace"),
        ] {
            assert_eq!(suggest_slug(company, 1), slug);
            assert_eq!(check_slug(&suggest_slug(company, 1)), Ok(()), "{company:?}");
        }
        let long = "long name ".repeat(30);
        assert_eq!(check_slug(&suggest_slug(&long, 999)), Ok(()));
        assert_eq!(suggest_slug("Acme", 2), "acme-2");
    }

    #[test]
    fn reserved_short_long_and_odd_slugs_are_refused() {
        for reserved in RESERVED_SLUGS {
            assert!(check_slug(reserved).is_err(), "{reserved} is reserved");
        }
        for refused in ["ab", "-ab", "ab-", "Acme", "a_b", "ä-b", "a b", &"x".repeat(41)] {
            assert!(check_slug(refused).is_err(), "{refused:?} must be refused");
        }
        assert_eq!(check_slug("abc"), Ok(()));
        assert_eq!(check_slug(&"x".repeat(40)), Ok(()));
    }
}
