"""The title in the other service's answer, in the form of the first branch. It has a bug, for the sake of the redrive."""


def handler(event, _context):
    title = event["generated_text"]  # to mend it: title = event[0]["generated_text"]
    return {"source": "hugging-face", "title": title.strip()}
