"""A page of Moodle's HTML as something to read: cleaned of everything that acts, in our own type."""

import html

import nh3

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fbfaf7; --line: #d9d6cd; --accent: #2f5d8c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6ea; --paper: #15181d; --line: #363b44; --accent: #8fb8e8; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.65 ui-serif, Georgia, 'Times New Roman', serif; }
main { max-width: 42rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; overflow-wrap: break-word; }
h1, h2, h3, h4 { font-family: ui-sans-serif, system-ui, sans-serif; line-height: 1.25; margin: 2em 0 .6em; }
main > h1:first-child { margin-top: 0; padding-bottom: .5em; border-bottom: 1px solid var(--line); }
a { color: var(--accent); } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .4em .7em; text-align: left; vertical-align: top; }
pre { overflow-x: auto; padding: 1em; border: 1px solid var(--line); border-radius: .4rem; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid var(--line); }
"""
TAGS = nh3.ALLOWED_TAGS - {"img"}
"""Pictures of Moodle pages lie in Moodle, and nothing is loaded from another host."""


def as_page(source: str, title: str) -> str:
    """A whole document with `source` in it, safe and readable."""
    body = nh3.clean(source, tags=TAGS, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer")
    heading = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{heading}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main><h1>{heading}</h1>{body}</main></body></html>"
    )
