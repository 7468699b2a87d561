"""ARNs of Step Functions in what people paste."""

from __future__ import annotations

import re
from urllib.parse import unquote

_ARN = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:(?:execution|express|stateMachine|mapRun):[^\s?#&\"']+")


def arn_in(text: str) -> str | None:
    """The ARN that a text is, or that an address of AWS's console or of the studio has in it; None where there is none."""
    found = _ARN.search(unquote(unquote(text)))
    return found[0] if found else None
