"""What the memory holds and what it is worth: frames, charts and sentences.

Each frame is a function of a store, tells its columns with `explained`, and is found at ``store.df`` as well:
``store.df.usage(project="churn")``.
"""

from littlemem_ipy.analytics.activity import events, searches, usage
from littlemem_ipy.analytics.chats import captures, conversations, costs
from littlemem_ipy.analytics.columns import COLUMNS, MEANING, explained
from littlemem_ipy.analytics.contents import duplicates, growth, memories, projects, tags
from littlemem_ipy.analytics.dashboard import Dashboard, dashboard
from littlemem_ipy.analytics.evaluating import Evaluation, evaluate, read_pairs
from littlemem_ipy.analytics.frames import FRAMES, Frames
from littlemem_ipy.analytics.insights import Insights, insights
from littlemem_ipy.analytics.overview import Overview, overview

__all__ = [
    "COLUMNS",
    "FRAMES",
    "MEANING",
    "Dashboard",
    "Evaluation",
    "Frames",
    "Insights",
    "Overview",
    "captures",
    "conversations",
    "costs",
    "dashboard",
    "duplicates",
    "evaluate",
    "events",
    "explained",
    "growth",
    "insights",
    "memories",
    "overview",
    "projects",
    "read_pairs",
    "searches",
    "tags",
    "usage",
]
