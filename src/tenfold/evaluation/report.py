"""An evaluation as text, as a picture and as an HTML page. No metrics are computed here."""

from __future__ import annotations

import base64
import html
from string import Template

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tenfold.arrays import DIGITS, SIDE
from tenfold.evaluation.metrics import Evaluation, wilson_interval
from tenfold.visualization.montage import THUMBNAIL_SIDE, encode, montage, panel

REJECTION_RATES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)  # the rows of the rejection table


def draw_mistakes(evaluation: Evaluation, images: NDArray[np.uint8], count: int = 20) -> Image.Image:
    """Draw the worst mistakes of an evaluation, worst first.

    Args:
        evaluation: the evaluation of these images.
        images: `(n, 28, 28) uint8`.
        count: the largest number of mistakes to draw.
    """
    panels = []
    for i in evaluation.worst(count):
        read, label = int(evaluation.predictions[i]), int(evaluation.labels[i])
        confidence = 100 * evaluation.probabilities[i, read]
        panels.append(
            (
                f"a {label}, read {read}\n{confidence:.0f} % sure\nimage {i}",
                panel(images[i].reshape(SIDE, SIDE), THUMBNAIL_SIDE),
            )
        )
    if not panels:
        panels.append(("no mistakes", panel(np.zeros((SIDE, SIDE), np.uint8), THUMBNAIL_SIDE)))
    return montage(panels, columns=10)


def accuracy_line(evaluation: Evaluation) -> str:
    """One line: the accuracy, the counts behind it and its 95 % interval."""
    low, high = evaluation.interval
    right, count = len(evaluation.labels) - evaluation.errors, len(evaluation.labels)
    return (
        f"{100 * evaluation.accuracy:.2f} %  ({right:,} of {count:,} right; 95 % interval "
        f"{100 * low:.2f} to {100 * high:.2f} %)"
    )


def evaluation_text(evaluation: Evaluation) -> str:
    """Accuracy, calibration, a line per digit, errors by rejection rate and the confusion matrix, as plain text."""
    lines = [
        f"accuracy            {accuracy_line(evaluation)}",
        f"calibration error   {100 * evaluation.calibration_error:.2f} %",
        "",
        "digit   images    right    95 % interval      most often read as",
    ]
    for digit, row in enumerate(evaluation.confusion):
        lines.append(_digit_line(digit, row))
    lines += ["", "rejected, least confident first   errors left   correct of the rest"]
    for rate in REJECTION_RATES:
        lines.append(_rejection_line(evaluation, rate))
    lines += ["", "confusion matrix: rows are the digits written, columns the digits read", ""]
    lines.append("     " + "".join(f"{digit:>6}" for digit in range(DIGITS)))
    for digit, row in enumerate(evaluation.confusion):
        lines.append(f"{digit:>5}" + "".join(f"{count or '.':>6}" for count in row))
    return "\n".join(lines)


def _digit_line(digit: int, row: NDArray[np.int64]) -> str:
    count, right = int(row.sum()), int(row[digit])
    if count == 0:
        return f"{digit:>5}{0:>9}"
    low, high = wilson_interval(right, count)
    mistakes = row.copy()
    mistakes[digit] = 0
    most = int(mistakes.argmax())
    confused = f"{most} ({mistakes[most]})" if mistakes[most] else "-"
    return f"{digit:>5}{count:>9,}{100 * right / count:>8.2f} %{100 * low:>9.2f} to {100 * high:.2f} %   {confused}"


def _rejection_line(evaluation: Evaluation, rate: float) -> str:
    errors = evaluation.errors_at_rejection_rate(rate)
    accepted = len(evaluation.labels) - round(rate * len(evaluation.labels))
    return f"{100 * rate:>28.1f} %{errors:>15,}{100 * (1 - errors / max(accepted, 1)):>18.2f} %"


def _rejection_figure(evaluation: Evaluation) -> str:
    """Errors left by rejection rate, from 0 to 10 %, as an SVG curve."""
    rates = [i / 500 for i in range(51)]
    errors = [evaluation.errors_at_rejection_rate(rate) for rate in rates]
    most = max(*errors, 1)
    points = " ".join(f"{60 + 5000 * r:.1f},{190 - 170 * e / most:.1f}" for r, e in zip(rates, errors, strict=True))
    marks = "".join(
        f'<text x="{60 + 5000 * r:.0f}" y="212" text-anchor="middle">{100 * r:.0f} %</text>' for r in rates[::10]
    )
    return (
        f'<svg viewBox="0 0 600 240" role="img" aria-label="Errors left by rejection rate">'
        f'<path d="M60 20V190H560" class="axis"/><polyline points="{points}"/>{marks}'
        f'<text x="52" y="25" text-anchor="end">{most}</text><text x="52" y="195" text-anchor="end">0</text>'
        f'<text x="310" y="236" text-anchor="middle">rejection rate, least confident first</text></svg>'
    )


def evaluation_page(evaluation: Evaluation, images: NDArray[np.uint8], name: str) -> bytes:
    """A self-contained HTML page: accuracy, the confusion matrix as a heat map, the worst mistakes as a picture."""
    picture = base64.b64encode(encode(draw_mistakes(evaluation, images))).decode()
    return _PAGE.substitute(
        name=html.escape(name),
        accuracy=accuracy_line(evaluation),
        calibration=f"{100 * evaluation.calibration_error:.2f} %",
        rejection=_rejection_figure(evaluation),
        table=_matrix_rows(evaluation.confusion),
        mistakes=f"data:image/png;base64,{picture}",
    ).encode(errors="backslashreplace")


def _matrix_rows(confusion: NDArray[np.int64]) -> str:
    head = "".join(f"<th scope=col>{digit}</th>" for digit in range(DIGITS))
    rows = [f"<tr><td></td>{head}</tr>"]
    fractions = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    for digit, (counts, row) in enumerate(zip(confusion, fractions, strict=True)):
        cells = "".join(
            f'<td class="{"right" if digit == read else "wrong"}" style="--fraction:{fraction:.4f}">{count}</td>'
            if count
            else "<td></td>"
            for read, (count, fraction) in enumerate(zip(counts, row, strict=True))
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
  .right { background: rgb(var(--good) / calc(var(--fraction) * .5)); }
  .wrong { background: rgb(var(--bad) / clamp(.12, var(--fraction) * 6, .85)); }
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
<p>Rows are the digits written, columns the digits read.</p>
<div class="scroll"><table>
$table
</table></div>
<h2>Errors by rejection rate</h2>
<p>Errors left when the least confident readings are rejected.</p>
$rejection
<h2>The worst mistakes</h2>
<p>The digit written has the lowest probability in these.</p>
<img src="$mistakes" alt="The worst mistakes, each with the digit written, the digit read and the network's confidence">
</html>
""")
