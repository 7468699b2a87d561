"""The page of the runs on AWS, where AWS refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.exec.test_aws_remedies import refusing


async def test_the_page_says_what_to_do(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    studio.aws.service = refusing("ExpiredTokenException", "The security token included in the request is expired")
    await user.open("/runs/aws")
    await user.should_see("The session of the default profile is over: sign in again")
    await user.should_see("ExpiredTokenException: The security token included in the request is expired")
