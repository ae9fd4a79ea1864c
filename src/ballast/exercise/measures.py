"""Invented measures of an exercise's policy reserve: one ready with each kind of trigger, and a draft."""

from ballast.areas.reserve.models import PolicyOption

__all__ = ["load_measures"]

_CHIPS = """\
# Chips are short, and plants of the chain stop: one of them alone is no reason to buy.
needs = "all"
effective_until = 2022-12-31

[[inputs]]
kind = "commodity"
commodity = "chips"
lamp = "gap"
level = "red"

[[inputs]]
kind = "series"
series = "chips_top_country_share"
above = 90

[[inputs]]
kind = "warnings"
level = "red"
at_least = 1"""

_MEASURES: tuple[dict[str, object], ...] = (
    {
        "code": "green-lane-parts", "name": "Green lane for vehicle parts", "name_zh": "汽车零部件运输绿色通道",
        "text": "Lorries with parts for the plants of the chain pass the checkpoints of Shanghai first.",
        "text_zh": "向产业链整车企业运送零部件的货车优先通过上海各检查点。",
        "legal_basis": "Exercise plan, chapter 3", "authority": "Example Ministry of Industry (exercise)",
        "region_id": "310000", "chain_id": "automobile", "trigger_measure": "share", "trigger_level": "yellow",
        "trigger_at_least": 10.0, "trigger_days": 2, "days": 14, "state": "ready",
    },
    {
        "code": "closed-loop-support", "name": "Support for closed-loop work", "name_zh": "闭环生产支持",
        "text": "The authority pays board and tests of staff who stay on the site, and names a contact for each plant.",
        "text_zh": "主管部门承担驻厂人员食宿与检测费用，并为每家工厂指定联络人。",
        "legal_basis": "Exercise plan, chapter 4", "authority": "Example Ministry of Industry (exercise)",
        "chain_id": "automobile", "trigger_measure": "count", "trigger_level": "red", "trigger_at_least": 2.0,
        "trigger_days": 1, "cost": 20e6, "currency": "CNY", "days": 30, "state": "ready",
    },
    {
        "code": "chip-purchase", "name": "Joint purchase of vehicle chips", "name_zh": "汽车芯片联合采购",
        "text": "The authority gathers the needs of the plants of the chain and buys chips for all of them together.",
        "text_zh": "主管部门汇总产业链企业需求，统一采购芯片。",
        "legal_basis": "Exercise plan, chapter 5", "authority": "Example Ministry of Industry (exercise)",
        "chain_id": "automobile", "trigger_measure": "several", "conditions": _CHIPS, "days": 60, "state": "ready",
    },
    {
        "code": "credit-line", "name": "Credit line for suppliers", "name_zh": "供应商信贷额度",
        "text": "Banks named in the plan lend to suppliers of listed plants for three months.",
        "text_zh": "方案所列银行向重点企业供应商提供三个月贷款。",
        "authority": "Example Ministry of Industry (exercise)", "cost": 500e6, "currency": "CNY", "days": 90,
    },
)  # fmt: skip


def load_measures() -> int:
    """Write the measures; how many. Needs region 310000 and the chain of vehicles."""
    return len(PolicyOption.objects.bulk_create(PolicyOption(**one) for one in _MEASURES))
