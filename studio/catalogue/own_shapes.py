"""The parameters of integrations that are called otherwise than an API of botocore's, as Step Functions documents them.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html,
https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html
"""

from __future__ import annotations

from typing import Any

from studio.catalogue.shapes import Shape, operation

_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


_SHAPES: dict[str, dict[str, Any]] = {
    "Text": {"type": "string"},
    "Truth": {"type": "boolean"},
    "Json": {"type": "structure", "document": True},
    "Method": {"type": "string", "enum": _METHODS},
    "Values": {"type": "list", "member": {"shape": "Text"}},
    "ManyValues": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Values"}},
    "Headers": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
    "Connection": {
        "type": "structure",
        "required": ["ConnectionArn"],
        "members": {"ConnectionArn": {"shape": "Text", "documentation": "The ARN of the EventBridge connection that has the credentials."}},
    },
    "Encoding": _words("NONE", "URL_ENCODED"),
    "Arrays": _words("INDICES", "BRACKETS", "COMMAS", "REPEAT", "NONE"),
    "EncodingOptions": {
        "type": "structure",
        "members": {"ArrayFormat": {"shape": "Arrays", "documentation": "How arrays are written: a[0]=1, a[]=1, a=1,2 or a=1&a=2."}},
    },
    "Transform": {
        "type": "structure",
        "members": {
            "RequestBodyEncoding": {"shape": "Encoding", "documentation": "NONE: JSON. URL_ENCODED: as a form is sent."},
            "RequestEncodingOptions": {"shape": "EncodingOptions", "documentation": "How a form's arrays are written."},
        },
    },
    "AuthType": _words("NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"),
    "http:invoke": {
        "type": "structure",
        "required": ["ApiEndpoint", "Method"],
        "members": {
            "ApiEndpoint": {"shape": "Text", "documentation": "The URL: https only."},
            "Method": {"shape": "Method", "documentation": "The HTTP method."},
            "Authentication": {"shape": "Connection", "documentation": "The EventBridge connection that authorizes the call."},
            "InvocationConfig": {"shape": "Connection", "documentation": "The EventBridge connection to a private API."},
            "Headers": {"shape": "Headers", "documentation": "Headers beside those of the connection."},
            "QueryParameters": {"shape": "Json", "documentation": "What is added to the URL: an object of texts, or of lists of texts."},
            "RequestBody": {"shape": "Json", "documentation": "The body; by default it is sent as JSON."},
            "Transform": {"shape": "Transform", "documentation": "Sends the body as a form instead of as JSON."},
        },
    },
    "apigateway:invoke": {
        "type": "structure",
        "required": ["ApiEndpoint", "Method"],
        "members": {
            "ApiEndpoint": {"shape": "Text", "documentation": "The host of the API: ID.execute-api.REGION.amazonaws.com."},
            "Method": {"shape": "Method", "documentation": "The HTTP method."},
            "Stage": {"shape": "Text", "documentation": "The stage of the API."},
            "Path": {"shape": "Text", "documentation": "The path below the stage."},
            "Headers": {"shape": "ManyValues", "documentation": "Headers, each with a list of values."},
            "QueryParameters": {"shape": "ManyValues", "documentation": "Query parameters, each with a list of values."},
            "RequestBody": {"shape": "Json", "documentation": "The body, sent as JSON."},
            "AllowNullValues": {"shape": "Truth", "documentation": "Whether null is sent as it is; else such members are left out."},
            "AuthType": {"shape": "AuthType", "documentation": "How the call is authorized."},
        },
    },
}


def _as_is(name: str) -> str:
    return name


def own(name: str) -> Shape | None:
    """The parameters of `http:invoke`, `apigateway:invoke` and `bedrockagentcore:invokeHarness`; None for every other call."""
    if name == "bedrockagentcore:invokeHarness":
        found = operation("bedrockagentcore", "invokeHarness", optimized=True)
        return found.input if found else None
    return Shape(_SHAPES[name], _SHAPES, "", _as_is) if ":" in name and name in _SHAPES else None
