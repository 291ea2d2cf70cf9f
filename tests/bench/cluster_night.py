"""The flow `nightly` as a process of its own: `python -m tests.bench.cluster_night RECORDINGS DATA CONFIGURATION`.

Prefect's server is the one that PREFECT_API_URL names.
"""

import sys

from flows.nightly import nightly

if __name__ == "__main__":
    recordings, data, config = sys.argv[1:]
    print(nightly(recordings, data=data, config=config))
