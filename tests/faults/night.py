"""The flow `nightly` as a process of its own: `python -m tests.faults.night INBOX JOURNAL DATA`.

As deployed, but for the two minutes before its second attempt. Prefect's server is the one that PREFECT_API_URL names.
"""

import sys

from flows.nightly import nightly

if __name__ == "__main__":
    recordings, journal, data = sys.argv[1:]
    print(nightly.with_options(retry_delay_seconds=1)(recordings, journal, data))
