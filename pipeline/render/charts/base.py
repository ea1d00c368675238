"""What all charts share: paper, type, greys and hatches, legends, notes (domain E.4).

Noto Sans CJK SC 9 pt, 156 mm wide, PNG of 200 dpi. What differs in colour also differs in hatch or shape, because the
documents are printed and copied in black and white. The same data give the same bytes on the same libraries and fonts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import DependencyMissing

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

WIDTH_MM = 156
DPI = 200
_QUICK = 2  # of zlib's levels
FONT = "Noto Sans CJK SC"
EDGE, GRID, REST, TODAY = "#333333", "#d0d0d0", "#e4e4e4", "#c00000"
PRESALES: dict[str, Any] = {"facecolor": "#a9c6e8", "hatch": "////"}
ENGINEERING: dict[str, Any] = {"facecolor": "#fbe3b5", "hatch": "...."}
# Of the parts of a bar, in order: dark, hatched, dotted, white. They differ when copied in black and white.
LOOKS: tuple[dict[str, Any], ...] = (
    PRESALES,
    ENGINEERING,
    {"facecolor": "#ffffff", "hatch": ""},
    {"facecolor": "#8c8c8c", "hatch": ""},
)
LINE: dict[str, Any] = {"edgecolor": EDGE, "linewidth": 0.6}
SMALL = 7.5  # points
LONGEST_NAME = 14  # characters of a name beside its bar; the table beside the chart has the whole name
MOST_TICKS = 14
MOST_ROWS = 40  # of a figure with a line for each; the table beside it has all
HIGHEST_MM = 215.0
STYLE: dict[Any, Any] = {
    "font.family": [FONT],
    "font.size": 9,
    "axes.unicode_minus": False,
    "figure.facecolor": "white",
    "axes.edgecolor": EDGE,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "hatch.color": "#666666",
}


def short(name: str, most: int = LONGEST_NAME) -> str:
    """A name as it fits beside its bar."""
    return name if len(name) <= most else name[: most - 1] + "…"


def whole(axis: Axis) -> None:
    """Tick whole numbers only: what is counted has no halves."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, nbins=8))


def thinned(count: int) -> int:
    """Every which tick is named, so that there are at most `MOST_TICKS`."""
    return max(-(-count // MOST_TICKS), 1)


def note(axes: Axes, x: float, y: float, text: str, offset: tuple[float, float], **place: str) -> None:
    """A small text near a point, on a white ground."""
    where = {"ha": "center", "va": "bottom"} | place
    axes.annotate(
        text,
        (x, y),
        xytext=offset,
        textcoords="offset points",
        fontsize=SMALL,
        zorder=6,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
        horizontalalignment=where["ha"],
        verticalalignment=where["va"],
    )


def key(label: str, look: dict[str, Any]) -> Artist:
    """A field of the legend."""
    from matplotlib.patches import Patch

    return Patch(label=label, **(LINE | look))


def legend(figure: Figure, keys: Sequence[Artist]) -> None:
    """What the looks mean, in one line below."""
    figure.legend(handles=list(keys), loc="outside lower center", ncols=len(keys), frameon=False, fontsize=8)


def nothing() -> bytes:
    """Return a picture that says that there is nothing to show."""
    with canvas(40) as (figure, axes):
        axes.set_axis_off()
        axes.text(0.5, 0.5, "无数据", ha="center", va="center", fontsize=14, transform=axes.transAxes)
        return png(figure)


@contextmanager
def canvas(height_mm: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of the width of the paper, in our style; no pyplot, so that nothing is shared with other figures.

    It is never higher than a page leaves for it; more rows stand closer.
    """
    with _figure(min(height_mm, HIGHEST_MM), layout="constrained") as figure:
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(width=0.6, labelsize=8)
        yield figure, axes


@contextmanager
def paper(height_mm: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure whose units are millimetres, from the lower left corner, without axes."""
    with _figure(height_mm) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, WIDTH_MM)
        axes.set_ylim(0, height_mm)
        axes.set_axis_off()
        yield figure, axes


def preload() -> None:
    """Load what draws, so that every process that is forked from this one has it; what is missing, drawing will say."""
    from matplotlib.backends import backend_agg  # noqa: F401
    from matplotlib.figure import Figure  # noqa: F401

    with suppress(DependencyMissing):
        _need_font()


@contextmanager
def _figure(height_mm: float, **options: Any) -> Iterator[Figure]:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    _need_font()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_MM / 25.4, height_mm / 25.4), dpi=DPI, **options)
        FigureCanvasAgg(figure)
        yield figure


def _need_font() -> None:
    """Make sure that the font is there; fonts installed after matplotlib made its list are added to it."""
    from matplotlib import font_manager

    def known() -> bool:
        return any(entry.name == FONT for entry in font_manager.fontManager.ttflist)

    if known():
        return
    for path in font_manager.findSystemFonts():
        if Path(path).name.startswith("NotoSansCJK"):
            font_manager.fontManager.addfont(path)
    if not known():
        raise DependencyMissing(f"缺少字体 {FONT}(font missing)。安装:apt-get install fonts-noto-cjk")


def png(figure: Figure) -> bytes:
    """The figure as PNG, with its size in millimetres and without a word about who drew it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas: Any = FigureCanvasAgg(figure)
    # Not savefig, which goes through every text and line twice: once to lay out, once to draw.
    canvas.draw()
    target = io.BytesIO()
    # Without the transparency that nothing has, and quickly packed: a third of the time for a twentieth more bytes.
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    picture.save(target, "png", dpi=(DPI, DPI), compress_level=_QUICK)
    return target.getvalue()


def say_left_out(axes: Axes, rows: int) -> None:
    """Say below a figure how many of its rows stand in the table only."""
    if rows > MOST_ROWS:
        axes.set_xlabel(f"另有{rows - MOST_ROWS}项见表", fontsize=8)
