"""What the memory holds and what it is worth: frames, charts and sentences.

Each frame is a function of a store, tells its columns with `explained`, and is found at ``store.df`` as well:
``store.df.usage(project="churn")``.
"""

from littlemem_ipy.analytics.activity import events, searches, usage
from littlemem_ipy.analytics.chats import captures, conversations, costs
from littlemem_ipy.analytics.columns import COLUMNS, explained
from littlemem_ipy.analytics.contents import duplicates, growth, memories, projects, tags
from littlemem_ipy.analytics.frames import FRAMES, Frames

__all__ = [
    "COLUMNS",
    "FRAMES",
    "Frames",
    "captures",
    "conversations",
    "costs",
    "duplicates",
    "events",
    "explained",
    "growth",
    "memories",
    "projects",
    "searches",
    "tags",
    "usage",
]
