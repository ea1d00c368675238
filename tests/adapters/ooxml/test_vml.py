from __future__ import annotations

import re

import pytest

from pipeline.adapters.ooxml.vml import CommentBox, add_boxes, blocks, decode, empty_drawing, has_shapes, remove_boxes


def box(row: int = 1, column: int = 1) -> CommentBox:
    return CommentBox((row, column), (2, 15, 0, 10, 5, 0, 4, 0), (100, 20, 330, 90))


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'<v:shape id="_x0000_s(\d+)"', text)]


def test_boxes_are_numbered_in_the_blocks_of_their_drawing() -> None:
    text = add_boxes(empty_drawing(3), [box(1), box(2)], {1, 2})
    assert numbers(text) == [3073, 3074]
    assert numbers(add_boxes(text, [box(3)], {1, 2})) == [3073, 3074, 3075]
    assert blocks(text) == {3}


def test_a_drawing_that_is_full_gets_another_block() -> None:
    text = add_boxes(empty_drawing(1), [box(n) for n in range(1500)], {2})
    assert len(set(numbers(text))) == 1500
    assert blocks(text) == {1, 3}
    assert 'data="1,3"' in text


def test_boxes_go_by_their_cells_and_nothing_else_does() -> None:
    place = "<x:Row>1</x:Row><x:Column>1</x:Column>"
    control = f'<v:shape id="_x0000_s1030"><x:ClientData ObjectType="Button">{place}</x:ClientData></v:shape>'
    text = add_boxes(empty_drawing(1).replace("</xml>", control + "</xml>"), [box(1, 1), box(2, 1)], ())
    after = remove_boxes(text, {(1, 1)})
    assert control in after
    assert re.findall(r"<x:Row>(\d+)", after) == ["1", "2"]
    assert has_shapes(remove_boxes(after, {(2, 1)}))
    assert not has_shapes(empty_drawing(1))


def test_vml_that_is_no_xml_is_edited_all_the_same() -> None:
    broken = empty_drawing(1).replace("</xml>", '<v:shape id="_x0000_s1025"><div>a<br>b</div></v:shape></xml>')
    text = add_boxes(broken, [box()], ())
    assert remove_boxes(text, {(1, 1)}).endswith("<div>a<br>b</div></v:shape></xml>")


def test_a_drawing_of_another_program_gets_what_it_lacks() -> None:
    text = add_boxes('<xml xmlns:v="urn:schemas-microsoft-com:vml"></xml>', [box()], ())
    for wanted in ("xmlns:o=", "xmlns:x=", "<o:idmap", "<v:shapetype"):
        assert text.count(wanted) == 1


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="VML"):
        add_boxes("<svg/>", [box()], ())


def test_bytes_pass_through_whatever_their_encoding() -> None:
    for content in ("<xml>中</xml>".encode(), b"<xml>\xd6\xd0</xml>", "<xml>中</xml>".encode("utf-16")):
        text, encoding = decode(content)
        assert text.encode(encoding) == content
