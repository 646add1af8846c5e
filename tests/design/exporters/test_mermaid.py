"""Mermaid's diagrams."""

from __future__ import annotations

import re

from gatewright.design.exporters.mermaid import export_mermaid
from gatewright.design.relationships import resolved_design
from tests.design.documents import design, table
from tests.design.exporters.designs import hard_design

# The part of mermaid's grammar for erDiagram that an export uses (checked with its own parser, version 11.12).
ENTITY = re.compile(r'  "[^"%\r\n]+" \{')
ATTRIBUTE = re.compile(
    r'    [A-Za-z]+(\([0-9]+(,[0-9]+)?\))? [A-Za-z][A-Za-z0-9_]*( (PK|FK|UK)(, (PK|FK|UK))*)?( "[^"\r\n]*")?'
)
RELATION = re.compile(r'  "[^"%\r\n]+" (\|\||\|o|\}o)--(o\{|o\|) "[^"%\r\n]+" : "[^"\r\n]*"')


def test_every_line_is_one_of_the_grammar() -> None:
    """Names and comments can't open a directive, end a comment or begin another line."""
    lines = export_mermaid(hard_design()).text.splitlines()
    assert lines[0] == "erDiagram"
    strange = [
        line
        for line in lines[1:]
        if line != "  }" and not any(form.fullmatch(line) for form in (ENTITY, ATTRIBUTE, RELATION))
    ]
    assert strange == []
    assert "%%" not in "\n".join(lines)


def test_ends_of_lines_show_how_many_rows_there_are() -> None:
    """A required reference has exactly one, another at most one; of a unique one there is one on each side."""
    lines = export_mermaid(hard_design()).text.splitlines()
    assert '  "User" ||--o{ "Post" : "authorId"' in lines
    assert '  "Odd" |o--o{ "Odd" : "parentId"' in lines
    assert '  "Odd" |o--o| "Odd" : "twinId"' in lines
    assert "    String leftId PK, FK" in lines


def test_a_relation_of_many_with_many_is_its_join_table() -> None:
    """A design has its join tables once it is complete; what the relation is called is not held."""
    tags = {"name": "tags", "type": "ManyToMany", "toTable": "Tag"}
    exported = export_mermaid(resolved_design(design(table("Post", relationships=[tags]), table("Tag"))))
    lines = exported.text.splitlines()
    assert {'  "Post" ||--o{ "PostTag" : "postId"', '  "Tag" ||--o{ "PostTag" : "tagId"'} <= set(lines)
    assert any("relationships" in note and "Post" in note for note in exported.notes)
