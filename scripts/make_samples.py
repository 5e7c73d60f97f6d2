"""Make the pictures in samples/: ten simulated photos of MNIST training digits. No private pictures.

python scripts/make_samples.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

import tenfold
from tenfold.synthesis.degradation import simulate_photo

(images, labels), _ = tenfold.load_data()
for digit in range(10):
    image = images[np.flatnonzero(labels == digit)[2]]  # the third of each digit: not selected by appearance
    photo = simulate_photo(image, np.random.default_rng(digit))
    Image.fromarray(photo).save(Path(__file__).parents[1] / "samples" / f"{digit}.jpg", quality=85)
