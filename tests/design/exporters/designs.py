"""A design with what is hard to write in another format."""

from __future__ import annotations

from typing import Any

from gatewright.design.document import Design
from tests.generator.designs import EVERY_TYPE, ID, completed, post

HARD_TEXT = "It's \"odd\" <b>&amp;</b> `tick`\nsecond \\ line, %%{init: {}}%% and #quot; ''' /* // */"

ODD: dict[str, Any] = {
    "name": "Odd",
    "description": HARD_TEXT,
    "columns": [
        ID,
        {
            "name": "state",
            "type": "Enum",
            "enumValues": ["on hold", "it's", '"q"', "back\\slash", "OK", "{", "a, b] }"],
            "defaultValue": "it's",
            "description": HARD_TEXT,
        },
        {"name": "level", "type": "Int", "minValue": -1, "maxValue": 9, "defaultValue": -1, "isIndexed": True},
        {"name": "maybe", "type": "String", "defaultValue": HARD_TEXT, "isRequired": False},
        {"name": "parentId", "type": "String", "references": {"table": "Odd", "onDelete": "setNull"}},
        {"name": "twinId", "type": "String", "isUnique": True, "references": "Odd"},
        {"name": "amount", "type": "Decimal", "precision": 10, "scale": 2, "defaultValue": "1.50"},
    ],
    "indexes": [{"columns": ["level", "state"], "isUnique": True}, {"columns": ["amount"]}],
}
PAIR: dict[str, Any] = {
    "name": "Pair",
    "columns": [
        {"name": "leftId", "type": "String", "isPrimaryKey": True, "references": "Odd"},
        {"name": "rightId", "type": "String", "isPrimaryKey": True, "references": "Odd"},
        {"name": "secret", "type": "String", "isHidden": True},
    ],
}


def hard_design() -> Design:
    """Every type, names and texts that need quoting, references of all kinds, and the engine's tables."""
    return completed(post(), EVERY_TYPE, ODD, PAIR)
