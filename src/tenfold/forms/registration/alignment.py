"""A picture of a sheet -> where the blank form lies in it, or why the sheet is rejected."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tenfold.arrays import Grey
from tenfold.errors import FormError
from tenfold.forms.registration.features import MIN_INLIERS, Features, Matrix, features_of, find_copies
from tenfold.forms.registration.patches import MIN_PATCHES, Patches, fit_patches, patches_of
from tenfold.preprocessing.background import subtract_background
from tenfold.preprocessing.scaling import MIN_CONTRAST, downscale

MIN_FOUND = 0.29  # fraction of the patches of print that must be found; scripts/fit_forms.py fits it
SIDE = 400  # pixels of the longer side at which a page is checked for being blank
MIN_INK = 2e-4  # fraction of the pixels of a page that is not blank

BLANK = "The page is blank."
OTHER_FORM = "The form {name!r} was not found on the page: it is of another form, or too little of it is visible."
BAD_FIT = (
    "Only {percent:.0f} % of the print of the form {name!r} was found where it should be, at least {least:.0f} % are "
    "needed: it is another version of the form, or covered, torn or blurred."
)
TWO_SHEETS = "Two sheets of the form {name!r} are on the page: scan them one by one."


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where a blank form lies in a picture.

    Attributes:
        matrix: `(3, 3) float64`, from pixels of the blank form to pixels of the picture.
        found: 0..1, how much of the print was found.
        problem: None, or why the sheet is rejected; then the matrix says nothing.
    """

    matrix: Matrix = field(repr=False)
    found: float
    problem: str | None = None


class BlankForm:
    """A blank form, prepared for registration.

    Args:
        name: of the form, for messages.
        page: `(h, w) uint8`, 0 black .. 255 white.

    Raises:
        FormError: there is too little print to tell where the form lies.
    """

    def __init__(self, name: str, page: Grey) -> None:
        self.name, self.page = name, page
        self.features: Features = features_of(page)
        self.patches: Patches = patches_of(page)
        if len(self.features.points) < 2 * MIN_INLIERS or len(self.patches.middles) < MIN_PATCHES:
            raise FormError(
                f"the blank form of {name!r} has too little print to find it in a scan: print a title, or marks in its "
                "corners"
            )

    def align(self, picture: Grey) -> Alignment:
        """Find the form in a picture, `(h, w) uint8`, in whatever orientation."""
        if _is_blank(picture):
            return _rejected(BLANK)
        features = features_of(picture)
        fits = [fit_patches(self.patches, picture, matrix) for matrix in find_copies(self.features, features)]
        if not fits:
            return _rejected(OTHER_FORM.format(name=self.name))
        fit = max(fits, key=lambda one: one.found)
        if sum(one.found >= MIN_FOUND for one in fits) > 1:
            return _rejected(TWO_SHEETS.format(name=self.name))
        if fit.found < MIN_FOUND:
            return _rejected(BAD_FIT.format(percent=100 * fit.found, name=self.name, least=100 * MIN_FOUND), fit.found)
        return Alignment(fit.matrix, fit.found)


def _rejected(problem: str, found: float = 0.0) -> Alignment:
    return Alignment(np.eye(3), found, problem)


def _is_blank(picture: Grey) -> bool:
    ink = subtract_background(downscale(picture, SIDE), True)
    return float((ink > 4 * MIN_CONTRAST).mean()) < MIN_INK
