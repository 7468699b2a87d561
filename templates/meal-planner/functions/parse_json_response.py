"""Parse a model's answer as JSON and check it against a JSON Schema. What is wrong with it becomes the error's name and message."""

import json

from jsonschema import validate


def handler(event, _context):
    value = json.loads(event["response_string"])
    validate(value, event["json_schema"])
    return value
