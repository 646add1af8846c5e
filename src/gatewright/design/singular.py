"""The singular of the names of tables, as far as the plural gives the same name again."""

from __future__ import annotations

import re

from gatewright.design.naming import IRREGULAR_PLURALS, UNCOUNTABLE, plural

_SINGULARS = {many: one for one, many in IRREGULAR_PLURALS.items()}
_IS_SINGULAR = re.compile("(ss|us|is|alias|atlas|bias|canvas)$")
_WITH_ES = re.compile("(sses|shes|ches|xes|zes|[tnrpm]uses|aliases|atlases|biases|canvases)$")
_ENDINGS = (("ies", "y"), ("ves", "f"), ("s", ""))
_EXCEPTIONS = {
    **{f"{word}s": word for word in ("calorie", "cookie", "lie", "movie", "pie", "tie", "zombie")},
    "knives": "knife",
    "lives": "life",
    "wives": "wife",
}


def singular(word: str) -> str:
    """`categories` as `category`; a word that is no plural stays as it is."""
    if one := _SINGULARS.get(word) or _EXCEPTIONS.get(word):
        return one
    if word in UNCOUNTABLE or word in IRREGULAR_PLURALS or _IS_SINGULAR.search(word):
        return word
    endings = (("es", ""), *_ENDINGS) if _WITH_ES.search(word) else _ENDINGS
    for many, one in endings:
        stem = word.removesuffix(many) + one
        if word.endswith(many) and len(stem) > 1 and plural(stem) == word:
            return stem
    return word
