"""The pages of a form as plain HTML: no script is needed, and every text of people is escaped. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from app.store.forms import FormRow
from app.ui import theme
from app.ui.lang.links import buttons, links
from app.ui.lang.say import current, decimal, n, t
from app.ui.words import Look, title
from graphs.fields import FieldSpec

_LONG = 200
_MARK = """<span class="sk-brand__mark"><svg viewBox="0 0 24 24" fill="none" aria-hidden="true">
<path d="M5 19V5l14 14V5" stroke="currentColor" stroke-width="3.4"/></svg></span>"""
_FOLLOW = """<script>
const again = async () => {
  const place = document.querySelector("main[data-open]");
  if (!place) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && page.querySelector("main").innerHTML !== place.innerHTML) {
      place.replaceWith(page.querySelector("main"));
    }
  } catch { /* the network is away: ask again later */ }
  setTimeout(again, 1500);
};
setTimeout(again, 1000);
</script>"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a result page shows of a run, and nothing else."""

    look: Look
    told: str
    # address and what it shows
    pictures: tuple[tuple[str, str], ...]
    is_open: bool


def form_page(  # noqa: PLR0917 - a page from its parts
    row: FormRow,
    fields: Sequence[FieldSpec],
    values: Mapping[str, str],
    errors: Mapping[str, str],
    ticket: str,
    notice: str,
    chosen: str,
) -> str:
    """The form with what was written so far, and what is wrong with it at its fields."""
    drawn = "".join(_field(each, values.get(each.name), errors.get(each.name, "")) for each in fields)
    count = len(errors)
    wrong = (
        n("{count} field needs another look.", "{count} fields need another look.", count) if errors else ""
    )
    told = notice or wrong
    alert = f'<p class="sk-form__notice" role="alert">{escape(told)}</p>' if told else ""
    intro = f'<p class="sk-muted sk-wrap">{escape(row.intro)}</p>' if row.intro else ""
    name = row.title or row.workflow_name
    return _page(
        name,
        f"""<form method="post" action="/f/{escape(row.token)}" class="sk-card sk-form" novalidate>
<div class="sk-stack sk-stack--tight"><h1>{escape(name)}</h1>{intro}</div>{alert}{drawn}
<input type="hidden" name=".ticket" value="{escape(ticket)}">
<button type="submit" class="sk-form__send">{escape(t("Create"))}</button>{buttons(current())}</form>""",
        chosen,
    )


def result_page(row: FormRow, shown: Shown, chosen: str) -> str:
    """How a run stands; it follows by itself, with or without scripts."""
    pictures = "".join(
        f'<a class="sk-form__picture" href="{escape(whole)}" target="_blank" rel="noopener">'
        f'<img src="{escape(whole)}" alt="{escape(alt)}" loading="lazy"></a>'
        for whole, alt in shown.pictures
    )
    gallery = f'<div class="sk-form__pictures">{pictures}</div>' if pictures else ""
    anew = t("This page loads itself anew until it is done.")
    more = (
        f"<noscript><p class='sk-muted'>{escape(anew)}</p></noscript>"
        if shown.is_open
        else f'<a class="sk-form__send" href="/f/{escape(row.token)}">{escape(t("Make another"))}</a>'
    )
    body = f"""<div class="sk-card sk-form" aria-live="polite">
<div class="sk-stack sk-stack--tight"><h1>{escape(row.title or row.workflow_name)}</h1>
<p class="sk-status sk-status--chip" data-tone="{shown.look.tone}">{escape(shown.look.text)}</p>
<p class="sk-muted">{escape(shown.told)}</p></div>{gallery}{more}{links(current())}</div>"""
    head = '<noscript><meta http-equiv="refresh" content="4"></noscript>' if shown.is_open else ""
    tail = _FOLLOW if shown.is_open else ""
    return _page(row.title or row.workflow_name, body, chosen, head=head, tail=tail, is_open=shown.is_open)


