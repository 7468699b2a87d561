"""The words of ASL that no other table has: for completion and hover.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html,
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html,
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

from typing import TypeAlias

from studio.asl.conditions import OPERATORS

Words: TypeAlias = dict[str, tuple[str, str, tuple[str, ...]]]
"""Name -> (kind of its value, what it means, the words it may be)."""

TYPE_DOCS = {
    "Task": "Calls a service, a function or an activity.",
    "Pass": "Passes its input on, or sets a result.",
    "Choice": "Goes one way or another, by conditions.",
    "Wait": "Waits for a time or until a moment.",
    "Parallel": "Runs several branches at once.",
    "Map": "Runs the same steps for each item.",
    "Succeed": "Ends the workflow, branch or iteration well.",
    "Fail": "Ends the workflow with an error.",
}

ERRORS = {
    "States.ALL": "Every error that can be caught. It stands alone, in the last member.",
    "States.TaskFailed": "Every error of a task but States.Timeout.",
    "States.Timeout": "The state ran longer than TimeoutSeconds, or sent no heartbeat in time.",
    "States.HeartbeatTimeout": "No heartbeat within HeartbeatSeconds.",
    "States.Permissions": "The role does not allow the call.",
    "States.BranchFailed": "A branch of a Parallel state failed.",
    "States.NoChoiceMatched": "No rule of a Choice state held, and there is no Default.",
    "States.IntrinsicFailure": "An intrinsic function could not be evaluated.",
    "States.ParameterPathFailure": "A path in Parameters, ItemSelector or ResultSelector leads nowhere.",
    "States.ResultPathMatchFailure": "ResultPath cannot be applied to the input.",
    "States.QueryEvaluationError": "A JSONata expression could not be evaluated, or gave the wrong kind of value.",
    "States.ItemReaderFailed": "The items of a Distributed Map could not be read.",
    "States.ResultWriterFailed": "The results of a Distributed Map could not be written.",
    "States.ExceedToleratedFailureThreshold": "More items of a Distributed Map failed than are tolerated.",
    "States.DataLimitExceeded": "A payload is larger than 256 KiB. States.ALL does not catch it.",
    "States.Runtime": "The state could not be run with this input. Neither retried nor caught by States.ALL.",
    "States.Http.Socket": "An HTTP endpoint did not answer within 60 seconds.",
}

CONTEXT = {
    "$$.Execution.Id": "The ARN of the execution.",
    "$$.Execution.Input": "The input of the execution.",
    "$$.Execution.Name": "The name of the execution.",
    "$$.Execution.RoleArn": "The role of the execution.",
    "$$.Execution.StartTime": "When the execution began, ISO 8601.",
    "$$.Execution.RedriveCount": "How often the execution was redriven.",
    "$$.Execution.RedriveTime": "When it was redriven last.",
    "$$.State.EnteredTime": "When the state was entered.",
    "$$.State.Name": "The name of the state.",
    "$$.State.RetryCount": "How often the state was retried.",
    "$$.StateMachine.Id": "The ARN of the state machine.",
    "$$.StateMachine.Name": "The name of the state machine.",
    "$$.Task.Token": "The token that answers a `.waitForTaskToken` task.",
    "$$.Map.Item.Index": "The index of the item of a Map, from 0.",
    "$$.Map.Item.Key": "The name of the member, where a Map goes over an object.",
    "$$.Map.Item.Value": "The item of a Map.",
    "$$.Map.Item.Source": "Where an item of a Distributed Map came from.",
}

STATES = {
    "$states.input": "The input of the state.",
    "$states.result": "What the task, map or parallel gave; in Output and Assign.",
    "$states.errorOutput": "The error that was caught; in a catcher's Output and Assign.",
    **{f"$states.context{path.removeprefix('$$')}": doc for path, doc in CONTEXT.items()},
}

ERROR_OUTPUT = {"Error": "States.TaskFailed", "Cause": "why"}
"""What a catcher is given, by its names."""

CHOICE_KEYS: Words = {
    "Variable": ("path", "The value to compare: a path.", ()),
    "Next": ("state", "Where to go when the rule holds.", ()),
    "And": ("array", "All of these hold.", ()),
    "Or": ("array", "One of these holds.", ()),
    "Not": ("object", "This does not hold.", ()),
    "Assign": ("object", "Variables that states from the next on can read.", ()),
    "Comment": ("string", "A remark for people; it has no effect.", ()),
}
CONDITION_KEYS: Words = {
    "Condition": ("string", "A JSONata expression {% … %} that gives true or false.", ()),
    "Next": ("state", "Where to go when the condition is true.", ()),
    "Output": ("any", "What goes on to the next state.", ()),
    "Assign": ("object", "Variables that states from the next on can read.", ()),
    "Comment": ("string", "A remark for people; it has no effect.", ()),
}
OPERATOR_DOCS = {name: (row.operand, row.doc) for name, row in OPERATORS.items()}

PROCESSOR_CONFIG: Words = {
    "Mode": ("string", "Whether iterations run in this execution or as child executions.", ("INLINE", "DISTRIBUTED")),
    "ExecutionType": ("string", "The type of a Distributed Map's child executions.", ("STANDARD", "EXPRESS")),
}
CREDENTIALS: Words = {"RoleArn": ("string", "The role that the task runs with.", ())}
READER: Words = {
    "Resource": ("string", "What reads the items.", ()),
    "ReaderConfig": ("object", "How the items are to be read.", ()),
    "Parameters": ("object", "Where they are: Bucket and Key, or Prefix.", ()),
    "Arguments": ("object", "Where they are: Bucket and Key, or Prefix.", ()),
}
READER_CONFIG: Words = {
    "InputType": ("string", "The format of the file.", ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")),
    "ManifestType": ("string", "Which kind of manifest it is.", ("ATHENA_DATA", "S3_INVENTORY")),
    "Transformation": ("string", "Whether the objects of a listing are read, too.", ("NONE", "LOAD_AND_FLATTEN")),
    "CSVDelimiter": ("string", "What is between two fields.", ("COMMA", "PIPE", "SEMICOLON", "TAB", "SPACE")),
    "CSVHeaderLocation": ("string", "Where the names of the fields are.", ("FIRST_ROW", "GIVEN")),
    "CSVHeaders": ("array", "The names of the fields.", ()),
    "ItemsPointer": ("string", "Where in a JSON file the array is: a JSON Pointer.", ()),
    "MaxItems": ("integer", "How many items are read at most.", ()),
    "MaxItemsPath": ("path", "A path to that number.", ()),
}
WRITER: Words = {
    "Resource": ("string", "What writes the results.", ()),
    "WriterConfig": ("object", "How they are to be written.", ()),
    "Parameters": ("object", "Where to: Bucket and Prefix.", ()),
    "Arguments": ("object", "Where to: Bucket and Prefix.", ()),
}
WRITER_CONFIG: Words = {
    "OutputType": ("string", "The format of the files.", ("JSON", "JSONL")),
    "Transformation": ("string", "What of a child execution is written.", ("NONE", "COMPACT", "FLATTEN")),
}
BATCHER: Words = {
    "MaxItemsPerBatch": ("integer", "How many items each child execution gets at most.", ()),
    "MaxItemsPerBatchPath": ("path", "A path to that number.", ()),
    "MaxInputBytesPerBatch": ("integer", "How many bytes each child execution gets at most.", ()),
    "MaxInputBytesPerBatchPath": ("path", "A path to that number.", ()),
    "BatchInput": ("object", "What each child execution gets beside its items.", ()),
}
