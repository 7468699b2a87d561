"""The chef with the highest score wins; the first one where scores are equal."""


def handler(event, _context):
    scores = event["parsed_output"]["scores"]
    winner = max(scores, key=lambda chef: scores[chef]["score"])
    if scores[winner]["score"] <= 0:
        raise ValueError("No meal has a score above zero.")
    return {"winning_chef": winner, "winning_meal": event[winner]["model_outputs"]["response"]}
