"""Ask a person: the log shows the question, the studio's page of tasks takes the answer."""


def handler(event, _context):
    print(event)
    return event
