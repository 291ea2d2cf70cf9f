"""From vectors of an encoder to the few numbers of a turn that heads and readers see: principal components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.interfaces import Vectors
from pipeline.prescoring.turn_features import Matrix

COMPONENTS = 400  # of a turn; an encoder with fewer numbers has all of them


@dataclass(frozen=True)
class Projection:
    """The mean vector, shape (dimension,), and directions, the widest first, shape (dimension, at most COMPONENTS)."""

    mean_vector: NDArray[np.float32]
    directions: NDArray[np.float32]

    def apply(self, vectors: Vectors) -> Matrix:
        """shape: (num_utterances, directions); 0 is what the mean vector says: nothing."""
        return np.asarray((vectors - self.mean_vector) @ self.directions, dtype=float)
