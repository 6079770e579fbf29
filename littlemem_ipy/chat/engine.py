"""The one place where litellm is imported, and made quiet.

The import takes seconds and, left alone, fetches a price list from the network
and prints banners; so it happens at the first call, with both turned off. What
the user has set on litellm before is kept.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from littlemem_ipy.chat import demo

__all__ = ["engine"]


def engine() -> Any:
    """Give the litellm module, set up for use inside a notebook."""
    if "litellm" not in sys.modules:
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    import litellm

    litellm.suppress_debug_info = True  # otherwise each error prints a banner to standard output
    logger = logging.getLogger("LiteLLM")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)  # its errors come back as exceptions, and with a traceback here
    known = {entry["provider"] for entry in litellm.custom_provider_map}
    if demo.PROVIDER not in known:
        litellm.custom_provider_map.append({"provider": demo.PROVIDER, "custom_handler": demo.handler()})
    return litellm
