"""Real releases, where the real data is at hand."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

from feeds.base import Page
from feeds.treasury_press_releases import read_body

_LINK = re.compile(r"\[([^\]]*)\]\((https?://[^)\s]+)[^)]*\)")


class Release(NamedTuple):
    """A release as the feed yields it."""

    key: str
    title: str
    text: str
    links: tuple[str, ...]
    date: str


def releases(shared_data: Path) -> list[Release]:
    """All whole ones, in Markdown and in HTML; one that stands in two files is there twice."""
    folder = shared_data / "treasury"
    files = [*(folder / "releases_2024-12").glob("*.md"), *folder.glob("release_*.md")]
    pages = sorted(folder.glob("release_*_static_REBUILT.html"))
    return [*map(_markdown, sorted(files)), *map(_page, pages)]


def labelled(shared_data: Path) -> list[dict[str, str]]:
    """Titles that were labelled by hand, with ``key`` as the release's id."""
    with (shared_data / "treasury" / "titles_labelled.csv").open(encoding="utf-8") as file:
        return [
            {**row, "key": row["url"].rstrip("/").rpartition("/")[2]}
            for row in csv.DictReader(file)
        ]


def _markdown(path: Path) -> Release:
    head, text = path.read_text("utf-8").split("\n---\n", 1)
    facts = dict(re.findall(r"^(\w+): *(.*)$", head, re.MULTILINE))
    links = tuple(link for _, link in _LINK.findall(text))
    plain = _LINK.sub(r"\1", text).replace("**", "")
    title = facts["title"].strip("\"' ")
    return Release(facts["url"].rpartition("/")[2], title, plain, links, facts["date"][:10])


def _page(path: Path) -> Release:
    key = path.name.split("_")[1]
    url = f"https://home.treasury.gov/news/press-releases/{key}"
    body = read_body(Page("body", url, path.read_bytes(), "text/html"))
    return Release(key, body.title, body.text, body.links, body.stated[:10])
