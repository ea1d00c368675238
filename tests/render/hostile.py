"""Templates made to do harm: what stands in a paragraph, and what is hidden in the package."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx

TAGS = {
    "cycler": "{{ cycler.__init__.__globals__.os.popen('touch PROOF').read() }}",
    "joiner": "{{ joiner.__init__.__globals__.os.system('touch PROOF') }}",
    "lipsum": "{{ lipsum.__globals__['os'].popen('touch PROOF').read() }}",
    "namespace": "{{ namespace.__init__.__globals__ }}",
    "class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "class of a value": "{{ project.name.__class__ }}",
    "attr filter": "{{ project.name|attr('__class__') }}",
    "map filter": "{{ cost.lines|map(attribute='__class__')|list }}",
    "subscript": "{{ project['name']['__class__'] }}",
    "self": "{{ self.__init__.__globals__.__builtins__ }}",
    "request": "{{ request.application.__globals__ }}",
    "sink": "{{ _printed }}",
    "call": "{{ project.name.upper() }}",
    "format": "{{ '{0.__class__.__init__.__globals__}'.format(project.name) }}",
    "percent format": "{{ '%s' % project.name }}",
    "format filter": "{{ '%999999999d'|format(1) }}",
    "huge string": "{{ 'a' * 10**9 }}",
    "huge number": "{{ 10 ** 10 ** 10 }}",
    "huge comparison": "{% if 'a' * 10**9 == 'b' %}x{% endif %}",
    "center filter": "{{ 'a'|center(10**9) }}",
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "nested loops": "{% for a in cost.lines %}" * 3 + "x" + "{% endfor %}" * 3,
    "recursive loop": "{% for a in cost.lines recursive %}{{ loop(cost.lines) }}{% endfor %}",
    "endless text": "{% for a in 'a' %}{% endfor %}",
    "set": "{% set x = cost %}",
    "set bomb": "{% set a = 'aaaaaaaaaa' %}{% set b = a ~ a ~ a ~ a ~ a %}{{ b }}",
    "block set": "{% set a %}x{% endset %}{{ a }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import '/etc/passwd' as x %}",
    "from": "{% from 'os' import system %}",
    "extends": "{% extends '/etc/passwd' %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "call block": "{% call(x) project.name() %}{% endcall %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "block": "{% block a %}{% endblock %}",
    "with": "{% with a = cost %}{{ a }}{% endwith %}",
    "do": "{% do cost.lines.clear() %}",
    "debug": "{% debug %}",
    "raw": "{% raw %}{{ x }}{% endraw %}{{ cycler }}",
    "autoescape off": "{% autoescape false %}{{ project.name }}{% endautoescape %}",
    "loop internals": "{% for l in cost.lines %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "loop changed": "{% for l in cost.lines %}{{ loop.changed(1) }}{% endfor %}",
    "rich text": "{{r project.name }}",
    "colspan": "{% colspan 10**9 %}",
    "concatenation": "{{ project.name ~ lipsum }}",
    "test": "{% if project.name is callable %}x{% endif %}",
    "slice": "{{ project.name[:1] }}",
    "condition expression": "{{ project.name if true else cycler }}",
    "tuple": "{{ (1, 2, 3) }}",
    "dictionary": "{{ {'a': 1} }}",
    "deep parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "deep names": "{{ project" + ".name" * 20000 + " }}",
    "long chain of nots": "{% if " + "not " * 50000 + "project %}x{% endif %}",
}

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "word/document.xml"
_RELS = "word/_rels/document.xml.rels"


def relation(kind: str, target: str, *, outside: bool = True) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="rIdX" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>'


def field(code: str) -> str:
    """A field that says so in pieces, as Word saves it."""
    runs = [f'<w:instrText xml:space="preserve">{piece}</w:instrText>' for piece in (code[:5], code[5:])]
    marks = ('<w:fldChar w:fldCharType="begin"/>', *runs, '<w:fldChar w:fldCharType="end"/>')
    return "<w:p>" + "".join(f"<w:r>{mark}</w:r>" for mark in marks) + "</w:p>"


def into(part: str, before: bytes, xml: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert before in parts[part]
        parts[part] = parts[part].replace(before, xml.encode() + before, 1)

    return change


def added(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: content})


def macros(parts: dict[str, bytes]) -> None:
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(kind, b"application/vnd.ms-word.document.macroEnabled.main+xml")


def settings_rels(kind: str, target: str) -> Callable[[dict[str, bytes]], None]:
    start = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return added("word/_rels/settings.xml.rels", f"{start}{relation(kind, target)}</Relationships>".encode())


def _rels(kind: str, target: str, *, outside: bool = True) -> Callable[[dict[str, bytes]], None]:
    return into(_RELS, b"</Relationships>", relation(kind, target, outside=outside))


def _body(xml: str) -> Callable[[dict[str, bytes]], None]:
    return into(_MAIN, b"</w:body>", xml)


HERE = "http://127.0.0.1:PORT"
PACKAGES: dict[str, Callable[[dict[str, bytes]], None]] = {
    "picture elsewhere": _rels("image", f"{HERE}/a.png"),
    "picture on a share": _rels("image", "file://///server/share/a.png"),
    "remote template": settings_rels("attachedTemplate", f"{HERE}/a.dotm"),
    "mail merge": settings_rels("mailMergeSource", f"{HERE}/a.csv"),
    "link to run": _rels("hyperlink", "javascript:alert(1)"),
    "link to a file": _rels("hyperlink", "file:///etc/passwd"),
    "OLE": _rels("oleObject", "embeddings/oleObject1.bin", outside=False),
    "OLE linked": _rels("oleObject", f"{HERE}/a.bin"),
    "embedded workbook": _rels("package", "embeddings/a.xlsx", outside=False),
    "altChunk": _rels("aFChunk", "a.html", outside=False),
    "altChunk element": _body(f'<w:altChunk xmlns:r="{_OFFICE}" r:id="rIdX"/>'),
    "subdocument": _rels("subDocument", "b.docx"),
    "ActiveX": _rels("control", "activeX/a.xml", outside=False),
    "frame": _rels("frame", f"{HERE}/a.html"),
    "INCLUDEPICTURE": _body(field(f' INCLUDEPICTURE "{HERE}/a.png" ')),
    "INCLUDETEXT": _body('<w:p><w:fldSimple w:instr=" INCLUDETEXT &quot;/etc/passwd&quot; "/></w:p>'),
    "DDE": _body(field(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" ')),
    "LINK": _body(field(" LINK Excel.Sheet a.xlsx ")),
    "DATABASE": _body(field(" DATABASE \\d a.mdb ")),
    "MACROBUTTON": _body(field(" MACROBUTTON Run x ")),
    "HYPERLINK out": _body(field(f' HYPERLINK "{HERE}" ')),
    "entities": into(_MAIN, b"<w:document", '<!DOCTYPE a [<!ENTITY x "y">]>'),
    "macros": macros,
    "many parts": lambda parts: parts.update({f"word/media/{n}.png": b"" for n in range(1001)}),
    "bomb": added("word/media/a.bin", bytes(101 << 20)),
}


def document(path: Path, *paragraphs: str) -> Path:
    made: Any = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    made.save(str(path))
    return path


def package(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A harmless template with something hidden in its package."""
    document(path, "{{ project.name }}")
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path
