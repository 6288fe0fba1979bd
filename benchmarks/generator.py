"""A synthetic list in the shape of ``SDN.XML``, and what may become of it from one publication to the next.

The shape is that of the real files: OFAC's declaration without an encoding, CRLF, two blanks a level, plain ASCII but for a few
names, about 43 elements and 1.4 kB a record, uids that rise with gaps. Nobody in it exists. The same seed makes the same bytes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from xml.sax.saxutils import escape

RECORDS = 19_391
"""As many as the SDN list held in September 2026."""

_NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"
_SYLLABLES = re.findall(
    r"\w+",
    "AB AL AN BA BEK CHO DA DAR EL FA GAN GOR HA HUS IB IN JA KA KHA KIM KOV LA LIM LO MA MED "
    "MIR MO NA NIK NOV OL OR PE QA RA RI ROS SA SAR SHA SKY TA TAN TI UL VA VICH VLA WA YA YUN ZA",
)
_COUNTRIES = (
    "Russia",
    "Iran",
    "China",
    "Korea, North",
    "Syria",
    "United Arab Emirates",
    "Turkey",
    "Lebanon",
    "Belarus",
    "Venezuela",
    "Burma",
    "Panama",
    "Mexico",
    "Colombia",
    "Iraq",
    "Yemen",
)
_CITIES = ("Moscow", "Tehran", "Beijing", "Pyongyang", "Dubai", "Istanbul", "Beirut", "Minsk")
_PROGRAMS = (
    "RUSSIA-EO14024",
    "SDGT",
    "IRAN",
    "IFSR",
    "DPRK4",
    "SYRIA",
    "SDNTK",
    "ILLICIT-DRUGS-EO14059",
    "GLOMAG",
    "NPWMD",
    "BELARUS-EO14038",
    "VENEZUELA",
    "UKRAINE-EO13662",
)
_PAPERS = ("Passport", "Tax ID No.", "National ID No.", "Registration Number", "Company Number")
_FOOTNOTES = (
    (
        "Secondary sanctions risk:",
        "Section 11 of Executive Order 14024, as amended",
    ),
    ("Gender", "Male"),
    (
        "Additional Sanctions Information -",
        "Subject to Secondary Sanctions",
    ),
    ("Organization Established Date", "14 Mar 2009"),
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class SyntheticList:
    """One publication: its date, and its records in their order, each as the text of its element."""

    date: str
    records: tuple[str, ...]

    def encoded(self) -> bytes:
        """The file as it would be served."""
        head = (
            '<?xml version="1.0" standalone="yes"?>\r\n'
            f'<sdnList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{_NAMESPACE}">\r\n'
            "  <publshInformation>\r\n"
            f"    <Publish_Date>{self.date}</Publish_Date>\r\n"
            f"    <Record_Count>{len(self.records)}</Record_Count>\r\n"
            "  </publshInformation>"
        )
        return (head + "".join(self.records) + "\r\n</sdnList>").encode()


def synthetic(records: int = RECORDS, seed: int = 2026) -> SyntheticList:
    """A list of so many records."""
    random = Random(seed)
    return SyntheticList("09/14/2026", tuple(_record(random, 7 * n + 36) for n in range(records)))


def redated(published: SyntheticList) -> SyntheticList:
    """The same records on another day."""
    return replace(published, date="09/15/2026")


def with_added(published: SyntheticList, count: int, seed: int = 1) -> SyntheticList:
    """``count`` new records here and there: most new uids of OFAC lie below the highest."""
    random = Random(seed)
    records = list(published.records)
    for n in range(count):
        records.insert(random.randrange(len(records)), _record(random, 7 * n + 37))
    return redated(replace(published, records=tuple(records)))


def with_amended(published: SyntheticList, count: int, seed: int = 2) -> SyntheticList:
    """``count`` records of which one value is another."""
    amended = set(Random(seed).sample(range(len(published.records)), count))
    return redated(
        replace(
            published,
            records=tuple(
                record.replace("</program>", "-NEW</program>", 1) if n in amended else record
                for n, record in enumerate(published.records)
            ),
        )
    )


def reordered(published: SyntheticList, seed: int = 3) -> SyntheticList:
    """The same records in an order of chance."""
    records = list(published.records)
    Random(seed).shuffle(records)
    return redated(replace(published, records=tuple(records)))


def renumbered(published: SyntheticList) -> SyntheticList:
    """The same records with new uids for every sub-element: every record's bytes differ, none of the content."""
    inner = re.compile(r"(?<=\n        <uid>)\d+")
    return redated(
        replace(
            published,
            records=tuple(
                inner.sub(lambda uid: f"{int(uid[0]) + 500_000}", record)
                for record in published.records
            ),
        )
    )


