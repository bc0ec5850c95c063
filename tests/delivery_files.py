"""What tests of deliveries do with a file: put it in the folder, read it, see it refused without a value."""

import polars as pl
import pytest

from pipeline.errors import DeliveryWrong
from pipeline.sources.deliveries import check, delivery_batches, known

CANARY = "13819912399"  # stands in for a value that no message may repeat


def delivered(folder, name, data):
    (folder / name).write_bytes(data)
    found = known(folder / name)
    assert found is not None
    return found


def read(found, batch_rows=1_000):
    """(rows read, rows set aside) of the whole file."""
    rows, failures = zip(*delivery_batches(found, batch_rows), strict=True)
    return pl.concat(rows), pl.concat(failures)


def rules(found):
    return read(found)[1].select("line", "rule").rows()


def refused(found):
    """The message of the refusal, which must tell the file and must not tell a value."""
    with pytest.raises(DeliveryWrong) as caught:
        check(found, 100)
    message = str(caught.value)
    assert found.path.name in message
    assert CANARY not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message
