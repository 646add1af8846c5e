"""Consistency of a design: names, types, references, relationships, access rules."""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.design.checks.columns import check_columns
from gatewright.design.checks.expressions import check_expressions
from gatewright.design.checks.foreign_keys import check_foreign_keys
from gatewright.design.checks.indexes import check_indexes
from gatewright.design.checks.keys import check_keys
from gatewright.design.checks.links import check_links
from gatewright.design.checks.names import check_names
from gatewright.design.checks.relationships import check_relationships
from gatewright.design.checks.soft_deletion import check_soft_deletion
from gatewright.design.document import Design, Table
from gatewright.design.problems import Problems
from gatewright.design.relationships import resolved_design

__all__ = ["check"]


def check(design: Design, problems: Problems, *, engine: Sequence[Table] = ()) -> None:
    """Note what does not fit together in *design*.

    A place with a problem already is skipped: one mistake gives one line.

    Args:
        engine: Tables that the design may refer to without holding them.
    """
    known = len(problems.found)
    check_relationships(design, problems, engine)
    if len(problems.found) == known:
        design = resolved_design(design, engine)
    check_names(design, problems, engine)
    check_columns(design, problems)
    check_keys(design, problems)
    check_links(design, problems, engine)
    check_indexes(design, problems, engine)
    check_foreign_keys(design, problems, engine)
    check_expressions(design, problems)
    check_soft_deletion(design, problems)
