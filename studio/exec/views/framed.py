"""What of a run is shown where one iteration of a Map is looked at, what of it happens elsewhere, and where it failed. Pure."""

from __future__ import annotations

from studio.asl.graph import END, START, Graph, StateNode
from studio.asl.tree import get
from studio.exec.views.run import RunView, Visit

_BAD = frozenset({"failed", "timed-out"})


def taken_of(view: RunView, frame: dict[str, int]) -> frozenset[tuple[str, str]]:
    """The transitions that a run took; inside the Maps of `frame` those of the chosen iterations only."""
    if not frame:
        return view.transitions_taken
    here: dict[str, bool] = {}
    """The states inside those Maps: whether the chosen iterations came to its end."""
    elsewhere: set[str] = set()
    for name, state in view.states.items():
        inside = [v for v in state.visits if any(level in frame for level, _ in v.frame)]
        fitting = [v for v in inside if all(frame.get(level, index) == index for level, index in v.frame)]
        if fitting:
            here[name] = fitting[-1].status == "succeeded"
        elif inside:
            elsewhere.add(name)

    def kept(source: str, target: str) -> bool:
        if source in elsewhere or target in elsewhere:
            return False
        return not (target == END and source in here and not here[source]) or source == START

    return frozenset((source, target) for source, target in view.transitions_taken if kept(source, target))


def failing_of(view: RunView) -> tuple[str, Visit] | None:
    """The state a failed run failed at, with the visit that failed last: the innermost whose failure nothing around it took in."""
    failed = [
        (name, visit) for name, state in view.states.items() for visit in state.visits if visit.status in _BAD and _reached_the_top(visit)
    ]
    inner = [(name, visit) for name, visit in failed if visit.error]
    return max(inner or failed, key=lambda pair: (len(pair[1].frame), pair[1].entered_id), default=None)


def _reached_the_top(visit: Visit) -> bool:
    """Whether what is around a failed visit failed with it: a Map that caught the failure, or began anew and succeeded, did not."""
    owner = visit.owner
    while owner is not None:
        if owner.status not in _BAD or (owner.attempts and visit.entered_id < owner.attempts[-1].scheduled_id):
            return False
        owner = owner.owner
    return True


def distributed(node: StateNode) -> bool:
    """Whether a state is a Map whose iterations are child executions."""
    return node.type == "Map" and get(node.value, ("ItemProcessor", "ProcessorConfig", "Mode")) == "DISTRIBUTED"


def in_children(graph: Graph) -> dict[str, str]:
    """The states whose work is done in child executions, each with the Distributed Map around it: no history of the run names them."""
    found: dict[str, str] = {}
    for node in graph.states.values():
        owner = graph.scopes[node.scope].owner
        while owner is not None and node.name not in found:
            around = graph.states[owner]
            if distributed(around):
                found[node.name] = around.name
            owner = graph.scopes[around.scope].owner
    return found
