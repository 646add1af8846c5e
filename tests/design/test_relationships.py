"""What relationships stand for in the tables, and what the relations of a design are called."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.completion import complete
from gatewright.design.difference import compare
from gatewright.design.document import Column, Design, OnDelete, Reference
from gatewright.design.relations import relations_of
from gatewright.design.relationships import resolved_design
from gatewright.design.writing import write_design
from tests.design.documents import column, design, problems_of, table
from tests.generator.designs import completed


def _relationship(name: str, kind: str, to: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "toTable": to, **keys}


def _resolved(*tables: dict[str, Any]) -> Design:
    return resolved_design(design(*tables))


def _names(made: Design, table_name: str) -> dict[str, str]:
    """What each relation of a table is called, and where it leads; a list has an s."""
    found = relations_of(made)[table_name]
    return {each.name: each.target.name + ("s" if each.is_list else "") for each in found}


TAGS = _relationship("tags", "ManyToMany", "Tag")


def test_a_one_to_many_is_the_same_as_references() -> None:
    """In the database, where nothing differs, and in the relations, but for the name."""
    short = completed(table("Post", column("authorId", references={"table": "User", "onDelete": "cascade"})))
    posts = _relationship("posts", "OneToMany", "Post", fromTable="User", onDelete="cascade")
    long = completed(
        table("Post", column("authorId"), relationships=[{**posts, "name": "author", "toColumn": "authorId"}])
    )
    assert compare(short, long).is_empty
    assert _names(short, "Post") == _names(long, "Post") == {"author": "User"}


def test_a_one_to_one_is_a_unique_reference_from_either_end() -> None:
    """The key is the end that is referenced."""
    profile = table("Profile", column("userId"))
    ends = [
        {"fromTable": "Profile", "fromColumn": "userId", "toTable": "Person"},
        {"fromTable": "Person", "toTable": "Profile", "toColumn": "userId"},
    ]
    for end in ends:
        made = _resolved(table("Person"), {**profile, "relationships": [{"name": "person", "type": "OneToOne", **end}]})
        holder = made.table("Profile").column("userId")
        assert (holder.is_unique, holder.references) == (True, Reference("Person"))


def test_a_many_to_many_makes_its_join_table() -> None:
    """Both columns are its key, and a row goes with either end. Which end declares it does not matter."""
    made = _resolved(table("Tag"), table("Post", relationships=[TAGS]))
    joined = made.table("PostTag")
    assert [(c.name, c.references, c.is_primary_key) for c in joined.columns] == [
        ("postId", Reference("Post", on_delete=OnDelete.CASCADE), True),
        ("tagId", Reference("Tag", on_delete=OnDelete.CASCADE), True),
    ]
    other = _relationship("posts", "ManyToMany", "Post")
    assert (
        _resolved(table("Tag", relationships=[other]), table("Post", relationships=[TAGS])).table("PostTag") == joined
    )


def test_a_join_table_of_the_design_is_taken_as_it_is() -> None:
    """With its own columns, access rules and actions."""
    own = table(
        "Membership",
        column("personId", isPrimaryKey=True, references="Person"),
        column("teamId", isPrimaryKey=True, references="Team"),
        column("since", "Date"),
    )
    teams = _relationship("teams", "ManyToMany", "Team", throughTable="Membership")
    made = _resolved(table("Person", relationships=[teams]), table("Team"), own)
    assert made.table("Membership") == design(own, table("Person"), table("Team")).table("Membership")
    assert _names(complete(made, []), "Person") == {"memberships": "Memberships", "teams": "Teams"}


def test_a_join_table_follows_the_names_of_its_ends() -> None:
    """A rename of an end is a rename of the join table and its column, and no row is dropped."""
    before = completed(table("Tag"), table("Post", relationships=[TAGS]))
    for how in ({"id": "Post"}, {"renamedFrom": "Post"}):
        after = completed(table("Tag"), table("Article", **how, relationships=[TAGS]))
        difference = compare(before, after)
        assert (difference.added_tables, difference.removed_tables) == ((), ())
        names = {(change.old.name, change.new.name) for change in difference.changed_tables}
        assert ("PostTag", "ArticleTag") in names
        columns = next(c.changed_columns for c in difference.changed_tables if c.new.name == "ArticleTag")
        assert [(each.old.name, each.new.name) for each in columns] == [("postId", "articleId")]


def test_a_table_may_be_related_to_itself() -> None:
    """By a reference and by a join table."""
    children = _relationship("children", "OneToMany", "Node", toColumn="parentId")
    friends = _relationship("friends", "ManyToMany", "Node")
    made = completed(table("Node", column("parentId"), relationships=[children, friends]))
    assert [c.name for c in made.table("NodeFriends").columns] == ["fromNodeId", "toNodeId"]
    assert _names(made, "Node") == {
        "parent": "Node",
        "children": "Nodes",
        "friends": "Nodes",
        "friendsOf": "Nodes",
    }


def test_names_of_relations_are_free_and_keep_their_order() -> None:
    """A further reference between two tables never takes the name of the one before it."""
    made = completed(
        table(
            "Post",
            column("authorId", references="User"),
            column("editorId", references="User"),
            column("author", references="User"),
            column("registryId", references="User"),
        ),
        table("Profile", column("userId", references="User", isUnique=True)),
    )
    assert _names(made, "Post") == {
        "authorRow": "User",
        "editor": "User",
        "authorRowRow": "User",
        "registryRow": "User",
    }
    names = _names(made, "User")
    assert (names["posts"], names["postsByEditor"], names["profile"]) == ("Posts", "Posts", "Profile")


def test_a_relation_over_a_hidden_column_is_not_shown() -> None:
    """From neither end, nor through a join table."""
    hidden = column("authorId", references="User", isHidden=True)
    found = relations_of(completed(table("Post", hidden)))
    assert [each.is_shown for each in found["Post"]] == [False]
    assert [each.is_shown for each in found["User"] if each.target.name == "Post"] == [False]


def test_a_completed_design_is_complete() -> None:
    """Reading and completing a snapshot makes no second join table."""
    made = completed(table("Tag"), table("Post", relationships=[TAGS]))
    assert resolved_design(made) == made
    assert '"PostTag"' in write_design(made)


@pytest.mark.parametrize(
    ("relationship", "path", "message"),
    [
        ({**TAGS, "fromTable": "Other", "toTable": "Tag"}, "fromTable", 'neither end is "Post"'),
        (_relationship("tags", "OneToMany", "Tag"), "toColumn", 'which column of "Tag" refers to "Post"? Name it here'),
        (
            _relationship("author", "OneToMany", "Other", fromColumn="otherId", toColumn="id"),
            "fromTable",
            "Other.id is the one side; swap fromTable and toTable",
        ),
        (_relationship("title", "ManyToMany", "Tag"), "name", '"title" is title in the code, like the column title'),
        (_relationship("metadata", "ManyToMany", "Tag"), "name", "has a special meaning in the generated classes"),
        (
            {**TAGS, "throughTable": "Tagging"},
            "throughTable",
            '"Tagging" would be taggings in the database, like tagging',
        ),
        (
            _relationship("others", "OneToMany", "Post", fromTable="Other", toColumn="otherId", onDelete="cascade"),
            "onDelete",
            'otherId has the onDelete "restrict"; leave one of them out',
        ),
        (
            _relationship("others", "OneToMany", "Post", fromTable="Tag", toColumn="otherId"),
            "",
            "otherId references Other.id, not Tag.id",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_place(relationship: dict[str, Any], path: str, message: str) -> None:
    """One line, at the key that is at fault."""
    other = column("otherId", references={"table": "Other", "onDelete": "restrict"})
    post = table("Post", column("title"), other, relationships=[relationship])
    (problem,) = problems_of(post, table("Tag"), table("Other"), table("tagging", dbName="taggings"))
    assert problem.startswith(f"tables[0].relationships[0]{f'.{path}' if path else ''}: ")
    assert message in problem


def test_a_key_of_several_columns_has_no_join_table() -> None:
    """Nothing would say which of them is meant."""
    both = [column("a", isPrimaryKey=True), column("b", isPrimaryKey=True)]
    pair = {"name": "Pair", "columns": both}
    (problem,) = problems_of(table("Post", relationships=[_relationship("pairs", "ManyToMany", "Pair")]), pair)
    assert "has no key of one column" in problem


def test_columns_are_plain_data() -> None:
    """A made column has the type of the key that it holds, with its length."""
    number = {"name": "Tag", "columns": [column("id", "BigInt", isPrimaryKey=True, defaultValue="autoincrement()")]}
    joined = _resolved(number, table("Post", relationships=[TAGS])).table("PostTag")
    made: Column = joined.column("tagId")
    assert (made.type, made.default_value) == ("BigInt", None)
