"""The invented municipality: seeded, deterministic, and never a real person.

`synthesise` writes a case system, the registers' deliveries, and the truth behind them (which only tests
read). All of it is assumptions calibrated to published figures (`model`); nothing is fitted to a real
person's data. What does not belong here: any rule of the pipeline, which must work without knowing this.
"""

from pipeline.synthetic.calibration import calibration
from pipeline.synthetic.world import synthesise

__all__ = ["calibration", "synthesise"]
