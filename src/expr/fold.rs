//! Folding: the form in which texts are compared, sorted and searched.

use unicode_normalization::UnicodeNormalization;

/// NFKD, combining marks U+0300–U+036F removed, lower-case: "Élise" becomes "elise". Equals the SQL function
/// `app_fold`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare: String = text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
    bare.to_lowercase()
}
