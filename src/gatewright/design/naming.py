"""From the names in a design to the names in the database, in addresses and in code.

The rules are our own and few: a name that changed with an upgrade of some library would rename a table.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic.alias_generators import to_camel

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

UNCOUNTABLE = frozenset(
    {
        "audio",
        "data",
        "equipment",
        "feedback",
        "information",
        "media",
        "metadata",
        "money",
        "news",
        "police",
        "rice",
        "series",
        "sheep",
        "software",
        "species",
        "staff",
    }
)
IRREGULAR_PLURALS = {
    "analysis": "analyses",
    "axis": "axes",
    "basis": "bases",
    "bus": "buses",
    "child": "children",
    "criterion": "criteria",
    "crisis": "crises",
    "diagnosis": "diagnoses",
    "foot": "feet",
    "gas": "gases",
    "goose": "geese",
    "hero": "heroes",
    "hypothesis": "hypotheses",
    "index": "indexes",
    "lens": "lenses",
    "man": "men",
    "mouse": "mice",
    "ox": "oxen",
    "person": "people",
    "phenomenon": "phenomena",
    "potato": "potatoes",
    "quiz": "quizzes",
    "synopsis": "synopses",
    "thesis": "theses",
    "tomato": "tomatoes",
    "tooth": "teeth",
    "woman": "women",
}
_PLURALS = frozenset(IRREGULAR_PLURALS.values())
_RULES = (
    (re.compile(r"(alias|atlas|bias|canvas|us|ss|sh|ch|x|z)$"), r"\1es"),
    (re.compile(r"s$"), "s"),
    (re.compile(r"(hal|shel|kni|wi|li|lea|thie|wol|loa|sel|cal)fe?$"), r"\1ves"),
    (re.compile(r"([^aeiou]|qu)y$"), r"\1ies"),
    (re.compile(r"$"), "s"),
)


@lru_cache(maxsize=8192)
def snake_case(name: str) -> str:
    """`BlogPost` as `blog_post`, `userID` as `user_id`, `HTTPServer` as `http_server`."""
    return _WORD_BREAK.sub("_", name).lower()


def pascal_case(name: str) -> str:
    """`blog_post` and `BlogPost` as `BlogPost`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


@lru_cache(maxsize=8192)
def camel_case(name: str) -> str:
    """`author_id` and `authorId` as `authorId`: the name in requests and answers, by the rule of the schemas."""
    return to_camel(snake_case(name))


def relation_name(column: str) -> str:
    """The name of the row that a column references: `authorId` as `author`, and `author` as `authorRow`."""
    for ending in ("Id", "_id"):
        if column.endswith(ending) and len(column) > len(ending):
            return camel_case(column.removesuffix(ending))
    return f"{camel_case(column)}Row"


def plural(word: str) -> str:
    """The plural of the last word of *word*, which is in snake_case; a word that is a plural stays as it is."""
    head, separator, last = word.rpartition("_")
    return head + separator + _plural_of_one(last)


def snake_plural(name: str) -> str:
    """The name of the table *name* in the database: `BlogPost` as `blog_posts`."""
    return plural(snake_case(name))


def kebab_plural(name: str) -> str:
    """The last part of the resource's path for *name*: `BlogPost` as `blog-posts`."""
    return snake_plural(name).replace("_", "-")


def _plural_of_one(word: str) -> str:
    if word in UNCOUNTABLE or word in _PLURALS:
        return word
    if word in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[word]
    return next(pattern.sub(ending, word, count=1) for pattern, ending in _RULES if pattern.search(word))
