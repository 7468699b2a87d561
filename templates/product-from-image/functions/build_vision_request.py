"""Write a whole request for a model with images to S3: as base64 they are larger than a state's payload may be."""

import base64
import json
from pathlib import PurePosixPath

import boto3

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}


def handler(event, _context):
    s3 = boto3.client("s3")
    bucket = event["bucket"]

    def image(key):
        kind = TYPES.get(PurePosixPath(key).suffix.lower())
        if kind is None:
            raise ValueError(f"{key} is no image that the model reads: {', '.join(TYPES)}.")
        data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": base64.b64encode(data).decode()}}

    content = [*map(image, event["keys"]), {"type": "text", "text": event["prompt"]}]
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": event["max_tokens"],
        "messages": [{"role": "user", "content": content}],
    }
    s3.put_object(Bucket=bucket, Key=event["out_key"], Body=json.dumps(body).encode(), ContentType="application/json")
    return {"s3_uri": f"s3://{bucket}/{event['out_key']}"}
