"""What the data team reads: on this disk, and where the configuration says so a copy in object storage."""

import logging

from flows.workshop import WorkOrder
from pipeline.published_copy import copy_published
from pipeline.store import Store
from pipeline.store.publish import PARQUET, publish

log = logging.getLogger(__name__)


def publish_all(store: Store, order: WorkOrder) -> None:
    """Publishes, then copies what changed. Raises StoreError, for the copy too: all is stored and published then."""
    publish(store, order.data.published)
    copy_again(order)


def copy_again(order: WorkOrder) -> None:
    """Makes the copy, if one is configured, equal to what was published last."""
    address = order.settings.published_copy
    if address is None or not (order.data.published / PARQUET).exists():
        return
    done = copy_published(order.data.published / PARQUET, address)
    log.info("copied", extra={"copied": done.copied, "removed": done.removed, "kept": done.kept})
