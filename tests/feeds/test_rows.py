"""``Fields.rows`` is a quicker ``Fields.each``: the same values, the same of what is unknown."""

from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds import RegisterAdapter, by_id
from feeds.base import Unread
from feeds.records import Fields

NAMES = ("lastName", "firstName", "type", "category")
Taken = tuple[tuple[tuple[str, ...], ...], list[Unread]]


def an_element(name: str, attribute: str, text: str, inner: str, tail: str) -> str:
    namespace, _, local = name.rpartition("}")
    declared = f' xmlns="{namespace[1:]}"' if namespace else ""
    return f"<{local}{declared}{attribute}>{text}{inner}</{local}>{tail}"


def leaves() -> st.SearchStrategy[str]:
    """An element of a record's item, plain or not."""
    name = st.sampled_from([*NAMES, "uid", "news", "{other}type"])
    text = st.text("AZ 中&<\t", min_size=1, max_size=5).map(escape)
    attribute = st.sampled_from(["", "", "", ' new="1"'])
    inner = st.sampled_from(["", "", "", "<part>news</part>", "<part/>tail"])
    tail = st.sampled_from(["", "", "\n  ", "stray"])
    return st.builds(an_element, name, attribute, text, inner, tail)


def items() -> st.SearchStrategy[str]:
    item = st.builds(
        lambda name, attribute, before, leaves, tail: (
            f"<{name}{attribute}>{before}{''.join(leaves)}</{name}>{tail}"
        ),
        st.sampled_from(["aka", "aka", "aka", "other"]),
        st.sampled_from(["", "", ' since="1"']),
        st.sampled_from(["", "\n", "stray"]),
        st.lists(leaves(), max_size=5),
        st.sampled_from(["", " ", "stray"]),
    )
    return st.lists(item, max_size=4).map(lambda each: f"<akaList>{''.join(each)}</akaList>")


@settings(max_examples=300, deadline=None)
@given(st.lists(items(), max_size=2))
def test_rows_say_the_same_as_each(containers: list[str]) -> None:
    record = f"<sdnEntry>{''.join(containers)}</sdnEntry>"

    by_each = taken(record, quickly=False)
    by_rows = taken(record, quickly=True)

    assert by_rows == by_each


def taken(record: str, *, quickly: bool) -> Taken:
    adapter = by_id("ofac-sdn")
    assert isinstance(adapter, RegisterAdapter)
    fields = Fields(etree.fromstring(record), adapter.feed)
    if quickly:
        values = fields.rows("akaList/aka", lambda *texts: texts, *NAMES)
    else:
        values = fields.each("akaList/aka", lambda item: tuple([item.text(name) for name in NAMES]))
    return values, sorted(fields.rest(), key=str)
