"""The rules of the linter, by id. A rule says what it looks for; the modules beside this one look."""

from __future__ import annotations

from dataclasses import dataclass

from studio.asl.diagnostics import Severity

SCHEMA = "SCHEMA_VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `code` is AWS's where AWS has one. `why` tells what happens to who ignores it."""

    id: str
    name: str
    severity: Severity
    sentence: str
    why: str
    code: str = ""

    @property
    def shown(self) -> str:
        return self.code or self.id


def _rule(id: str, name: str, severity: Severity, sentence: str, why: str, code: str = "") -> tuple[str, Rule]:  # noqa: A002
    return id, Rule(id, name, severity, sentence, why, code)


_E: Severity = "error"
_W: Severity = "warning"
_H: Severity = "hint"

RULES: dict[str, Rule] = dict(
    [
        _rule("ASL101", "required-field", _E, "A required field is missing.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL102",
            "unknown-field",
            _E,
            "A field that this state type does not have.",
            "AWS refuses the definition; often it is a typing mistake.",
            SCHEMA,
        ),
        _rule("ASL103", "unknown-type", _E, "A state's Type is none of the eight.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL104", "wrong-json", _E, "A field holds another kind of JSON than it may.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL105", "empty-value", _E, "A value that may not be empty is empty.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL106", "out-of-range", _E, "A number is outside its range.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL107", "name-too-long", _E, "A state's name has more than 80 characters.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL108",
            "duplicate-name",
            _E,
            "Two states have the same name.",
            "Names are unique in the whole definition; AWS refuses it.",
            "DUPLICATE_STATE_NAME",
        ),
        _rule("ASL109", "not-an-object", _E, "A definition, branch or state is not an object.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL110", "timestamp", _E, "A timestamp is not RFC 3339 with T and Z or an offset.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL111", "exclusive-fields", _E, "Fields that exclude each other stand together.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL112",
            "processor-config",
            _E,
            "A ProcessorConfig, or a field that only a Distributed Map has, does not fit.",
            "AWS refuses the definition.",
            SCHEMA,
        ),
        _rule("ASL113", "credentials", _E, "Credentials have no RoleArn.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL114",
            "label",
            _E,
            "A Map's Label is too long or has a character AWS refuses.",
            "AWS refuses the definition.",
            "INVALID_LABEL_NAME",
        ),
        _rule(
            "ASL115",
            "duplicate-key",
            _W,
            "A property name stands twice in one object.",
            "AWS keeps the last one silently; the first is lost.",
        ),
        _rule("ASL116", "distributed-only", _W, "A field that only a Distributed Map has.", "AWS refuses it, or the field has no effect."),
        _rule(
            "ASL117", "reader-writer", _E, "An ItemReader, ItemBatcher or ResultWriter does not fit.", "AWS refuses the definition.", SCHEMA
        ),
        _rule("ASL118", "too-large", _E, "The definition is larger than 1 MB.", "AWS refuses the definition."),
        _rule("ASL119", "name-characters", _E, "A state's name holds control characters.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL201",
            "missing-target",
            _E,
            "A transition leads to a state that does not exist in its scope.",
            "AWS refuses the definition.",
            "MISSING_TRANSITION_TARGET",
        ),
        _rule("ASL202", "no-next", _E, "A state has neither Next nor End.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL203", "unreachable", _W, "No transition leads to a state.", "It never runs; often a transition was forgotten."),
        _rule("ASL204", "no-terminal", _E, "A scope has no state that ends it.", "AWS refuses the definition.", "MISSING_END_STATE"),
        _rule("ASL205", "choice-rules", _E, "A Choice rule has no Next, or a nested rule has one.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL206",
            "states-all",
            _E,
            "States.ALL does not stand alone in the last retrier or catcher.",
            "AWS refuses the definition.",
            SCHEMA,
        ),
        _rule("ASL207", "terminal-with-next", _E, "A terminal state has Next or End.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL208", "never-matches", _W, "A retrier or catcher that an earlier one leaves nothing to.", "It never runs."),
        _rule("ASL301", "query-language-field", _E, "A field of the other query language.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL302", "query-language-downgrade", _E, "A state of a JSONata workflow says JSONPath.", "AWS refuses the definition.", SCHEMA
        ),
        _rule(
            "ASL303",
            "jsonata-braces",
            _E,
            "A JSONata string does not begin with {% and end with %}.",
            "AWS refuses it, or takes it as plain text.",
            SCHEMA,
        ),
        _rule("ASL304", "jsonata-syntax", _E, "A JSONata expression cannot be compiled.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL305", "path-syntax", _E, "A path or intrinsic function cannot be compiled.", "AWS refuses the definition.", SCHEMA),
        _rule("ASL306", "payload-key", _E, "A payload template has a key both with and without .$.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL307",
            "doubtful-path",
            _W,
            "A path that this studio cannot read.",
            "A local run refuses it; AWS may read it differently or fail.",
        ),
        _rule(
            "ASL308",
            "path-key-in-jsonata",
            _W,
            "A key that ends in .$ in a JSONata value.",
            "It is not evaluated: the key and its text go on as they are.",
        ),
        _rule("ASL309", "blanks-around-braces", _W, "Blanks around {% … %} make it plain text.", "The expression is not evaluated."),
        _rule(
            "ASL310",
            "jsonata-in-jsonpath",
            _W,
            "A JSONata expression in a JSONPath state.",
            "It is plain text there: the braces go on as they are.",
        ),
        _rule(
            "ASL311", "states-member", _E, "$states is asked for a member that does not exist there.", "AWS refuses the definition.", SCHEMA
        ),
        _rule(
            "ASL312",
            "unknown-function",
            _W,
            "A JSONata expression calls a function that Step Functions does not have.",
            "The state fails when it is reached.",
        ),
        _rule(
            "ASL313",
            "top-level-dollar",
            _W,
            "A JSONata expression begins with $ or $$ alone.",
            "They stand for nothing at the top level: the state fails, or gives nothing.",
        ),
        _rule(
            "ASL314",
            "context-path",
            _W,
            "A path into the context object that does not exist there.",
            "The state fails with States.Runtime when it is reached.",
        ),
        _rule(
            "ASL315",
            "intrinsic-arguments",
            _W,
            "An intrinsic function is called with a wrong number of arguments.",
            "AWS accepts the definition; the state fails with States.IntrinsicFailure.",
        ),
        _rule(
            "ASL401",
            "variable-name",
            _E,
            "A variable's name is not an identifier, too long or reserved.",
            "AWS refuses the definition.",
            SCHEMA,
        ),
        _rule(
            "ASL402",
            "unassigned-variable",
            _W,
            "A variable is read that no path to the state assigns.",
            "The state fails when it is reached.",
        ),
        _rule(
            "ASL403",
            "outer-variable-assigned",
            _E,
            "An inner scope assigns a variable of an outer scope.",
            "AWS refuses the definition: inner scopes read outer variables, and cannot assign them.",
            SCHEMA,
        ),
        _rule(
            "ASL404",
            "distributed-variable",
            _W,
            "The states of a Distributed Map read an outer variable.",
            "Its child executions have variables of their own: the state fails.",
        ),
        _rule(
            "ASL501",
            "choice-operator",
            _E,
            "A Choice rule has not exactly one known comparison, or its operand does not fit.",
            "AWS refuses the definition.",
            SCHEMA,
        ),
        _rule(
            "ASL502",
            "choice-default",
            _H,
            "A Choice has no Default.",
            "When no rule holds the execution fails with States.Runtime, which nothing catches.",
        ),
        _rule(
            "ASL503",
            "repeated-rule",
            _W,
            "A Choice rule tests what an earlier one tests.",
            "The earlier rule takes every case: this one is never chosen.",
        ),
        _rule("ASL601", "resource-arn", _E, "A Resource is not an ARN.", "AWS refuses the definition.", SCHEMA),
        _rule(
            "ASL602",
            "express-pattern",
            _E,
            "An Express workflow uses a pattern that only Standard ones have.",
            "AWS refuses the definition.",
            SCHEMA,
        ),
        _rule("ASL603", "parameter", _W, "A task's parameters do not fit the service's API.", "The call fails when it is made."),
        _rule("ASL604", "not-an-arn", _W, "A Resource that is not an ARN.", "AWS refuses it; other engines may know it."),
        _rule(
            "ASL605",
            "http-endpoint",
            _W,
            "An HTTP endpoint is called without address, method or connection.",
            "The call fails when it is made.",
        ),
        _rule(
            "ASL606",
            "secret",
            _W,
            "A literal looks like a secret.",
            "Definitions and histories are readable for many; secrets belong in Secrets Manager or a connection.",
        ),
        _rule("ASL607", "retired-model", _H, "A model that its provider has retired or is about to.", "Calls of retired models fail."),
        _rule(
            "ASL701",
            "lambda-retry",
            _W,
            "A Lambda task does not retry Lambda's own transient errors.",
            "A hiccup of the service fails the execution.",
        ),
        _rule(
            "ASL702",
            "callback-timeout",
            _W,
            "A task that waits for a callback or an activity has no timeout.",
            "Without an answer it waits for 99,999,999 seconds: three years.",
        ),
        _rule(
            "ASL703",
            "loop-without-wait",
            _W,
            "States form a loop without Wait or Task.",
            "It may spin through the history's 25,000 events within seconds.",
        ),
        _rule(
            "ASL705",
            "model-throttling",
            _W,
            "A call of a model does not retry throttling.",
            "Model quotas are low: one busy minute fails the execution.",
        ),
        _rule(
            "ASL706",
            "unbounded-backoff",
            _W,
            "Many attempts without a longest pause.",
            "With a rate of 2 the twentieth pause lasts six days.",
        ),
        _rule(
            "ASL707",
            "catcher-drops-input",
            _H,
            "A Catcher without ResultPath replaces the input with the error.",
            "The states after it no longer have the data that failed.",
        ),
        _rule(
            "ASL801",
            "payload-growth",
            _W,
            "Data that is or grows larger than a payload may be.",
            "An execution fails with States.DataLimitExceeded at 256 KiB.",
        ),
        _rule(
            "ASL802", "history-forecast", _W, "An inline Map whose items would fill the history.", "An execution fails at 25,000 events."
        ),
        _rule(
            "ASL803",
            "inline-concurrency",
            _W,
            "An inline Map that asks for more than 40 iterations at once.",
            "AWS runs at most 40 of an inline Map.",
        ),
        _rule(
            "ASL804",
            "express-duration",
            _W,
            "An Express workflow that waits longer than it may run.",
            "An Express execution ends after five minutes.",
        ),
        _rule(
            "ASL901",
            "impossible-path",
            _W,
            "A path that no state before can produce.",
            "The state fails with States.Runtime when it is reached.",
        ),
    ]
)
