"""What a store can do without: a policy, a plan that only looks, and a report of what was done."""

from littlemem_ipy.cleanup.plan import CleanupPlan, Step
from littlemem_ipy.cleanup.planning import plan
from littlemem_ipy.cleanup.policy import RetentionPolicy
from littlemem_ipy.cleanup.report import CleanupReport, LeftAlone

__all__ = [
    "CleanupPlan",
    "CleanupReport",
    "LeftAlone",
    "RetentionPolicy",
    "Step",
    "plan",
]
