"""Keep an itinerary as a document in S3 and hand out a link to it that is valid for a quarter of an hour."""

import uuid

import boto3

BUCKET = "example-itineraries"


def handler(event, _context):
    s3 = boto3.client("s3")
    key = f"itinerary-{uuid.uuid4()}.md"
    document = f"# Weekend itinerary\n\nYour trip to {event['location']}\n\n{event['itinerary']}\n"
    s3.put_object(Bucket=BUCKET, Key=key, Body=document.encode(), ContentType="text/markdown")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=900)
    return {"itinerary_url": url, "location": event["location"]}
