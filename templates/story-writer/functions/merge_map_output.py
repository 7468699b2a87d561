"""Join the conversations that the iterations of a Map went on with: what they share once, then the last question and answer of each."""


def handler(event, _context):
    conversations = [item["model_outputs"]["conversation"] for item in event]
    merged = conversations[0][:-2]
    for conversation in conversations:
        merged += conversation[-2:]
    return {"conversation": merged}
