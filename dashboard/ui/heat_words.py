"""Heat's refusals in words: what stands in the way, and what to do first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.cloud.errors import CloudError, Forbidden


def sentence(error: CloudError) -> str:
    """One sentence for what its kind does not say well enough; "" for all else."""
    if error.service == "orchestration" and isinstance(error, Forbidden) and "stacks:global_index" in error.message:
        return _(
            "Heat lists the stacks of all projects to nobody, unless its operator lets the role admin do "
            "“stacks:global_index” in Heat's policy."
        )
    return ""
