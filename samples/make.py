"""Make the sample pictures of this folder: ten simulated photos of MNIST training digits, and nothing that is anyone's.

python samples/make.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

import tenfold
from tenfold.paper import photographed

(images, labels), _ = tenfold.load_data()
for digit in range(10):
    image = images[np.flatnonzero(labels == digit)[2]]  # the third of each digit, whatever it looks like
    photo = photographed(image, np.random.default_rng(digit))
    Image.fromarray(photo).save(Path(__file__).with_name(f"{digit}.jpg"), quality=85)
