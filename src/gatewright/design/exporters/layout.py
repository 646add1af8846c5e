"""Where the boxes of a diagram stand: in columns, with referenced tables left of those that refer to them.

The classic layered way (Sugiyama, Tagawa and Toda, 1981): ranks by longest paths, then lanes for lines that pass a
column, then an order within each column that keeps neighbours near. Written here because the layout engines on PyPI
need Graphviz or NumPy, and none of them promises the same picture for the same design.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

GAP_X = 90
GAP_Y = 28
MARGIN = 24
_LANE = 10
_ROUNDS = 6
_LEAST_HEIGHT = 900

Lane = tuple[str, int]
"""Room in a column for the lines to one box: the box's name, and the column."""

Node = str | Lane


@dataclass(frozen=True, slots=True)
class Box:
    """A place: its left upper corner, and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished layout.

    Attributes:
        boxes: By name.
        lanes: Where lines to a box pass a column.
        column: In which column each box stands.
    """

    boxes: Mapping[str, Box]
    lanes: Mapping[Lane, Box]
    column: Mapping[str, int]
    width: float
    height: float


def lay_out(sizes: Mapping[str, tuple[float, float]], links: Iterable[tuple[str, str]]) -> Layout:
    """A place for each box.

    Args:
        sizes: Width and height of each box, by its name.
        links: Pairs of names: the first refers to the second.
    """
    pairs = sorted({(child, parent) for child, parent in links if child != parent})
    column = _columns(sizes, pairs)
    lanes = _lanes(pairs, column)
    neighbours = _neighbours(pairs, column)
    count = max(column.values(), default=-1) + 1
    stacks: list[list[Node]] = [[] for _ in range(count)]
    for name in sizes:
        stacks[column[name]].append(name)
    for lane in lanes:
        stacks[lane[1]].append(lane)
    _sort(stacks, neighbours)
    return _placed(stacks, sizes, neighbours, column)


