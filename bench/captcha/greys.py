"""Pictures as arrays of grey."""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def stretched(values: NDArray[np.floating] | Grey) -> Grey:
    """From black to white."""
    low, high = float(values.min()), float(values.max())
    return ((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)