def _record(random: Random, uid: int) -> str:
    kind = random.choices(("Individual", "Entity", "Vessel", "Aircraft"), (46, 45, 6, 3))[0]
    individual = kind == "Individual"
    lines = [
        "  <sdnEntry>",
        *_leaves(
            2,
            uid=str(uid),
            firstName=_words(random, 2).title() if individual else "",
            lastName=_words(random, 1 if individual else 4),
            title=_words(random, 4).title() if individual and random.random() < 0.3 else "",
            sdnType=kind,
            remarks=f"(Linked To: {_words(random, 4)})" if random.random() < 0.4 else "",
        ),
        *_container("programList", [_leaves(3, program=random.choice(_PROGRAMS))]),
        *_collection("idList", "id", [_identifier(random) for _ in range(_some(random, 2.7))]),
        *_collection("akaList", "aka", [_alias(random, kind) for _ in range(_some(random, 1.9))]),
        *_collection(
            "addressList", "address", [_address(random) for _ in range(_some(random, 1.1))]
        ),
    ]
    if individual and random.random() < 0.6:
        lines += _collection(
            "nationalityList",
            "nationality",
            [_leaves(4, uid=_sub_uid(random), country=random.choice(_COUNTRIES), mainEntry="true")],
        )
    if individual:
        lines += _collection(
            "dateOfBirthList",
            "dateOfBirthItem",
            [_leaves(4, uid=_sub_uid(random), dateOfBirth=_day(random), mainEntry="true")],
        )
    if individual and random.random() < 0.8:
        lines += _collection(
            "placeOfBirthList",
            "placeOfBirthItem",
            [
                _leaves(
                    4,
                    uid=_sub_uid(random),
                    placeOfBirth=f"{random.choice(_CITIES)}, {random.choice(_COUNTRIES)}",
                    mainEntry="true",
                )
            ],
        )
    if kind == "Vessel":
        vessel = _leaves(3, vesselType="Crude Oil Tanker", vesselFlag=random.choice(_COUNTRIES))
        lines += _container("vesselInfo", [vessel])
    lines.append("  </sdnEntry>")
    return "\r\n" + "\r\n".join(lines)


def _identifier(random: Random) -> list[str]:
    if random.random() < 0.4:
        type, number = random.choice(_FOOTNOTES)
        return _leaves(4, uid=_sub_uid(random), idType=type, idNumber=number)
    return _leaves(
        4,
        uid=_sub_uid(random),
        idType=random.choice(_PAPERS),
        idNumber=str(random.randrange(10**9)),
        idCountry=random.choice(_COUNTRIES),
    )


def _alias(random: Random, kind: str) -> list[str]:
    return _leaves(
        4,
        uid=_sub_uid(random),
        type=random.choices(("a.k.a.", "f.k.a."), (9, 1))[0],
        category=random.choices(("strong", "weak"), (9, 1))[0],
        lastName=_words(random, 1 if kind == "Individual" else 3),
        firstName=_words(random, 2).title() if kind == "Individual" else "",
    )


def _address(random: Random) -> list[str]:
    if random.random() < 0.4:
        return _leaves(4, uid=_sub_uid(random), country=random.choice(_COUNTRIES))
    return _leaves(
        4,
        uid=_sub_uid(random),
        address1=f"{random.randrange(1, 200)} {_words(random, 2).title()} Street",
        city=random.choice(_CITIES),
        postalCode=str(random.randrange(10_000, 999_999)),
        country=random.choice(_COUNTRIES),
    )


def _leaves(depth: int, **values: str) -> list[str]:
    """One line for each value that is not empty: absent means absent, as in the real files."""
    indent = "  " * depth
    return [f"{indent}<{name}>{escape(value)}</{name}>" for name, value in values.items() if value]


def _container(name: str, items: Iterable[Sequence[str]]) -> list[str]:
    inner = [line for item in items for line in item]
    return [f"    <{name}>", *inner, f"    </{name}>"] if inner else []


def _collection(name: str, item: str, items: Iterable[Sequence[str]]) -> list[str]:
    return _container(name, [[f"      <{item}>", *lines, f"      </{item}>"] for lines in items])


def _words(random: Random, count: int) -> str:
    """Names of syllables, one in sixty with a letter that is not ASCII, one in forty with an ampersand."""
    words = ["".join(random.choices(_SYLLABLES, k=random.randint(1, 3))) for _ in range(count)]
    if count > 1 and random.random() < 1 / 40:
        words[-1] = "& CO"
    if random.random() < 1 / 60:
        words[0] += "É"
    return " ".join(words)


def _sub_uid(random: Random) -> str:
    return str(random.randrange(10_000, 99_999))


def _day(random: Random) -> str:
    if random.random() < 0.2:
        return str(random.randrange(1940, 2000))
    return f"{random.randrange(1, 29):02} {random.choice(_MONTHS)} {random.randrange(1940, 2000)}"


def _some(random: Random, mean: float) -> int:
    """How many: mostly few, sometimes many."""
    return min(int(random.expovariate(1 / (mean + 0.5))), 60)
