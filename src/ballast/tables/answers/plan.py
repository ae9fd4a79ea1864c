"""What `ballast plan` and the API answer with: the chosen set, the best of each size, and what they rest on."""

from collections.abc import Mapping

import polars as pl

from ballast.core.columns import refuse
from ballast.core.plan import Plan
from ballast.core.plan.proposals import Choice
from ballast.tables.results import result_frame

__all__ = ["explanation", "frames", "groups_of", "summary"]


def groups_of(events: pl.DataFrame, *, by: str) -> dict[str, list[str]]:
    """Event ids by case (an event without a case stands alone under its own id), or with `by` "event" each alone."""
    groups: dict[str, list[str]] = {}
    cases = set(events["case_id"].drop_nulls()) if by == "case" else set()
    for event, case in events.select("event_id", "case_id").iter_rows():
        if not case and event in cases:
            refuse("event", event, "has no case and is named like one", "Give it a case, or another id")
        groups.setdefault(case if case and by == "case" else event, []).append(event)
    return groups


def frames(result: Plan) -> dict[str, pl.DataFrame]:
    """The tables plan and frontier."""
    chosen = [
        (
            rank,
            choice.group,
            "intervention" if choice.group in result.interventions else "problem",
            ";".join(choice.events),
            choice.joint_set,
            choice.alone,
            choice.in_set,
            choice.set_value,
            ";".join(choice.as_good),
            explanation(choice),
        )
        for rank, choice in enumerate(result.choices, 1)
    ]
    frontier = [(s.size, ";".join(s.groups), s.value, s.bound, s.gap) for s in result.sizes]
    return {"plan": result_frame("plan", chosen), "frontier": result_frame("frontier", frontier)}


def explanation(choice: Choice) -> str:
    """In a few words what the group is in the set for."""
    others = [group for group in choice.set_groups if group != choice.group]
    sites = f"{choice.sites} site{'' if choice.sites == 1 else 's'} lose{'s' if choice.sites == 1 else ''} less"
    if not others:
        said = f"By itself: {sites}"
    elif choice.alone < choice.in_set:
        said = f"Worth more together with {_listed(others)}: {sites}"
    else:
        said = f"Acts on the same output as {_listed(others)}: {sites}"
    return f"{said}; as good in its place: {_listed(choice.as_good)}" if choice.as_good else said


def summary(result: Plan) -> Mapping[str, object]:
    """What run.json says of a plan."""
    chosen, full = result.chosen, result.forecast
    return {
        "horizon": full.horizon,
        "chosen": list(chosen.groups),
        "value": chosen.value,
        "bound": chosen.bound,
        "gap": chosen.gap,
        "bound_holds_for": "the forecast with unknown stocks taken as empty",
        "interventions": list(result.interventions),
        "recoverable_value": result.recoverable,
        "lost_output_value": result.at_stake,
        "values_unknown": full.values_unknown,
        "stocks_unknown": full.rows_unknown,
        "inferred_share": full.inferred_share,
        "events_without_effect": list(full.unmatched_events),
    }


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
