"""The diagonal mark of a draft, in every header, as Word writes it (VML WordArt; LibreOffice draws it too)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from docx.oxml import parse_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section, _Header

DRAFT = "草稿—未通过校验"

_RUN = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:w10="urn:schemas-microsoft-com:office:word"><w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
 o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/>
<v:handles><v:h position="#0,bottomRight" xrange="6629,14971"/></v:handles>
<o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{spid}" type="#_x0000_t136" alt="{text}"
 style="position:absolute;margin-left:0;margin-top:0;width:460pt;height:62pt;rotation:315;z-index:-251658752;\
mso-position-horizontal:center;mso-position-horizontal-relative:margin;\
mso-position-vertical:center;mso-position-vertical-relative:margin"
 o:allowincell="f" fillcolor="#c8c8c8" stroked="f"><v:fill opacity=".5"/>
<v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt" string="{text}"/>
<w10:wrap anchorx="margin" anchory="margin"/>
</v:shape></w:pict></w:r>"""

_KINDS: tuple[tuple[Callable[[Section], _Header], Callable[[Section, bool], bool]], ...] = (
    (lambda section: section.header, lambda _section, _even: True),
    (lambda section: section.first_page_header, lambda section, _even: section.different_first_page_header_footer),
    (lambda section: section.even_page_header, lambda _section, even: even),
)


def mark_draft(document: Document) -> None:
    """Put the mark into every header that any page uses; a section without one inherits or gets one."""
    even = document.settings.odd_and_even_pages_header_footer
    number = 0
    for header_of, used in _KINDS:
        inherited = False
        for section in document.sections:
            header = header_of(section)
            if header.is_linked_to_previous and (inherited or not used(section, even)):
                continue
            header.is_linked_to_previous = False
            inherited, number = True, number + 1
            _mark(header, number)


def _mark(header: _Header, number: int) -> None:
    if f'string="{DRAFT}"' in header._element.xml:
        return  # the template brings its own
    paragraph = header.paragraphs[-1] if header.paragraphs else header.add_paragraph()
    paragraph._p.append(parse_xml(_RUN.format(text=DRAFT, number=number, spid=2048 + number)))
