"""Typed settings of the server, with documented defaults.

Every setting can be given by an environment variable `ASL_STUDIO_<NAME>`; an option of the command line wins over it.
What a person changes while working (theme, saving) lives in the workspace instead: `studio.ui.preferences`.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from studio.errors import SettingsError


class Settings(BaseSettings):
    """How the server runs. Errors: `settings()` turns what pydantic refuses into a `SettingsError` with one sentence per value."""

    model_config = SettingsConfigDict(env_prefix="ASL_STUDIO_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on; anything but loopback demands a token")
    port: int = Field(8080, ge=1, le=65535, description="port to listen on")
    token: SecretStr | None = Field(None, description="secret that every visitor must bring where the host is not loopback")
    allowed_hosts: tuple[str, ...] = Field((), description="further names (without port) under which the studio may be reached")
    browser: bool | None = Field(
        None, description="open the studio in the user's browser; by default where a person is at a terminal with one"
    )
    lint_delay: float = Field(0.15, ge=0, le=5, description="seconds of quiet before a changed document is checked again")
    autosave_delay: float = Field(0.8, ge=0.1, le=60, description="seconds of quiet before unsaved text goes to the revision store")
    disk_poll: float = Field(1.0, ge=0.1, le=60, description="seconds between looks whether an open file changed on disk")
    # a page gets twenty updates a second at most: twelve of the run, the others are left for the rows a list asks for, and for what a person does meanwhile
    status_interval: float = Field(1 / 12, ge=0.05, le=5, description="least seconds between two updates of a running workflow's picture")
    profile: str | None = Field(None, description="AWS profile for executions on AWS")
    region: str | None = Field(None, description="AWS Region for executions on AWS; local ARNs say us-east-1 where it is not given")
    endpoint_url: str | None = Field(None, description="endpoint that answers as AWS, for executions that are not mocked")
    allow_http: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="hosts that HTTP Tasks of local runs may call, with commas between them, beside those allowed in the workspace"
    )
    models_url: str | None = Field(
        None, description="model server that speaks the OpenAI API and answers for Bedrock's models in local runs"
    )
    models_map: str | None = Field(None, description="the model server's names by Bedrock's model IDs or patterns of them (JSON)")
    models_key: SecretStr | None = Field(None, description="key the model server wants")

    @field_validator("allow_http", mode="before")
    @classmethod
    def _hosts(cls, given: Any) -> Any:
        return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given


def settings(**options: Any) -> Settings:
    """The settings: options over environment over defaults. Options that are None count as not given.

    Errors: SettingsError for a value that cannot be used, and for a host other machines can reach without a token.
    """
    try:
        chosen = Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        what = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"A setting cannot be used: {what}.", "See docs for the settings and their ranges.") from error
    if not is_loopback(chosen.host) and not (chosen.token and chosen.token.get_secret_value()):
        raise SettingsError(
            f"Listening on {chosen.host} lets other machines in, and no token is set.",
            "Give one with --token or ASL_STUDIO_TOKEN, or keep the default host 127.0.0.1.",
        )
    if chosen.token and 0 < len(chosen.token.get_secret_value()) < 16:
        raise SettingsError("The token is too short to keep anyone out.", "Use at least 16 characters.")
    return chosen


def is_loopback(host: str) -> bool:
    """Whether a host name or address (without port; IPv6 with or without brackets) can only mean this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
