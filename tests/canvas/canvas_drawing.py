"""What a readable drawing of a scene is, as a list of complaints (empty for a good one)."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise

from studio.canvas.geometry import Point, Rect
from studio.canvas.scene import Edge, Scene


def complaints(scene: Scene) -> list[str]:
    found: list[str] = []
    by_scope = defaultdict(list)
    for node in scene.nodes.values():
        by_scope[node.scope].append(node)
    edges = defaultdict(list)
    for edge in scene.edges.values():
        edges[edge.scope].append(edge)

    page = Rect(0, 0, scene.width, scene.height)
    for scope, nodes in by_scope.items():
        for a, b in combinations(nodes, 2):
            if a.rect.overlaps(b.rect):
                found.append(f"{a.id} overlaps {b.id}")
        room = page if nodes[0].parent is None else _lane(scene, nodes[0].parent, scope)
        found += [f"{node.id} sticks out" for node in nodes if not room.contains(node.rect)]
        labels = [edge for edge in edges[scope] if edge.label_box]
        for a, b in combinations(labels, 2):
            if a.label_box.overlaps(b.label_box):
                found.append(f"label of {a.id} overlaps label of {b.id}")
        for edge in labels:
            if not room.contains(edge.label_box):
                found.append(f"label of {edge.id} sticks out")
            found += [f"label of {edge.id} overlaps {node.id}" for node in nodes if edge.label_box.overlaps(node.rect)]
            found += [
                f"{other.id} runs through the label of {edge.id}"
                for other in edges[scope]
                if other.id != edge.id and other.target_id != edge.target_id and _crosses(other, edge.label_box)
            ]
        for edge in edges[scope]:
            found += _edge(scene, edge, room)
            found += [f"{edge.id} runs through {node.id}" for node in nodes if _crosses(edge, node.rect)]
    return found


def _lane(scene: Scene, parent: str, scope: str) -> Rect:
    node = scene.nodes[parent]
    index = scope.removeprefix(parent + "/").split("/")[1]
    return node.branches[int(index)] if index.isdigit() else node.branches[0]


def _edge(scene: Scene, edge: Edge, room: Rect) -> list[str]:
    found = []
    for a, b in pairwise(edge.points):
        if (a.x != b.x) == (a.y != b.y):
            found.append(f"{edge.id} is not orthogonal: {a} {b}")
    if any(not (room.x <= p.x <= room.right and room.y <= p.y <= room.bottom) for p in edge.points):
        found.append(f"{edge.id} leaves its container")
    source, target = scene.nodes[edge.source_id].rect, scene.nodes[edge.target_id].rect
    if not _on_border(source, edge.points[0]) or not _on_border(target, edge.points[-1]):
        found.append(f"{edge.id} does not join its nodes")
    if edge.points[-1].y != target.y:
        found.append(f"{edge.id} does not enter at the top")
    if edge.kind == "catch" and edge.points[0].x != source.right:
        found.append(f"{edge.id} does not leave at the right")
    return found


def _on_border(rect: Rect, point: Point) -> bool:
    inside = rect.x <= point.x <= rect.right and rect.y <= point.y <= rect.bottom
    return inside and (point.x in (rect.x, rect.right) or point.y in (rect.y, rect.bottom))


def _crosses(edge: Edge, rect: Rect) -> bool:
    for a, b in pairwise(edge.points):
        low_x, high_x = min(a.x, b.x), max(a.x, b.x)
        low_y, high_y = min(a.y, b.y), max(a.y, b.y)
        if low_x < rect.right and high_x > rect.x and low_y < rect.bottom and high_y > rect.y:
            return True
    return False
