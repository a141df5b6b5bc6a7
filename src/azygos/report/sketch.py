"""Plain line drawings as SVG, in the ink of the page they stand on; for what is boxes, lines and a few numbers."""

import math
from dataclasses import dataclass, field
from html import escape

__all__ = ["COLOURS", "LETTER", "Axis", "Sketch", "axis", "marks", "wrapped"]

# Okabe and Ito (2008): told apart by the colour-blind, on white and on black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
LETTER = 6.6  # width of a letter of size 13, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A drawing in the making; lengths are in the units of its view box."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: str = "currentColor", width: float = 1.0,
        dash: str = "", opacity: float = 1.0,
    ) -> None:  # fmt: skip
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        faint = f' stroke-opacity="{opacity:g}"' if opacity < 1.0 else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width:g}"{dashed}{faint}/>'
        )

    def path(self, points: list[tuple[float, float]], *, colour: str, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        along = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{along}" fill="none" stroke="{colour}" stroke-width="1.8"{dashed}/>')

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", size: float = 13.0, bold: bool = False,
        colour: str = "currentColor", opacity: float = 1.0,
    ) -> None:  # fmt: skip
        weight = ' font-weight="600"' if bold else ""
        # Of the fill: WeasyPrint makes a group of what has an opacity, and loses text that is anchored at its end.
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1.0 else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="{colour}"{weight}{faint}>'
            f"{escape(words)}</text>"
        )

    def box(self, x: float, y: float, width: float, height: float) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="none" '
            f'stroke="currentColor"/>'
        )

    def dot(self, x: float, y: float, *, colour: str, size: float = 4.0, square: bool = False) -> None:
        if square:
            corner = f'x="{x - size:.1f}" y="{y - size:.1f}"'
            self.parts.append(f'<rect {corner} width="{2 * size:g}" height="{2 * size:g}" fill="{colour}"/>')
        else:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="{colour}"/>')

    def arrow(self, x: float, y1: float, y2: float) -> None:
        """Downwards."""
        self.line(x, y1, x, y2)
        self.path([(x - 4, y2 - 6), (x, y2), (x + 4, y2 - 6)], colour="currentColor")

    def svg(self, title: str) -> str:
        """The drawing as an element without a fixed size; `title` is for those who cannot see it."""
        return (
            f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif">{"".join(self.parts)}</svg>'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Numbers along a length of a drawing."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """Where a number stands; what is beyond the ends stands at them."""
        a, b, v = (
            math.log(n) if self.is_log else n
            for n in (self.low, self.high, max(value, 1e-12) if self.is_log else value)
        )
        share = (v - a) / (b - a) if b > a else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def axis(values: list[float], start: float, end: float, *, is_log: bool = False) -> Axis:
    """An axis that holds the numbers, from one round number to another."""
    if is_log:
        low, high = max(min(values), 0.01), min(max(values), 100.0)
        return Axis(low=min(low, 0.5) / 1.1, high=max(high, 2.0) * 1.1, start=start, end=end, is_log=True)
    low, high = min(values), max(values)
    step = _step(high - low or abs(high) or 1.0)
    return Axis(low=math.floor(low / step) * step, high=math.ceil(high / step) * step, start=start, end=end)


def marks(of: Axis) -> list[float]:
    """The round numbers of an axis."""
    if of.is_log:
        return [mark for mark in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
                if of.low <= mark <= of.high]  # fmt: skip
    step = _step(of.high - of.low)
    first = math.ceil(of.low / step - 1e-9)
    return [step * number for number in range(first, int(of.high / step + 1e-9) + 1)]


def _step(span: float) -> float:
    """A round step of which four to eight make up a span."""
    rough = span / 6.0 if span > 0.0 else 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    return float(min((1.0, 2.0, 2.5, 5.0, 10.0), key=lambda part: abs(part * size - rough)) * size)


def wrapped(words: str, letters: int) -> list[str]:
    """Words in lines of so many letters."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
