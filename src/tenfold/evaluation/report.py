"""An evaluation or a reading as text, pictures and a page. Knows how results look."""

from __future__ import annotations

import base64
import html
from string import Template

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE
from tenfold.evaluation.metrics import Evaluation, wilson_interval
from tenfold.visualization.montage import THUMBNAIL_SIDE, montage, panel

REJECTION_RATES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)  # shares of the coverage table


def draw_mistakes(evaluation: Evaluation, images: NDArray[np.uint8], count: int = 20) -> bytes:
    """The worst mistakes of an evaluation, worst first: the bytes of a PNG file.

    Args:
        evaluation: of these images.
        images: `(n, 28, 28) uint8`.
        count: how many at the most.
    """
    panels = []
    for i in evaluation.worst(count):
        read, label = int(evaluation.predictions[i]), int(evaluation.labels[i])
        sure = 100 * evaluation.probabilities[i, read]
        panels.append(
            (
                f"a {label}, read {read}\n{sure:.0f} % sure\nimage {i}",
                panel(images[i].reshape(SIDE, SIDE), THUMBNAIL_SIDE),
            )
        )
    if not panels:
        panels.append(("no mistakes", panel(np.zeros((SIDE, SIDE), np.uint8), THUMBNAIL_SIDE)))
    return montage(panels, columns=10)


def accuracy_line(evaluation: Evaluation) -> str:
    """One line: accuracy, its 95 % interval, and how many images that is."""
    low, high = evaluation.interval
    right, count = len(evaluation.labels) - evaluation.errors, len(evaluation.labels)
    return (
        f"{100 * evaluation.accuracy:.2f} %  ({right:,} of {count:,} right; 95 % interval "
        f"{100 * low:.2f} to {100 * high:.2f} %)"
    )


def evaluation_text(evaluation: Evaluation) -> str:
    """Accuracy, calibration, a line a digit and the confusion matrix, to be read on a terminal or pasted in a mail."""
    lines = [
        f"accuracy            {accuracy_line(evaluation)}",
        f"calibration error   {100 * evaluation.calibration_error:.2f} %",
        "",
        "digit   images    right    95 % interval      most often taken for",
    ]
    for digit, row in enumerate(evaluation.confusion):
        lines.append(_digit_line(digit, row))
    lines += ["", "refused, least confident first    errors left    right of the rest"]
    for share in REJECTION_RATES:
        lines.append(_rejection_line(evaluation, share))
    lines += ["", "confusion matrix: a row the digit written, a column the digit read", ""]
    lines.append("     " + "".join(f"{digit:>6}" for digit in range(DIGITS)))
    for digit, row in enumerate(evaluation.confusion):
        lines.append(f"{digit:>5}" + "".join(f"{count or '.':>6}" for count in row))
    return "\n".join(lines)


def _digit_line(digit: int, row: NDArray[np.int64]) -> str:
    count, right = int(row.sum()), int(row[digit])
    if count == 0:
        return f"{digit:>5}{0:>9}"
    low, high = wilson_interval(right, count)
    others = row.copy()
    others[digit] = 0
    rival = int(others.argmax())
    taken = f"{rival} ({others[rival]})" if others[rival] else "-"
    return f"{digit:>5}{count:>9,}{100 * right / count:>8.2f} %{100 * low:>9.2f} to {100 * high:.2f} %   {taken}"


def _rejection_line(evaluation: Evaluation, share: float) -> str:
    left, kept = (
        evaluation.errors_at_rejection_rate(share),
        len(evaluation.labels) - round(share * len(evaluation.labels)),
    )
    return f"{100 * share:>28.1f} %{left:>15,}{100 * (1 - left / max(kept, 1)):>18.2f} %"


def _rejection_figure(evaluation: Evaluation) -> str:
    """Errors left over the share refused, from none to a tenth, as an SVG curve."""
    shares = [i / 500 for i in range(51)]
    lefts = [evaluation.errors_at_rejection_rate(share) for share in shares]
    most = max(*lefts, 1)
    points = " ".join(
        f"{60 + 5000 * s:.1f},{190 - 170 * left / most:.1f}" for s, left in zip(shares, lefts, strict=True)
    )
    marks = "".join(
        f'<text x="{60 + 5000 * s:.0f}" y="212" text-anchor="middle">{100 * s:.0f} %</text>' for s in shares[::10]
    )
    return (
        f'<svg viewBox="0 0 600 240" role="img" aria-label="Errors left over the share refused">'
        f'<path d="M60 20V190H560" class="axis"/><polyline points="{points}"/>{marks}'
        f'<text x="52" y="25" text-anchor="end">{most}</text><text x="52" y="195" text-anchor="end">0</text>'
        f'<text x="310" y="236" text-anchor="middle">share refused, least confident first</text></svg>'
    )


def evaluation_page(evaluation: Evaluation, images: NDArray[np.uint8], name: str) -> bytes:
    """One HTML page, complete in itself: accuracy, confusion matrix as a heat map, the worst mistakes as a picture."""
    picture = base64.b64encode(draw_mistakes(evaluation, images)).decode()
    return _PAGE.substitute(
        name=html.escape(name),
        accuracy=accuracy_line(evaluation),
        calibration=f"{100 * evaluation.calibration_error:.2f} %",
        coverage=_rejection_figure(evaluation),
        table=_matrix_rows(evaluation.confusion),
        mistakes=f"data:image/png;base64,{picture}",
    ).encode(errors="backslashreplace")


def _matrix_rows(confusion: NDArray[np.int64]) -> str:
    head = "".join(f"<th scope=col>{digit}</th>" for digit in range(DIGITS))
    rows = [f"<tr><td></td>{head}</tr>"]
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    for digit, (counts, row) in enumerate(zip(confusion, shares, strict=True)):
        cells = "".join(
            f'<td class="{"right" if digit == read else "wrong"}" style="--share:{share:.4f}">{count}</td>'
            if count
            else "<td></td>"
            for read, (count, share) in enumerate(zip(counts, row, strict=True))
        )
        rows.append(f"<tr><th scope=row>{digit}</th>{cells}</tr>")
    return "\n".join(rows)


_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$name: an evaluation</title>
<style>
  :root { color-scheme: light dark; --good: 36 99 235; --bad: 220 60 40; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  td, th { width: 3.2rem; height: 2rem; text-align: right; padding: 0 .5rem; font-weight: 400; }
  th { opacity: .65; }
  .right { background: rgb(var(--good) / calc(var(--share) * .5)); }
  .wrong { background: rgb(var(--bad) / clamp(.12, var(--share) * 6, .85)); }
  .scroll { overflow-x: auto; }
  svg { width: 100%; max-width: 37rem; font-size: 13px; }
  svg text { fill: currentColor; opacity: .75; }
  svg .axis, svg polyline { fill: none; stroke: currentColor; stroke-width: 1; opacity: .5; }
  svg polyline { stroke: rgb(var(--good)); stroke-width: 2.5; opacity: 1; }
  img { max-width: 100%; border-radius: 6px; }
</style>
<h1>$name</h1>
<p>Accuracy <strong>$accuracy</strong><br>Calibration error $calibration</p>
<h2>Confusion matrix</h2>
<p>A row is the digit written, a column the digit read.</p>
<div class="scroll"><table>
$table
</table></div>
<h2>What refusing saves</h2>
<p>Errors left where the least confident readings are refused.</p>
$coverage
<h2>The worst mistakes</h2>
<p>Those in which the digit written was given the least probability.</p>
<img src="$mistakes" alt="The worst mistakes, each with the digit written, the digit read and how sure the network was">
</html>
""")
