//! The Markdown that rich texts are written in, and its way to HTML: paragraphs, headings, emphasis, lists, quotes,
//! code, rules and links. HTML inside it is text. What is written out is made of tags from this file alone, so that
//! nothing that a text says can become anything else.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::Reject;

/// Schemes of links, each with what follows it.
const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];
/// How deep quotes and lists may stand inside each other.
const DEEPEST: usize = 16;
/// How often a text is read again until no HTML is left in it; twice is enough for all that people write.
const ROUNDS: usize = 8;

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH)
}

fn is_harmless(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) && !address.chars().any(char::is_control)
}

/// The text with every piece of HTML turned into words, or why it is refused.
pub(super) fn cleaned(text: String) -> Result<String, Reject> {
    let mut text = text;
    for _ in 0..ROUNDS {
        let places = judged(&text)?;
        if places.is_empty() {
            return Ok(text);
        }
        for place in places.into_iter().rev() {
            text.insert(place, '\\');
        }
    }
    Err(Reject::new("format", "Enter a text without HTML."))
}

/// Where HTML begins with `<`; refuses links that lead to no good, and texts that are folded too deep.
fn judged(text: &str) -> Result<Vec<usize>, Reject> {
    let (mut places, mut depth) = (Vec::new(), 0_usize);
    for (event, range) in parser(text).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {
                let inside = text[range.clone()].match_indices('<');
                places.extend(inside.map(|(at, _)| range.start + at));
            }
            Event::Start(Tag::Link { link_type: LinkType::Email, .. }) => {}
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. })
                if !is_harmless(&dest_url) =>
            {
                let message = "Link to a full address that begins with https://, http://, mailto: or tel:.";
                return Err(Reject::new("format", message));
            }
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(Reject::new("max", format!("Nest at most {DEEPEST} lists and quotes.")));
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// The words alone, a line for each paragraph, heading or item.
pub(super) fn words(text: &str) -> String {
    let mut out = String::new();
    for event in parser(text) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                out.push_str(&words);
            }
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item)
                if !out.ends_with('\n') =>
            {
                out.push('\n');
            }
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// The text as HTML.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for event in parser(text) {
        match event {
            Event::Start(tag) => open(&mut out, &tag),
            Event::End(tag) => close(&mut out, tag),
            Event::Text(words) | Event::Html(words) | Event::InlineHtml(words) => escape(&mut out, &words),
            Event::Code(words) => {
                out.push_str("<code>");
                escape(&mut out, &words);
                out.push_str("</code>");
            }
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>\n"),
            Event::Rule => out.push_str("<hr>\n"),
            _ => {}
        }
    }
    out
}

fn open(out: &mut String, tag: &Tag<'_>) {
    match tag {
        Tag::Paragraph => out.push_str("<p>"),
        Tag::Heading { level, .. } => out.push_str(&format!("<{}>", heading(*level))),
        Tag::BlockQuote(_) => out.push_str("<blockquote>"),
        Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => out.push_str("<pre><code>"),
        Tag::List(None) => out.push_str("<ul>"),
        Tag::List(Some(first)) => out.push_str(&format!("<ol start=\"{first}\">")),
        Tag::Item => out.push_str("<li>"),
        Tag::Emphasis => out.push_str("<em>"),
        Tag::Strong => out.push_str("<strong>"),
        Tag::Strikethrough => out.push_str("<del>"),
        Tag::Link { link_type, dest_url, .. } => {
            let mail = if *link_type == LinkType::Email { "mailto:" } else { "" };
            link(out, &format!("{mail}{dest_url}"));
        }
        // A picture from elsewhere would tell its server who reads; it is a link instead.
        Tag::Image { dest_url, .. } => link(out, dest_url),
        _ => {}
    }
}

fn link(out: &mut String, address: &str) {
    out.push_str("<a class=\"link\" rel=\"noopener noreferrer nofollow\"");
    if is_harmless(address) {
        out.push_str(" href=\"");
        escape(out, address);
        out.push('"');
    }
    out.push('>');
}

fn close(out: &mut String, tag: TagEnd) {
    match tag {
        TagEnd::Paragraph => out.push_str("</p>\n"),
        TagEnd::Heading(level) => out.push_str(&format!("</{}>\n", heading(level))),
        TagEnd::BlockQuote(_) => out.push_str("</blockquote>\n"),
        TagEnd::CodeBlock => out.push_str("</code></pre>\n"),
        TagEnd::List(true) => out.push_str("</ol>\n"),
        TagEnd::List(false) => out.push_str("</ul>\n"),
        TagEnd::Item => out.push_str("</li>\n"),
        TagEnd::Emphasis => out.push_str("</em>"),
        TagEnd::Strong => out.push_str("</strong>"),
        TagEnd::Strikethrough => out.push_str("</del>"),
        TagEnd::Link | TagEnd::Image => out.push_str("</a>"),
        _ => {}
    }
}

/// A record page has headings of its own above those of a text.
fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h3",
        HeadingLevel::H2 => "h4",
        HeadingLevel::H3 => "h5",
        _ => "h6",
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}
