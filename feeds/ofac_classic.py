"""One reader for OFAC's classic schema, which ``SDN.XML`` and ``CONSOLIDATED.XML`` share.

Schema: ``sdnList / publshInformation`` (OFAC's own spelling) ``+ sdnEntry*``, as in OFAC's published ``consolidated.xsd``
(2018) and in the files since. Quirks, each met in real files:

* Three namespaces have been used for the same content; elements are matched by local name.
* Absent means absent: there are no empty elements, and a reader must not need one.
* A weak alias holds the whole name in ``lastName`` and has no ``firstName``.
* ``idList`` holds footnotes (gender, risk notices, websites) beside papers and numbers; all are identifiers here.
* Sub-elements have uids of their own. OFAC re-issues them for values that stay the same, and corrects values under a uid that
  stays; they say nothing about the content and are ignored by name.
"""

from datetime import timedelta

from feeds.base import (
    Address,
    Alias,
    BirthDate,
    BirthPlace,
    Country,
    Guard,
    Head,
    Identifier,
    ListedParty,
    Name,
    RegisterFeed,
    Vessel,
)
from feeds.records import Element, Fields

NAMESPACES = (
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML",
    "http://tempuri.org/sdnList.xsd",
    "http://tempuri.org/consolidated.xsd",
)

_SUB_UID = (
    "re-issued by OFAC for values that stay the same, and kept for values that change: no content"
)

IGNORED = {
    f"{path}/uid": _SUB_UID
    for path in (
        "idList/id",
        "akaList/aka",
        "addressList/address",
        "nationalityList/nationality",
        "citizenshipList/citizenship",
        "dateOfBirthList/dateOfBirthItem",
        "placeOfBirthList/placeOfBirthItem",
    )
}

_TYPES = {
    "Individual": "individual",
    "Entity": "entity",
    "Vessel": "vessel",
    "Aircraft": "aircraft",
}
_TOO_MANY_DIGITS = 10
_ADDRESS = (
    "address1",
    "address2",
    "address3",
    "city",
    "stateOrProvince",
    "postalCode",
    "country",
)
_IDENTIFIER = ("idType", "idNumber", "idCountry", "issueDate", "expirationDate")
_BOOLEANS = {"1": "true", "0": "false"}
_ALIAS_KINDS = {"a.k.a.": "aka", "f.k.a.": "fka", "n.k.a.": "nka"}


LISTS = ("ofac-sdn", "ofac-consolidated")
"""The lists in this schema: they number their records from one series."""


def classic_feed(
    *, id: str, title: str, file: str, guard: Guard, blocking: bool, quiet_at_most: timedelta
) -> RegisterFeed:
    """A list that OFAC's Sanctions List Service exports in the classic schema under the name ``file``.

    The service redirects to presigned addresses in Amazon's government cloud, which expire: they are followed, never stored.
    """
    return RegisterFeed(
        id=id,
        authority="OFAC",
        title=title,
        url=f"https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/{file}",
        homepage="https://sanctionslist.ofac.treas.gov/Home",
        interval=timedelta(minutes=1),
        redirect_hosts=("*.amazonaws.com", "sanctionslistservice.ofac.treas.gov"),
        root="sdnList",
        record="sdnEntry",
        head="publshInformation",
        namespaces=NAMESPACES,
        guard=guard,
        ignored=IGNORED,
        blocking=blocking,
        quiet_at_most=quiet_at_most,
        stated_date_format="%m/%d/%Y",
        party_page="https://sanctionssearch.ofac.treas.gov/Details.aspx?id={key}",
        shares_keys_with=tuple(each for each in LISTS if each != id),
    )


def read_entry(entry: Element, feed: RegisterFeed) -> ListedParty:
    """One ``sdnEntry`` as a listed party. Raises UnexpectedShape when it has no uid, name or type."""
    fields = Fields(entry, feed)
    return ListedParty(
        key=fields.required("uid"),
        type=_party_type(fields),
        name=Name(last=fields.required("lastName"), first=fields.text("firstName")),
        title=fields.text("title"),
        programs=fields.texts("programList/program"),
        aliases=fields.rows("akaList/aka", _alias, "lastName", "firstName", "type", "category"),
        addresses=fields.rows("addressList/address", Address, *_ADDRESS),
        identifiers=fields.rows("idList/id", Identifier, *_IDENTIFIER),
        nationalities=fields.rows("nationalityList/nationality", _country, "country", "mainEntry"),
        citizenships=fields.rows("citizenshipList/citizenship", _country, "country", "mainEntry"),
        dates_of_birth=fields.rows(
            "dateOfBirthList/dateOfBirthItem", _birth_date, "dateOfBirth", "mainEntry"
        ),
        places_of_birth=fields.rows(
            "placeOfBirthList/placeOfBirthItem", _birth_place, "placeOfBirth", "mainEntry"
        ),
        vessel=fields.one("vesselInfo", _vessel),
        remarks=fields.text("remarks"),
        unread=fields.rest(),
    )


def read_publication_information(element: Element, feed: RegisterFeed) -> Head:
    """``publshInformation``: the date as OFAC writes it (MM/DD/YYYY, a day and no hour) and the record count."""
    fields = Fields(element, feed, f"{feed.head}/")
    stated = fields.text("Publish_Date").strip()
    count = fields.text("Record_Count").strip()
    if count and not (count.isascii() and count.isdigit() and len(count) < _TOO_MANY_DIGITS):
        fields.report("Record_Count", count)
        count = ""
    return Head(
        stated_date=stated or None,
        declared_count=int(count) if count else None,
        unread=fields.rest(),
    )


def _party_type(fields: Fields) -> str:
    stated = fields.required("sdnType")
    if stated not in _TYPES:
        fields.report("sdnType", stated)
    return _TYPES.get(stated, stated)


def _alias(last: str, first: str, kind: str, strength: str) -> Alias:
    kind = kind.strip()
    return Alias(last, first, _ALIAS_KINDS.get(kind, kind), strength)


def _country(country: str, main: str) -> Country:
    return Country(country, _boolean(main))


def _birth_date(date: str, main: str) -> BirthDate:
    return BirthDate(date, _boolean(main))


def _birth_place(place: str, main: str) -> BirthPlace:
    return BirthPlace(place, _boolean(main))


def _boolean(text: str) -> str:
    """An ``xs:boolean`` in one spelling: 1 and 0 are the same values as true and false (XML Schema Part 2, 3.2.2)."""
    return _BOOLEANS.get(text.strip(), text)


def _vessel(fields: Fields) -> Vessel:
    return Vessel(
        call_sign=fields.text("callSign"),
        type=fields.text("vesselType"),
        flag=fields.text("vesselFlag"),
        owner=fields.text("vesselOwner"),
        tonnage=fields.text("tonnage"),
        gross_registered_tonnage=fields.text("grossRegisteredTonnage"),
    )
