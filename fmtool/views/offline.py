"""A Folium page that needs no network: every linked file becomes text inside the page.

Folium's own pages load ten files from other hosts. :class:`OfflineFigure` takes the place of branca's
``Figure``: any Folium map or plugin may be put in it, and ``save`` writes one file that

- holds the text of each linked script and stylesheet (``assets/``, keyed by Folium's own link names),
- forbids by a hash-based Content-Security-Policy every script and style that is not one of its own,
- has the same bytes for the same input: branca's random ids are numbered in order of appearance.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib import resources

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.template import Template

from fmtool.text import Lang

VENDORED = {"leaflet": "leaflet/leaflet.js", "leaflet_css": "leaflet/leaflet.css"}
"""Folium's link name to the file that takes its place."""

OWN_SCHEME = "fmtool:"
"""A link of the product's own elements: ``fmtool:map/core.js`` is ``assets/map/core.js``."""

UNUSED_UNLESS = {
    "jquery": re.compile(r"\$[.(]|jQuery"),
    "bootstrap": re.compile(r"bootstrap\."),
    "bootstrap_css": re.compile(r"bootstrap\."),
    "awesome_markers": re.compile(r"AwesomeMarkers"),
    "awesome_markers_css": re.compile(r"AwesomeMarkers"),
    "awesome_markers_font_css": re.compile(r"AwesomeMarkers"),
    "awesome_rotate_css": re.compile(r"AwesomeMarkers"),
    "glyphicons_css": re.compile(r"AwesomeMarkers"),
}
"""Links that every Folium map asks for, and what in its script shows that they are needed."""

_FOREIGN = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*?(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//"
)
_STYLE_URL = re.compile(r"url\(\s*[\"']?(images/[^\"')]+)[\"']?\s*\)")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_UNSCALABLE = re.compile(r'<meta name="viewport"[^>]*user-scalable=no[^>]*/>')


class OfflineAssetError(RuntimeError):
    """An element of the page needs a file that is not kept in ``assets/``."""


def asset(path: str) -> bytes:
    """Return a file of ``assets/``."""
    return (resources.files("fmtool.views") / "assets" / path).read_bytes()


def script_text(path: str) -> str:
    """Return a script so that it may stand inside a page: no end tag, no source map, one kind of line end."""
    text = asset(path).decode("utf-8").replace("\r\n", "\n")
    text = re.sub(r"^//[#@] sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE).strip() + "\n"


def style_text(path: str) -> str:
    """Return a stylesheet with its pictures inside it."""
    text = asset(path).decode("utf-8").replace("\r\n", "\n")
    folder = path.rpartition("/")[0]

    def inside(match: re.Match[str]) -> str:
        data = base64.b64encode(asset(f"{folder}/{match[1]}")).decode("ascii")
        return f"url(data:image/png;base64,{data})"

    return _STYLE_URL.sub(inside, text).strip() + "\n"


def content_security_policy(page: str, image_hosts: Sequence[str] = ()) -> str:
    """Return the policy that lets a page run its own scripts and styles and nothing else.

    >>> content_security_policy("<style>p{}</style><script>1</script>").split("; ")[1]
    "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    scripts = _hashes(_SCRIPT, page) or ["'none'"]
    styles = _hashes(_STYLE, page) or ["'none'"]
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(scripts),
            "style-src " + " ".join(styles),
            " ".join(["img-src data: blob:", *image_hosts]),
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hashes(pattern: re.Pattern[str], page: str) -> list[str]:
    texts = dict.fromkeys(match[1] for match in pattern.finditer(page))
    return [f"'sha256-{base64.b64encode(hashlib.sha256(t.encode('utf-8')).digest()).decode('ascii')}'" for t in texts]


class _Inline(Element):
    """The text of a linked file; a template variable, so that nothing in it is read as a template."""

    _template = Template("<{{ this.tag }}>{{ this.text }}</{{ this.tag }}>")

    def __init__(self, tag: str, text: str) -> None:
        super().__init__()
        self._name = "Inline"
        self.tag, self.text = tag, text


class Verbatim(Element):
    """Markup that is written as it stands.

    Branca reads the text of an ``Element``, and what a macro returned, as a template once more; a facility named
    ``{{ 7 * 7 }}`` would be run. Whatever holds data goes through this class.
    """

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text = text


class OfflineFigure(Figure):
    """A page with all it needs inside it.

    Parameters
    ----------
    lang
        Language of the page when it opens.
    title
        Title of the page; text, never markup.
    image_hosts
        Origins from which pictures (map tiles) may be asked for; none by default.
    referrer
        Referrer policy: what those origins are told of the page.
    """

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang }}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="@policy@">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="{{ this.referrer }}">\n'
        '<link rel="icon" href="data:,">\n'
        "<title>{{ this.title|e }}</title>\n"
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>{{ this.script.render(**kwargs) }}</script>\n</body>\n</html>\n"
    )

    def __init__(
        self, lang: Lang, title: str, image_hosts: Sequence[str] = (), *, referrer: str = "no-referrer"
    ) -> None:
        super().__init__(title=title)
        self.lang = lang
        self.image_hosts = tuple(image_hosts)
        self.referrer = referrer
        self.header._children.pop("meta_http", None)  # noqa: SLF001  - branca has no public way; the charset stands first

    def render(self, **kwargs: object) -> str:
        """Return the page."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        self._put_links_inside(self.script.render(**kwargs))
        page = self._template.render(this=self, kwargs=kwargs)
        page = _number_ids(_UNSCALABLE.sub("", page), self)
        foreign = _FOREIGN.search(page)
        if foreign is not None:
            raise OfflineAssetError(f"the page would ask another host: {foreign[0][:200]}")
        return page.replace("@policy@", content_security_policy(page, self.image_hosts), 1)

    def _put_links_inside(self, script: str) -> None:
        if "L.marker(" in script:
            raise OfflineAssetError("L.marker needs Leaflet's icon files; draw a shape instead")
        children = self.header._children  # noqa: SLF001  - branca keeps links nowhere else
        for name, element in list(children.items()):
            if not isinstance(element, JavascriptLink | CssLink):
                continue
            needed = UNUSED_UNLESS.get(name)
            if needed is not None and not needed.search(script):
                del children[name]
                continue
            is_script = isinstance(element, JavascriptLink)
            path = element.url.removeprefix(OWN_SCHEME) if element.url.startswith(OWN_SCHEME) else VENDORED.get(name)
            if path is None:
                raise OfflineAssetError(f"`{name}` ({element.url}) is not among the files kept in assets/")
            children[name] = _Inline("script", script_text(path)) if is_script else _Inline("style", style_text(path))


def _elements(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001  - branca has no public walk
        yield from _elements(child)
    for part in ("header", "html", "script"):
        inner = getattr(element, part, None)
        if isinstance(inner, Element):
            yield from _elements(inner)


def _number_ids(page: str, figure: Figure) -> str:
    """Replace the random ids of the page's elements by their number in order of appearance."""
    known = {element._id for element in _elements(figure)}  # noqa: SLF001  - branca's id is private
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        if match[0] not in known:
            return match[0]
        return numbers.setdefault(match[0], f"{len(numbers) + 1:04d}")

    return re.sub(r"[0-9a-f]{32}", number, page)
