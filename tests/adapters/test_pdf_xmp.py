from __future__ import annotations

import pikepdf
import pytest
from pikepdf import Pdf

from pipeline.adapters.pdf_xmp import claim_pdf_ua, claims_pdf_a, claims_pdf_ua, property_of, read_xmp

TITLE = "{http://purl.org/dc/elements/1.1/}format"


@pytest.fixture
def said() -> Pdf:
    pdf = pikepdf.new()
    with pdf.open_metadata() as metadata:
        metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        metadata["dc:format"] = "application/pdf"
    return pdf


def test_the_claim_comes_and_goes_and_leaves_the_rest(said: Pdf) -> None:
    assert not claims_pdf_ua(said)
    for claim in (True, True, False, True):
        claim_pdf_ua(said, claim=claim)
        content = said.Root.Metadata.read_bytes()
        assert claims_pdf_ua(said) == claim
        assert content.count(b"<pdfuaid:part>") == content.count(b"<pdfaExtension:schemas>") == int(claim)
        assert claims_pdf_a(said)
        assert property_of(read_xmp(said), TITLE) == "application/pdf"
    assert "/Filter" not in said.Root.Metadata


def test_a_file_without_metadata_claims_nothing() -> None:
    pdf = pikepdf.new()
    claim_pdf_ua(pdf, claim=True)
    assert read_xmp(pdf) is None
    assert not claims_pdf_ua(pdf)
    assert not claims_pdf_a(pdf)
    pdf.Root.Metadata = pdf.make_stream(b"<no xml")
    assert read_xmp(pdf) is None
