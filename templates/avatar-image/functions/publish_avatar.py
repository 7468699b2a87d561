"""Turn a model's answer in S3 into a picture there, and hand out a link to it that is valid for a quarter of an hour."""

import base64
import json
from pathlib import PurePosixPath

import boto3

VALID = 900  # seconds


def handler(event, _context):
    s3 = boto3.client("s3")
    bucket = event["bucket"]
    answer = json.loads(s3.get_object(Bucket=bucket, Key=event["key"])["Body"].read())
    artifact = answer["artifacts"][0]
    reason = artifact["finishReason"]
    if reason != "SUCCESS":
        return {"bucket": bucket, "key": None, "avatar_url": None, "finish_reason": reason}
    key = f"avatars/{PurePosixPath(event['key']).stem}.png"
    s3.put_object(Bucket=bucket, Key=key, Body=base64.b64decode(artifact["base64"]), ContentType="image/png")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=VALID)
    return {"bucket": bucket, "key": key, "avatar_url": url, "finish_reason": reason}
