"""What every page is given: the workspace, the engine, the settings, the open files. Made by `studio.app`, the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.exec.local import LocalStepFunctions
    from studio.exec.remote import AwsRuns
    from studio.settings import Settings
    from studio.store.workspace import Workspace
    from studio.ui.preferences import PreferenceFile
    from studio.ui.session import Sessions


@dataclass(frozen=True, slots=True)
class Studio:
    """One running studio."""

    workspace: Workspace
    engine: LocalStepFunctions
    settings: Settings
    preferences: PreferenceFile
    sessions: Sessions
    aws: AwsRuns
