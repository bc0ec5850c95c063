"""Resources: the settings of this machine, the night's date, and the lock on the data root."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg
from pydantic import PrivateAttr

from pipeline.config import Settings, environment
from pipeline.errors import SettingWrong
from pipeline.lock import held
from pipeline.night.memory import steady_figure

TIME_ZONE = "Europe/Oslo"


class House(dg.ConfigurableResource["House"]):
    """This machine's settings and the night's date.

    `as_of` is an ISO date; empty means the invented world's own date where one stands under the data
    root, else today in Oslo. It is settled once, when the run starts: no rule reads the clock.
    `from_observation` reruns a night from the snapshots it landed, and leaves the live sources alone.
    `skip_settled` ends a night after landing where the same night already stands, untouched since.
    The lock on the data root is held from the first step to the last.
    """

    as_of: str = ""
    from_observation: bool = False
    skip_settled: bool = False

    _settings: Settings = PrivateAttr()
    _as_of: date = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[House, None, None]:
        """Settle the night's date and keep other runs out."""
        self._settings = Settings.from_environment(environment())
        self._as_of = night(self._settings, self.as_of)
        with held(self._settings.data):
            yield self

    @property
    def settings(self) -> Settings:
        """Where things are."""
        return self._settings

    def figure(self, name: str, count: int) -> str:
        """A count as Dagster may show it: as the night before, unless it has moved (`night.memory`)."""
        return steady_figure(self.settings, self.night, name, count)

    @property
    def night(self) -> date:
        """The date every rule compares with."""
        return self._as_of


def night(settings: Settings, as_of: str) -> date:
    """The date asked for, else the invented world's, else today in Oslo."""
    if as_of:
        try:
            return date.fromisoformat(as_of)
        except ValueError:
            raise SettingWrong(
                "as_of is not a date.", instead="Nothing was run.", do="Write it as 2025-03-01."
            ) from None
    demo = settings.demo()
    return demo.as_of if demo else datetime.now(ZoneInfo(TIME_ZONE)).date()
