"""AWS on this machine: `moto` as a server on a free loopback port, started when the first task asks for it, gone with the studio.

A workflow's `sandbox.json` says what is there at the beginning:

    {"buckets": {"example-texts": {"a.txt": "text", "b.json": {"any": "JSON"}, "c.csv": {"file": "data/c.csv"}}},
     "tables": {"orders": {"key": "id", "items": [{"id": {"S": "1"}}]}},          key: a name, or [partition key, sort key];
                           "types": {"id": "N"} where no item tells them
     "topics": ["alerts"], "queues": ["jobs"], "secrets": {"name": "value"}, "parameters": {"/name": "value"},
     "connections": {"my-api": {"AuthorizationType": "API_KEY", "AuthParameters": {…}}},                          as CreateConnection takes it
     "calls": [{"service": "glue", "operation": "CreateJob", "parameters": {…}}]}                 whatever else must be there, as boto3 takes it

Workflows share it: what several of them ask for is made once and holds what the last one put there.

Concurrency model: `endpoint` and `seed` may be called from any thread; the first caller starts the server, the others wait for it.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import logging
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from studio.errors import StudioError

REGION = "us-east-1"
BY_NAME_ONLY = frozenset({"lambda", "bedrock", "bedrock-runtime", "bedrock-agent-runtime", "apigateway", "eks", "emr-serverless"})
"""Services that moto knows, but that do nothing there: a mock, a function or an endpoint answers them."""


@lru_cache(maxsize=256)
def knows(folder: str) -> bool:
    """Whether the sandbox has a service (as boto3 calls it)."""
    from moto.backend_index import backend_url_patterns

    from studio.catalogue.services import model

    described = model(folder)
    if folder in BY_NAME_ONLY or described is None:
        return False
    address = f"https://{described['metadata']['endpointPrefix']}.{REGION}.amazonaws.com"
    return any(pattern.match(address) for _, pattern in backend_url_patterns)


class Sandbox:
    """The services a workspace's runs call where neither a mock nor an endpoint of the environment answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: Any = None
        self._endpoint = ""
        self._seeded: set[Path] = set()

    def endpoint(self) -> str:
        """The address of the services, started if need be. Errors: StudioError where moto is not installed."""
        with self._lock:
            if self._server is None:
                self._start()
            return self._endpoint

    def _start(self) -> None:
        try:
            from moto.server import ThreadedMotoServer
        except ImportError as error:
            raise StudioError(
                f"The sandbox needs moto, which cannot be imported: {error}.", "Install asl-studio with its dependencies."
            ) from error
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # what moto cannot do is told by the task
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        self._server, self._endpoint = server, f"http://127.0.0.1:{port}"

    def seed(self, folder: Path) -> None:
        """Make what `sandbox.json` in a workflow's folder asks for, once. Errors: StudioError that says what is wrong with it."""
        file = folder / "sandbox.json"
        if file in self._seeded or not file.is_file():
            return
        endpoint = self.endpoint()
        with self._lock:
            if file in self._seeded:
                return
            _seed(endpoint, _read(file), folder)
            self._seeded.add(file)

    def close(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None


def _read(file: Path) -> dict[str, Any]:
    try:
        held: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(f"{file.name} cannot be read: {error}.") from error
    if not isinstance(held, dict):
        raise StudioError(f"{file.name} holds an object with buckets, tables, topics, queues, secrets, parameters, connections or calls.")
    return cast("dict[str, Any]", held)


def _seed(endpoint: str, wanted: dict[str, Any], folder: Path) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError, ParamValidationError

    def client(service: str) -> Any:
        return boto3.client(  # pyright: ignore[reportCallIssue]
            service,  # pyright: ignore[reportArgumentType]
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - moto takes any
            config=Config(s3={"addressing_style": "path"}),
        )

    try:
        for bucket, objects in wanted.get("buckets", {}).items():
            s3 = client("s3")
            s3.create_bucket(Bucket=bucket)
            for key, content in objects.items():
                s3.put_object(Bucket=bucket, Key=key, Body=_content(content, folder))
        for table, described in wanted.get("tables", {}).items():
            _table(client("dynamodb"), table, described)
        for topic in wanted.get("topics", []):
            client("sns").create_topic(Name=topic)
        for queue in wanted.get("queues", []):
            client("sqs").create_queue(QueueName=queue)
        for name, value in wanted.get("secrets", {}).items():
            _secret(client("secretsmanager"), name, value if isinstance(value, str) else json.dumps(value))
        for name, value in wanted.get("parameters", {}).items():
            client("ssm").put_parameter(Name=name, Value=str(value), Type="String", Overwrite=True)
        for name, described in wanted.get("connections", {}).items():
            _connection(client("events"), name, described)
        for call in wanted.get("calls", []):
            _call(client(call["service"]), call)
    except (ClientError, ParamValidationError) as error:
        raise StudioError(f"sandbox.json asks for what the sandbox refuses: {error}.") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise StudioError(f"sandbox.json does not say what it should: {type(error).__name__}: {error}.") from error


def _content(content: Any, folder: Path) -> bytes:
    if isinstance(content, str):
        return content.encode("utf-8")
    if isinstance(content, dict) and set(content) == {"file"}:
        path = (folder / str(content["file"])).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise StudioError(f"sandbox.json names a file outside its folder: {content['file']}.")
        try:
            return path.read_bytes()
        except OSError as error:
            raise StudioError(f"sandbox.json names a file that cannot be read: {content['file']}: {error.strerror}.") from error
    return json.dumps(content).encode("utf-8")


def _secret(secrets: Any, name: str, value: str) -> None:
    try:
        secrets.create_secret(Name=name, SecretString=value)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=value)


def _connection(events: Any, name: str, described: dict[str, Any]) -> None:
    if any(known["Name"] == name for known in events.list_connections(NamePrefix=name).get("Connections", [])):
        events.update_connection(Name=name, **described)
    else:
        events.create_connection(Name=name, **described)


def _call(service: Any, call: dict[str, Any]) -> None:
    from botocore import xform_name
    from botocore.exceptions import ClientError

    try:
        getattr(service, xform_name(call["operation"]))(**call.get("parameters", {}))
    except ClientError as error:
        if "AlreadyExists" not in str(error.response.get("Error", {}).get("Code")):
            raise


def _table(dynamodb: Any, name: str, described: dict[str, Any]) -> None:
    keys = described["key"] if isinstance(described["key"], list) else [described["key"]]
    types = {key: next((next(iter(item[key])) for item in described.get("items", []) if key in item), "S") for key in keys}
    types |= described.get("types", {})
    with suppress(dynamodb.exceptions.ResourceInUseException):  # another workflow brought it
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "RANGE" if i else "HASH"} for i, key in enumerate(keys)],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": types[key]} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    for item in described.get("items", []):
        dynamodb.put_item(TableName=name, Item=item)
