//! Text within Markdown that can neither mark up, link, mention nor break a table.

use crate::report::text::escape::escape_visible;

/// Somebody else's text, verbatim: a code span. Newlines are written out; `|` is drawn, so that it
/// ends no cell of a table.
pub(crate) fn code(text: &str, max: usize) -> String {
    let text = escape_visible(text, max).replace('|', "│");
    if text.trim().is_empty() {
        return "(nothing)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Markdown takes one space off either side where both are there.
    let odd = |c: char| c == '`' || c == ' ';
    if text.starts_with(odd) || text.ends_with(odd) {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Lines, verbatim: a block that nothing in them can end. They must be visible characters and
/// newlines only.
pub(crate) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        text.trim_end_matches('\n')
    )
}

/// A sentence of the specification: its `code` stays code, everything else is plain text.
pub(crate) fn prose(text: &str, max: usize) -> String {
    // Spaces at the beginning of a line would make it code.
    let text = escape_visible(text.trim_start(), max);
    let parts: Vec<&str> = text.split('`').collect();
    // A code span that is not closed is none.
    if parts.len().is_multiple_of(2) {
        return plain(&text);
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        0 => plain(part),
        _ => code(part, usize::MAX),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Text without any meaning to Markdown.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '|' => out.push('│'),
            // Neither a mention, nor a link of its own, nor an emoji name.
            '@' => out += "@<!-- -->",
            '/' if before == ':' => out += "<!-- -->/",
            '.' if before == 'w' || before == 'W' => out += "<!-- -->.",
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '~' | '$' | '!' | ':' | '^'
            | '=' => {
                out.push('\\');
                out.push(c);
            }
            // What would begin a list.
            '-' | '+' if out.trim().is_empty() => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if !out.is_empty() && out.trim().chars().all(|c| c.is_ascii_digit()) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("a", 9), "`a`");
        assert_eq!(code("a`b", 9), "``a`b``");
        assert_eq!(code("``", 9), "``` `` ```");
        assert_eq!(code("a|b\n\n# c", 99), "`a│b␊␊# c`");
        assert_eq!(code(" ", 9), "(nothing)");
        assert_eq!(code("\u{202e}x", 99), "`\\u{202e}x`");
    }

    #[test]
    fn a_block_ends_where_it_should() {
        assert_eq!(fenced("text", "a\n"), "```text\na\n```\n");
        assert_eq!(
            fenced("text", "```\n`````"),
            "``````text\n```\n`````\n``````\n"
        );
    }

    #[test]
    fn prose_keeps_its_code_and_nothing_else() {
        assert_eq!(
            prose("`catch_up` tells *all* | some", 99),
            "`catch_up` tells \\*all\\* │ some"
        );
        assert_eq!(prose("an open ` one", 99), "an open \\` one");
        assert_eq!(
            prose("<img src=x> @all http://x www.x [a](b) #1", 99),
            "&lt;img src\\=x&gt; @<!-- -->all http\\:<!-- -->//x www<!-- -->.x \\[a\\](b) \\#1"
        );
        assert_eq!(prose("    a", 99), "a");
        assert_eq!(prose("- a", 99), "\\- a");
        assert_eq!(prose("1. a", 99), "1\\. a");
    }
}