def _columns(sizes: Mapping[str, tuple[float, float]], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each box. A rank that is too high for the picture takes several columns."""
    ranks = _ranks(sizes, pairs)
    linked = {name for pair in pairs for name in pair}
    area = sum((width + GAP_X) * (height + GAP_Y) for width, height in sizes.values())
    highest = max(_LEAST_HEIGHT, sqrt(area) * 0.8)
    column: dict[str, int] = {}
    number = 0
    # What has no link at all stands at the end.
    groups = [[name for name in sizes if name in linked and ranks[name] == rank] for rank in sorted({*ranks.values()})]
    for group in [*groups, [name for name in sizes if name not in linked]]:
        filled = 0.0
        for name in group:
            if filled and filled + sizes[name][1] > highest:
                number, filled = number + 1, 0.0
            column[name] = number
            filled += sizes[name][1] + GAP_Y
        number += bool(group)
    return column


def _ranks(names: Iterable[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way from each box over what it refers to; a link that closes a circle does not count."""
    parents: dict[str, list[str]] = defaultdict(list)
    for child, parent in pairs:
        parents[child].append(parent)
    ranks: dict[str, int] = {}
    for name in names:
        _rank(name, parents, ranks)
    return ranks


def _rank(name: str, parents: Mapping[str, list[str]], ranks: dict[str, int]) -> None:
    """Rank *name* and all it leads to. No recursion: a chain of references may be longer than Python's stack."""
    open_now: set[str] = set()
    stack = [name]
    while stack:
        top = stack[-1]
        if top in ranks:
            stack.pop()
            continue
        open_now.add(top)
        waiting = [parent for parent in parents.get(top, ()) if parent not in ranks and parent not in open_now]
        if waiting:
            stack.append(waiting[0])
            continue
        ranks[top] = max((ranks[parent] + 1 for parent in parents.get(top, ()) if parent in ranks), default=0)
        open_now.discard(top)
        stack.pop()


def passed(child: int, parent: int) -> range:
    """The columns between two, in the order in which a line from the child passes them."""
    return range(child - 1, parent, -1) if parent < child else range(child + 1, parent)


def _lanes(pairs: Iterable[tuple[str, str]], column: Mapping[str, int]) -> list[Lane]:
    found = {(parent, number): None for child, parent in pairs for number in passed(column[child], column[parent])}
    return list(found)


def _neighbours(pairs: Iterable[tuple[str, str]], column: Mapping[str, int]) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = defaultdict(list)
    for child, parent in pairs:
        way: list[Node] = [child, *((parent, n) for n in passed(column[child], column[parent])), parent]
        for one, other in itertools.pairwise(way):
            if other not in found[one]:
                found[one].append(other)
                found[other].append(one)
    return found


def _sort(stacks: list[list[Node]], neighbours: Mapping[Node, list[Node]]) -> None:
    """Order each column by where its neighbours stand, to and fro."""
    place: dict[Node, float] = {}
    for stack in stacks:
        _number(stack, place)
    for turn in range(_ROUNDS):
        for stack in stacks if turn % 2 == 0 else reversed(stacks):
            wanted = {node: _mean([place[other] for other in neighbours.get(node, ())], place[node]) for node in stack}
            stack.sort(key=lambda node, wanted=wanted: wanted[node])  # type: ignore[misc]
            _number(stack, place)


def _number(stack: list[Node], place: dict[Node, float]) -> None:
    place.update({node: (i + 0.5) / len(stack) for i, node in enumerate(stack)})


def _placed(
    stacks: list[list[Node]],
    sizes: Mapping[str, tuple[float, float]],
    neighbours: Mapping[Node, list[Node]],
    column: Mapping[str, int],
) -> Layout:
    widths = [max((sizes[node][0] for node in stack if isinstance(node, str)), default=0) for stack in stacks]
    lefts = [MARGIN + sum(widths[:i]) + GAP_X * i for i in range(len(stacks))]
    heights = {node: sizes[node][1] if isinstance(node, str) else _LANE for stack in stacks for node in stack}
    tops = _tops(stacks, heights, neighbours)
    boxes, lanes = {}, {}
    for i, stack in enumerate(stacks):
        for node in stack:
            if isinstance(node, str):
                boxes[node] = Box(lefts[i], tops[node], *sizes[node])
            else:
                lanes[node] = Box(lefts[i], tops[node], widths[i], _LANE)
    width = lefts[-1] + widths[-1] + GAP_X / 2 if stacks else 0
    height = max((box.y + box.height for box in (*boxes.values(), *lanes.values())), default=0)
    return Layout(boxes, lanes, column, width + MARGIN, height + MARGIN)


def _tops(
    stacks: Sequence[Sequence[Node]], heights: Mapping[Node, float], neighbours: Mapping[Node, list[Node]]
) -> dict[Node, float]:
    tops: dict[Node, float] = {}
    for stack in stacks:
        y = 0.0
        for node in stack:
            tops[node] = y
            y += heights[node] + _gap(node)
    for turn in range(_ROUNDS):
        for stack in stacks if turn % 2 == 0 else reversed(stacks):
            _pull(stack, heights, neighbours, tops)
    least = min(tops.values(), default=0)
    return {node: round(top - least + MARGIN, 1) for node, top in tops.items()}


def _pull(
    stack: Sequence[Node], heights: Mapping[Node, float], neighbours: Mapping[Node, list[Node]], tops: dict[Node, float]
) -> None:
    """Move the nodes of a column to the middle of their neighbours, as far as their order leaves room."""
    middles = {
        node: _mean(
            [tops[other] + heights[other] / 2 for other in neighbours.get(node, ())], tops[node] + heights[node] / 2
        )
        for node in stack
    }
    wanted = [middles[node] - heights[node] / 2 for node in stack]
    down = _without_overlaps(stack, wanted, heights)
    mirrored = [-(top + heights[node]) for node, top in zip(stack, wanted, strict=True)]
    up = _without_overlaps(stack[::-1], mirrored[::-1], heights)[::-1]
    for node, low, high in zip(stack, down, up, strict=True):
        tops[node] = (low - high - heights[node]) / 2


def _without_overlaps(stack: Sequence[Node], wanted: Sequence[float], heights: Mapping[Node, float]) -> list[float]:
    """Each place at or after the wanted one, and after the node before."""
    found: list[float] = []
    for i, node in enumerate(stack):
        least = wanted[i]
        if i:
            before = stack[i - 1]
            least = max(least, found[-1] + heights[before] + max(_gap(before), _gap(node)))
        found.append(least)
    return found


def _gap(node: Node) -> float:
    return GAP_Y if isinstance(node, str) else _LANE


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
