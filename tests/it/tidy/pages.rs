//! What pages and partials must not hold.

use super::tree::{Fault, File, line_of, pattern};

/// Text that goes out unescaped, styles and scripts inside the page: the content policy forbids the last two.
pub fn markup(file: &File) -> Vec<Fault> {
    let rules = [
        (r"\{\{\{|\{\{~?&", "everything is escaped: no {{{ and no {{&"),
        (r"(?i)<[^>]*\sstyle\s*=", "no inline style: the content policy drops it, a class does it"),
        (r"(?i)<style\b", "no style in a page: it belongs into ui/css"),
        (r"(?i)<[^>]*\son[a-z]+\s*=", "no inline handler: the content policy drops it, an island does it"),
        (r#"(?i)(?:href|src|action)\s*=\s*["']?\s*javascript:"#, "no script in an address"),
    ];
    let mut faults = Vec::new();
    for (forbidden, message) in rules {
        let forbidden = pattern(forbidden);
        let places = forbidden.find_iter(&file.text).map(|found| line_of(&file.text, found.start()));
        faults.extend(places.map(|line| file.fault(line, message)));
    }
    faults
}

/// Scripts written into a page, without the nonce that the content policy asks for and without a source.
pub fn scripts(file: &File) -> Vec<Fault> {
    let script = pattern(r"(?i)<script\b([^>]*)>");
    let bare = script.captures_iter(&file.text).filter(|captures| {
        let attributes = captures.get(1).map_or("", |attributes| attributes.as_str());
        !["nonce=", "src=", "application/json"].iter().any(|allowed| attributes.contains(allowed))
    });
    bare.filter_map(|captures| captures.get(0))
        .map(|found| file.fault(line_of(&file.text, found.start()), "a script needs a nonce or a source"))
        .collect()
}

mod samples {
    use super::*;

    fn page(text: &str) -> File {
        File::new("src/web/html/a.hbs", text)
    }

    #[test]
    fn what_pages_must_not_hold_is_found() {
        for text in [
            "<p>{{{name}}}</p>",
            "{{&name}}",
            "<p class=\"a\"\n style=\"color: red\">",
            "<style>",
            "<a href=\"/\" onclick=\"x()\">",
            "<a href=\"javascript:x()\">",
        ] {
            assert_eq!(markup(&page(text)).len(), 1, "{text}");
        }
        assert_eq!(markup(&page("\n\n{{{x}}}"))[0].line, 3);
        assert!(markup(&page("<p class=\"style\" data-on=\"1\">{{name}} style= once</p>")).is_empty());
    }

    #[test]
    fn a_bare_script_is_found() {
        assert_eq!(scripts(&page("<script>x()</script>")).len(), 1);
        for fine in [
            "<script nonce=\"{{nonce}}\">",
            "<script src=\"/a.js\" defer>",
            "<script type=\"application/json\">",
        ] {
            assert!(scripts(&page(fine)).is_empty(), "{fine}");
        }
    }
}
