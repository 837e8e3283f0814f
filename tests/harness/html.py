"""Pages as a browser's parser sees them: elements, their attributes and their texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element, with the text of everything in it."""

    tag: str
    attrs: dict[str, str]
    parts: list[str] = field(default_factory=list)
    line: int = 0

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()


class Page(HTMLParser):
    """A parsed page or fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, line=self.getpos()[0])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, line=self.getpos()[0]))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
        for element in self._open:
            element.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._parts).split())

    @property
    def links(self) -> list[dict[str, str]]:
        """The attributes of each link, with its ``text``."""
        return [{**item.attrs, "text": item.text} for item in self.elements if item.tag == "a" and "href" in item.attrs]

    def has(self, tag: str) -> bool:
        return any(item.tag == tag for item in self.elements)

    def by_id(self, name: str) -> Element | None:
        return next((item for item in self.elements if item.attrs.get("id") == name), None)

    def all_of_class(self, name: str) -> list[Element]:
        return [item for item in self.elements if name in item.classes]

    def text_of_class(self, name: str) -> str:
        return " ".join(item.text for item in self.all_of_class(name))


def parsed(text: str) -> Page:
    """A page out of its markup."""
    page = Page()
    page.feed(text)
    page.close()
    return page
