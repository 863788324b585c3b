"""What sees every packet of a path, in Python and, where it was built, in native code.

Both come to the same numbers; tests/unit/congestion/test_native_measures.py compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.congestion.acked_rate import AckedRate
from sfu.congestion.delay_gradient import DelayGradient
from sfu.congestion.dispersion import Dispersion
from sfu.congestion.queue_delay import QueueDelay
from sfu.congestion.send_history import SendHistory

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Measures:
    """Makes the parts of an ``Estimator``."""

    history: Callable[[], SendHistory]
    acked: Callable[[], AckedRate]
    gradient: Callable[[], DelayGradient]
    queue: Callable[[], QueueDelay]
    dispersion: Callable[[], Dispersion]


PYTHON = Measures(SendHistory, AckedRate, DelayGradient, QueueDelay, Dispersion)


def native() -> Measures:
    """Those in native code; those in Python where it was not built."""
    # Imported only here: native code that is not asked for is not even loaded.
    try:
        from sfu.congestion import _measures
    except ImportError:
        return PYTHON
    return Measures(
        _measures.SendHistory,  # type: ignore[arg-type]
        _measures.AckedRate,  # type: ignore[arg-type]
        _measures.DelayGradient,  # type: ignore[arg-type]
        _measures.QueueDelay,  # type: ignore[arg-type]
        _measures.Dispersion,  # type: ignore[arg-type]
    )
