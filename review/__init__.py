"""The page of calls: what the machine suggests, beside what was said. Read-only until people's verdicts come in.

`app` puts it together and `server` serves it; `pages/` holds one slice per page, `templates/` and `static/` what it
looks like, `catalogues/` every word of it: another language is another file there.
"""
