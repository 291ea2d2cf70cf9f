"""Which pieces of speech are one voice's: k-means over embeddings of whole pieces."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Span

Embeddings = NDArray[np.float32]  # shape: (pieces, dimension); rows of length 1, NaN where a piece is too short

LONG_PIECE_S = 1.0  # a shorter piece sounds like its words more than like the voice: it is sorted, but forms no voice
STARTS = 20  # k-means ends in a local optimum
ONE_VOICE_DISTANCE = 0.08  # of 85 single voices three in four are nearer, of 64 pairs of voices none (decision 25)


def group_by_voice(embeddings: Embeddings, pieces: Sequence[Span], voices: int) -> list[int] | None:
    """The voice of each piece, 0 to `voices` - 1; None where too few pieces are long enough to tell.

    All 0 when the pieces sound like one voice. A piece too short to be embedded is the voice's that speaks nearest.
    """
    from sklearn.cluster import KMeans

    lengths = np.array([piece.duration_s for piece in pieces])
    embedded = np.isfinite(embeddings.sum(axis=1))
    if embedded.sum() < voices:
        return None
    long = embedded & (lengths >= min(LONG_PIECE_S, float(np.median(lengths[embedded]))))
    if long.sum() < voices:
        long = embedded
    clusters = KMeans(voices, n_init=STARTS, random_state=0).fit(embeddings[long], sample_weight=lengths[long])
    centres = clusters.cluster_centers_ / np.linalg.norm(clusters.cluster_centers_, axis=1, keepdims=True)
    if voices == 2 and 1 - centres[0] @ centres[1] < ONE_VOICE_DISTANCE:
        return [0] * len(pieces)
    nearest = np.flatnonzero(embedded)
    known = (embeddings[nearest] @ centres.T).argmax(axis=1)
    starts = np.array([piece.start_s for piece in pieces])
    return [int(known[np.abs(starts[nearest] - start_s).argmin()]) for start_s in starts]
