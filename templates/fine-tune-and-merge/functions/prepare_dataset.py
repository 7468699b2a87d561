"""Turn sentences and what they mean into prompts, and keep a fifth of them for the test."""

import json

import boto3

PROMPT = """Give the meaning of the sentence as one function with its attributes.
The function is one of inform, request, give_opinion, confirm, verify_attribute, suggest, request_explanation, recommend, request_attribute.

### Sentence
{target}

### Meaning
"""


def handler(event, _context):
    s3 = boto3.client("s3")
    bucket, prefix = event["bucket"], event["prefix"].strip("/")
    lines = s3.get_object(Bucket=bucket, Key=event["key"])["Body"].read().decode("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    if len(rows) < 5:
        raise ValueError(f"{event['key']} has {len(rows)} rows; at least five are needed for a training and a test set.")
    parts = {"train": [row for i, row in enumerate(rows) if i % 5], "test": rows[::5]}
    told = {"rows": {name: len(part) for name, part in parts.items()}}
    for name, part in parts.items():
        text = "".join(json.dumps(example(row), ensure_ascii=False) + "\n" for row in part)
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}/{name}.jsonl", Body=text.encode(), ContentType="application/jsonlines")
        told[name] = f"s3://{bucket}/{prefix}/{name}/"
    return told


def example(row):
    return {"prompt": PROMPT.format(target=row["target"]), "completion": row["meaning_representation"]}
