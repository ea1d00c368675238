"""The XMP of a PDF: what it says of itself, and its claim to be PDF/UA-1."""

from __future__ import annotations

from typing import Any

from lxml import etree
from pikepdf import Name, Pdf, Stream

TITLE = "{http://purl.org/dc/elements/1.1/}title"

_UA = "http://www.aiim.org/pdfua/ns/id/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PARTS = {name: f"{{http://www.aiim.org/{name}/ns/id/}}part" for name in ("pdfa", "pdfua")}
_CONFORMANCE = "{http://www.aiim.org/pdfa/ns/id/}conformance"

_SCHEMAS = "{http://www.aiim.org/pdfa/ns/extension/}schemas"

# PDF/A-2 knows no property of PDF/UA, so the claim brings its own description (ISO 19005-2, 6.6.2.3.3).
_DESCRIBED = f"""
<rdf:Description xmlns:rdf="{_RDF}" rdf:about="" xmlns:pdfuaid="{_UA}"
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
 <pdfuaid:part>1</pdfuaid:part>
 <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>{_UA}</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
   <pdfaProperty:name>part</pdfaProperty:name>
   <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
   <pdfaProperty:category>internal</pdfaProperty:category>
   <pdfaProperty:description>part of ISO 14289 that the file conforms to</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property>
 </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def read_xmp(pdf: Pdf) -> etree._Element | None:
    """The XMP of a file; None where there is none, or none that can be read."""
    if "/Metadata" not in pdf.Root:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(pdf.Root.Metadata.read_bytes(), parser)
    except etree.XMLSyntaxError:
        return None


def property_of(found: etree._Element | None, name: str) -> str:
    """A property of XMP, written as an element or as an attribute; empty where it is not there."""
    if found is None:
        return ""
    node = found.find(f".//{name}")
    if node is not None:
        return (node.text or "").strip()
    return next((str(value.get(name)) for value in found.iter() if value.get(name)), "")


def claims_pdf_a(pdf: Pdf) -> bool:
    """Whether the metadata says PDF/A-2b."""
    found = read_xmp(pdf)
    return (property_of(found, _PARTS["pdfa"]), property_of(found, _CONFORMANCE).upper()) == ("2", "B")


def claims_pdf_ua(pdf: Pdf) -> bool:
    """Whether the metadata says PDF/UA-1."""
    return property_of(read_xmp(pdf), _PARTS["pdfua"]) == "1"


def claim_pdf_ua(pdf: Pdf, *, claim: bool) -> None:
    """Say PDF/UA-1 in the metadata, or take it out; everything else that stands there stays."""
    found = read_xmp(pdf)
    if found is None:
        return
    for node in list(found.iter(_PARTS["pdfua"])):
        _parent(node).remove(node)
    for node in list(found.iter(_SCHEMAS)):
        if _UA in map(str.strip, map(str, node.itertext())):
            _parent(node).remove(node)
    if claim:
        next(found.iter(f"{{{_RDF}}}RDF")).append(etree.fromstring(_DESCRIBED.strip()))
    stream = Stream(pdf, etree.tostring(found.getroottree(), encoding="utf-8"))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = pdf.make_indirect(stream)


def _parent(node: etree._Element) -> Any:
    return node.getparent()
