"""Put the sections together into the facts that a brief stores."""

from typing import Any

from ballast.areas.briefs.facts import cases, lamps, register, stops
from ballast.areas.briefs.facts.frame import Frame
from ballast.areas.briefs.facts.versions import DAY, VERSION
from ballast.areas.modes.duties import Clock, asked_now
from ballast.areas.reference.models import Authority

__all__ = ["collect"]


def collect(frame: Frame, authority: Authority, scope: dict[str, str]) -> dict[str, Any]:
    """Every fact of the brief as plain JSON values; the same database gives the same facts.

    `scope` names the brief's scope: key, name, name_zh.
    """
    run, asked = stops.current_run(), asked_now(Clock(frame.cut_off, authority))
    return {
        "version": VERSION,
        "window": DAY,
        "day": frame.day.isoformat(),
        "authority": _issuer(authority),
        "scope": scope,
        "figures": {
            **cases.overview(frame),
            **lamps.counts(frame),
            **stops.within(frame, run),
            **register.coverage(frame, asked),
        },
        "duties": register.duties(frame, asked),
        "reds": lamps.worst(frame),
        "stops": stops.first(frame, run),
        "cases": cases.important(frame),
        "regions": cases.by_region(frame),
        "chains": register.chains(frame),
        "panels": register.panels(frame),
        "key_list": register.batches(frame),
        "joint": stops.joint(frame, run),
        "decisions": cases.decisions(frame),
        "forecast_day": run.day.isoformat() if run else None,
    }


def _issuer(authority: Authority) -> dict[str, Any]:
    return {
        "name": authority.name,
        "name_zh": authority.name_zh,
        "currency": authority.currency,
        "time_zone": authority.time_zone,
        "exercise": authority.is_exercise,
    }