def told_page(heading: str, told: str, chosen: str) -> str:
    """A page that only says something."""
    body = f"""<div class="sk-card sk-form"><h1>{escape(heading)}</h1>
<p class="sk-muted">{escape(told)}</p></div>"""
    return _page(heading, body, chosen)


def _page(name: str, body: str, chosen: str, *, head: str = "", tail: str = "", is_open: bool = False) -> str:
    dressed = {"dark": ' class="body--dark"', "light": ' class="body--light"'}.get(chosen, "")
    follows = " data-open" if is_open else ""
    return f"""<!doctype html><html lang="{current()}"><head><meta charset="utf-8">
<title>{escape(name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<link rel="icon" href="{escape(theme.FAVICON)}">{head}{theme.head()}</head><body{dressed}>
<div class="sk-formdoor"><div class="sk-brand">{_MARK}<span>Sakuga</span></div>
<main{follows}>{body}</main></div>{tail}</body></html>"""


def _field(field: FieldSpec, value: str | None, error: str) -> str:
    name = escape(field.name)
    hints = [f"help-{name}"] if field.description else []
    hints += [f"error-{name}"] if error else []
    marks = f' aria-describedby="{" ".join(hints)}"' if hints else ""
    marks += ' aria-invalid="true"' if error else ""
    marks += " required" if field.required else ""
    control = _control(field, _text(field.default) if value is None else value, marks)
    tag = f'<span class="sk-tag">{escape(t("required"))}</span>' if field.required else ""
    about = (
        f'<p class="sk-field__help" id="help-{name}">{escape(field.description)}</p>'
        if field.description
        else ""
    )
    wrong = f'<p class="sk-field__error" role="alert" id="error-{name}">{escape(error)}</p>' if error else ""
    return f"""<div class="sk-field"><label class="sk-field__label" for="in-{name}">
<span>{escape(title(field.name))}</span>{tag}</label>{control}{about}{wrong}</div>"""


def _control(field: FieldSpec, value: str, marks: str) -> str:
    base = f'id="in-{escape(field.name)}" name="{escape(field.name)}"{marks}'
    if field.enum is not None:
        return _select(base, [(_text(each), _text(each).replace("_", " ")) for each in field.enum], value)
    if field.type == "boolean":
        return _select(base, [("true", t("Yes")), ("false", t("No"))], value.lower())
    if field.type in {"object", "array"} or (field.max_length or _LONG) > _LONG:
        return f'<textarea {base} rows="4"{_length(field)}>\n{escape(value)}</textarea>'
    if field.type in {"integer", "number"}:
        mode = "numeric" if field.type == "integer" else "decimal"
        hint = _bounds(field)
        return (
            f'<input {base} type="text" inputmode="{mode}" value="{escape(value)}"{hint} autocomplete="off">'
        )
    return f'<input {base} type="text" value="{escape(value)}"{_length(field)}>'


def _select(base: str, options: list[tuple[str, str]], value: str) -> str:
    known = any(each == value for each, _ in options)
    drawn = "".join(
        f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(label)}</option>'
        for each, label in options
    )
    blank = f'<option value=""{"" if known else " selected"}>–</option>'
    return f"<select {base}>{blank}{drawn}</select>"


def _length(field: FieldSpec) -> str:
    return f' maxlength="{field.max_length}"' if field.max_length and field.type == "string" else ""


def _bounds(field: FieldSpec) -> str:
    low, high = field.minimum, field.maximum
    if low is None and high is None:
        return ""
    told = t("{least} to {most}", least=_written(low), most=_written(high))
    if low is None or high is None:
        told = (
            t("at least {least}", least=_written(low))
            if high is None
            else t("at most {most}", most=_written(high))
        )
    return f' placeholder="{escape(told)}"'


def _written(bound: float | None) -> str:
    return "" if bound is None else decimal(bound)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
