"""The documents of real lists, byte for byte: a digest that changes reports every party as amended, or needs a new version."""

import hashlib
from pathlib import Path

import pytest

from feeds import RegisterAdapter, by_id
from feeds.records import read_register
from monitor.core.canonical import DIGEST_VERSION, encode, party_document

DOCUMENTS = {
    "ofac_cons/2018_consolidated.xml": "3e78d180655c3d45ce15f9d1e9446b94de9bb5eb2f0a780280b57f887630d34e",
    "ofac_sdn_xml/CONSOLIDATED_2024-05-06.xml": "5e9aae3860230c68ae44a0d68d647111b3fce30e56635ed62d91268e01c0e71d",
    "ofac_sdn_xml/CONSOLIDATED_2025-03-28.xml": "f9b25e3ea1f98632cc658bdbec214cab68d9a10a020fde9c90100fd6f9cd0576",
}
"""SHA-256 over key and document of each party, in the order of the keys, as they were in version 1."""


@pytest.mark.parametrize(("name", "expected"), DOCUMENTS.items(), ids=list(DOCUMENTS))
def test_a_real_list_has_the_documents_it_had(shared_data: Path, name: str, expected: str) -> None:
    adapter = by_id("ofac-consolidated")
    assert isinstance(adapter, RegisterAdapter)
    parties = read_register(adapter, shared_data / name)
    documents = {party.key: party_document(party) for party in parties}

    encoded = b"".join(encode([key, documents[key]]) for key in sorted(documents))

    assert DIGEST_VERSION == 1, "another version may have other documents: pin them here"
    assert hashlib.sha256(encoded).hexdigest() == expected
