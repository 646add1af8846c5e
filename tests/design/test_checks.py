"""What has to fit together in a design."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.core.engine_tables import engine_tables
from tests.design.documents import ENGINE, ID, column, problems_of, table


def _one(*tables: dict[str, Any]) -> str:
    """The only problem of a document with *tables*."""
    (problem,) = problems_of(*tables)
    return problem


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("class", "keyword of Python"),
        ("Import", "keyword of Python"),
        ("None", "keyword of Python"),
        ("Reference", "the reserved word references in SQL"),
        ("GatewrightLimit", "is gatewright_limits in the database"),
        ("gatewright_limit", "is gatewright_limits in the database"),
        ("SqliteMaster", "is sqlite_masters in the database"),
        ("Tests", "the folder tests in the generated code"),
        ("Con", "the folder con in the generated code"),
        ("PgClass", "is pg_classes in the database"),
        ("Doc", "the path /docs, which the server uses itself; choose another name"),
        ("__class__", "is not a name"),
        ("A__b", "is not a name"),
        ("_Post", "is not a name"),
        ("Post_", "is not a name"),
        ("9Lives", "is not a name"),
        ("Blog Post", "is not a name"),
        ("Größe", "is not a name"),
        ("Post\n", "is not a name"),
        ("P" * 64, "is not a name"),
        ("Ab" * 31, "is longer than 63 bytes in the database"),
        ("", "is not a name"),
    ],
)
def test_a_table_can_not_have_such_a_name(name: str, reason: str) -> None:
    """Names are letters, digits and single underscores, and mean nothing else where they will stand."""
    problem = _one(table(name))
    assert problem.startswith("tables[0].name: ")
    assert reason in problem


@pytest.mark.parametrize(
    "name", ["class", "from", "metadata", "modelConfig", "order", "user", "__init__", "a b", "json"]
)
def test_a_column_can_not_have_such_a_name(name: str) -> None:
    """Keywords of Python, words of SQL and what generated classes keep for themselves are refused."""
    assert _one(table("Post", column(name))).startswith("tables[0].columns[1].name: ")


@pytest.mark.parametrize(
    "name", ["body", "title", "position", "type", "name", "value", "status", "date", "role", "email"]
)
def test_everyday_names_are_taken(name: str) -> None:
    """Words that only some databases reserve, or none, are quoted where needed."""
    assert problems_of(table("Post", column(name))) == []


def test_another_name_in_the_database_mends_a_reserved_word() -> None:
    """`order` may be a column, if the database calls it something else."""
    assert problems_of(table("Post", column("order", dbName="sort_order"))) == []


@pytest.mark.parametrize("name", ["gatewright_users", "GATEWRIGHT_x", "alembic_version", "sqlite_sequence"])
def test_the_name_in_the_database_can_not_be_taken_from_others(name: str) -> None:
    """The kernel's tables are reached by no design, under no name."""
    assert "a name with a reserved prefix" in _one(table("Post", dbName=name))


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "\u2028", "", "a" * 64])
def test_names_for_the_database_are_one_line(name: str) -> None:
    """Any other character can be quoted."""
    for problem in (
        _one(table("Post", dbName=name)),
        _one(table("Post", column("x", dbName=name))),
        _one(table("Post", column("x"), indexes=[{"columns": ["x"], "name": name}])),
    ):
        assert "is not a name for the database" in problem


def test_two_tables_or_columns_can_not_have_one_name() -> None:
    """The second is named, and where the first is."""
    assert problems_of(table("Post", column("title"), column("title")), table("Post")) == [
        'tables[0].columns[2].name: there are two columns "title"; the other is tables[0].columns[1]',
        'tables[1].name: there are two tables "Post"; the other is tables[0]',
    ]


def test_names_that_meet_in_the_database_are_found() -> None:
    """Different in the document, the same after snake_case and the plural."""
    assert problems_of(
        table("BlogPost", column("firstName"), column("first_name"), column("x", dbName="first_name")),
        table("blog_posts"),
        table("Other", dbName="Blog_Posts"),
    ) == [
        'tables[0].columns[2].name: is "first_name" in the database, like tables[0].columns[1]; rename one of them',
        'tables[0].columns[3].dbName: is "first_name" in the database, like tables[0].columns[1]; rename one of them',
        'tables[1].name: is "blog_posts" in the database, like tables[0]; rename one of them',
        'tables[2].dbName: is "blog_posts" in the database, like tables[0]; rename one of them',
    ]


def test_a_name_can_not_meet_one_of_the_engines_in_the_database() -> None:
    """A table beside User that is `users` too would be the accounts under another name, without their protection."""
    for raw in (table("Users"), table("Member", dbName="users")):
        (problem,) = problems_of(raw, engine=ENGINE)
        assert "like the engine's User" in problem


@pytest.mark.parametrize(
    ("first", "second", "form"),
    [
        ("address2", "address_2", "address2"),
        ("line2b", "line2_b", "line2B"),
        ("Foo", "foo", "foo"),
    ],
)
def test_columns_that_meet_in_the_code_are_found(first: str, second: str, form: str) -> None:
    """Two columns can't be one attribute of a model, or one field of a body."""
    raw = table("Post", column(first), column(second, dbName="other"))
    message = (
        f'tables[0].columns[2].name: "{second}" is {form} in the code, like tables[0].columns[1]; rename one of them'
    )
    assert problems_of(raw) == [message]


@pytest.mark.parametrize(
    ("first", "second", "form"), [("Foo", "foo", "foo"), ("Foo", "Foos", "/foos"), ("ABC", "a_b_c", "ABC")]
)
def test_tables_that_meet_in_the_code_are_found(first: str, second: str, form: str) -> None:
    """Nor two tables one folder, one class, or one path."""
    message = f'tables[1].name: "{second}" is {form} in the code, like tables[0]; rename one of them'
    assert problems_of(table(first), table(second, dbName="other")) == [message]


def test_a_column_can_not_meet_one_of_the_engines_in_the_code() -> None:
    """It would be `firstName` in every body that has a User."""
    raw = table("User", column("first_name", dbName="other"))
    assert problems_of(raw, engine=tuple(engine_tables())) == [
        "tables[0].columns[1].name: User.first_name is first_name in the code, like the engine column User."
        "firstName; rename it"
    ]


@pytest.mark.parametrize(
    ("raw", "path", "reason"),
    [
        ({"isHidden": True}, "isHidden", "it is part of the row's URL"),
        ({"type": "DateTime", "isUpdatedAt": True}, "isUpdatedAt", "a key cannot change; leave isUpdatedAt out"),
        ({"defaultValue": "a"}, "defaultValue", "every row would have the same key; leave defaultValue out"),
        ({"minLength": 300}, "minLength", "at most 255 characters"),
        ({"type": "Enum", "enumValues": ["a", "b/c"]}, "enumValues[1]", "cannot be in a URL"),
        ({"type": "Enum", "enumValues": [".."]}, "enumValues[0]", "cannot be in a URL"),
    ],
)
def test_a_key_stands_in_an_address(raw: dict[str, Any], path: str, reason: str) -> None:
    """What could not stand there, or would be the same in all rows, is refused."""
    key = {"name": "code", "type": "String", "isPrimaryKey": True, **raw}
    problem = _one({"name": "Post", "columns": [key]})
    assert problem.startswith(f"tables[0].columns[0].{path}: ")
    assert reason in problem


def test_a_part_of_a_key_may_have_a_default_that_can_stand_in_an_address() -> None:
    """As a language may; of a key in one part it would be the only row."""

    def raw(default: str) -> dict[str, Any]:
        return table("Text", column("language", isPrimaryKey=True, defaultValue=default))

    assert problems_of(raw("en")) == []
    assert "cannot be in a URL" in _one(raw("a/b"))


def test_databases_have_their_limits() -> None:
    """Of columns in a table, in a key and in an index."""
    many = [column(f"c{i}") for i in range(1_001)]
    assert _one(table("Post", *many)) == "tables[0].columns: a table can have at most 1000 columns"
    key = [column(f"k{i}", isPrimaryKey=True) for i in range(32)]
    assert _one(table("Post", *key)) == "tables[0].columns: a key can have at most 32 columns"
    wide = {"columns": [f"c{i}" for i in range(33)], "name": "wide"}
    assert _one(table("Post", *many[:40], indexes=[wide])).startswith("tables[0].indexes[0].columns: ")


@pytest.mark.parametrize(
    ("indexes", "message"),
    [
        (
            [{"columns": ["a"]}],
            '[0]: is named "ix_posts_a" in the database, like tables[0].columns[1].isIndexed; rename one of them',
        ),
        (
            [{"columns": ["u"], "isUnique": True}],
            '[0]: is named "uq_posts_u" in the database, like tables[0]',
        ),
        ([{"columns": ["b", "c"]}, {"columns": ["b", "c"]}], '[1]: is named "ix_posts_b_c" in the database'),
        ([{"columns": ["b", "c"]}, {"columns": ["bC"]}], '[1]: is named "ix_posts_b_c" in the database'),
        ([{"columns": ["b"], "name": "IX_posts_a"}], "[0].name: is named"),
        (
            [{"columns": ["b"], "name": "posts"}],
            '[0].name: is named "posts" in the database, like tables[0]; rename one of them',
        ),
        ([{"columns": ["b"], "name": "pk_posts"}], "[0].name: is named"),
        (
            [{"columns": ["b"], "name": "sqlite_x"}],
            '[0].name: is named "sqlite_x" in the database, a name with a reserved',
        ),
        ([{"columns": ["b"], "name": "gatewright_x"}], "[0].name: is named"),
        ([{"columns": ["b"], "name": "ix_refresh_tokens_user_id"}], "[0].name: is named"),
        ([{"columns": ["long" + "g" * 30, "long" + "h" * 30]}], "[0]: is named"),
    ],
)
def test_an_index_needs_a_name_of_its_own(indexes: list[dict[str, Any]], message: str) -> None:
    """All indexes, keys and tables of a database share one place, and so those that columns and the engine bring."""
    columns = [column("a", isIndexed=True), column("b"), column("c"), column("bC"), column("u", isUnique=True)]
    columns += [column("long" + letter * 30) for letter in "gh"]
    (problem,) = problems_of(table("Post", *columns, indexes=indexes), engine=ENGINE)
    assert problem.startswith(f"tables[0].indexes{message}")


def test_indexes_of_two_columns_can_meet() -> None:
    """`posts` and `qs_a`, `posts_q` and `a`."""
    raw = (table("Post", column("q_a", isIndexed=True)), table("X", column("a", isIndexed=True), dbName="posts_q"))
    assert _one(*raw).startswith('tables[1].columns[1].isIndexed: is named "ix_posts_q_a" in the database')


def test_an_index_that_the_engine_has_too_is_no_clash() -> None:
    """The two become one."""
    needed = {"columns": ["userId", "createdAt"]}
    token = {
        "name": "RefreshToken",
        "columns": [
            ID,
            column("userId", isRequired=True, references="User"),
            column("createdAt", "DateTime", defaultValue="now()"),
        ],
        "indexes": [needed],
    }
    assert problems_of(token, engine=ENGINE) == []
    assert "tables[0].indexes[1]: is named" in "".join(
        problems_of({**token, "indexes": [needed, needed]}, engine=ENGINE)
    )


def test_a_reference_gives_no_hidden_value_away() -> None:
    """Who sets a reference learns which values there are, and who reads it reads one of them."""
    target = table("Account", column("secret", isRequired=True, isUnique=True, isHidden=True))

    def to_secret(**keys: Any) -> dict[str, Any]:
        return table("Post", column("x", references={"table": "Account", "column": "secret"}, **keys))

    for keys in ({}, {"isHidden": True, "isInput": True}, {"isReadOnly": True}):
        problem = _one(target, to_secret(**keys))
        assert problem.startswith("tables[1].columns[1].references: Account.secret is hidden")
    for keys in ({"isHidden": True}, {"isHidden": True, "isReadOnly": True}):
        assert problems_of(target, to_secret(**keys)) == []


def test_a_reference_has_no_default_that_no_row_can_have() -> None:
    """A new identifier names nothing that is listed twice."""
    problem = _one(table("Account"), table("Post", column("x", references="Account", defaultValue="cuid()")))
    assert problem == 'tables[1].columns[1].references: "cuid()" refers to no row; leave defaultValue out'


@pytest.mark.parametrize(
    ("raw", "key", "reason"),
    [
        (column("x", "Boolean", maxLength=5), "maxLength", "is only for String, Text, Bytes"),
        (column("x", "Int", minLength=0), "minLength", "is only for String, Text, Bytes"),
        (column("x", minValue=0), "minValue", "is only for Int"),
        (column("x", "Int", pattern="a"), "pattern", "is only for String, Text"),
        (column("x", "Int", precision=5), "precision", "is only for Decimal"),
        (column("x", enumValues=["a"]), "enumValues", "is only for Enum"),
        (column("x", isUpdatedAt=True), "isUpdatedAt", "is only for DateTime"),
        (column("x", "Json", isUnique=True), "isUnique", "is only for"),
        (column("x", "Text", isIndexed=True), "isIndexed", "is only for"),
        (column("x", minLength=5, maxLength=4), "maxLength", "is less than minLength"),
        (column("x", maxLength=0), "maxLength", "is 0, so no value fits"),
        (column("x", maxLength=20_000), "maxLength", "use the type Text"),
        (column("x", "Int", minValue=2, maxValue=1), "maxValue", "is less than minValue"),
        (column("x", "Int", minValue=0.5), "minValue", "is not a whole number"),
        (column("x", "Int", maxValue=2**31), "maxValue", "fits Int"),
        (column("x", "Decimal", scale=2), "scale", "needs precision"),
        (column("x", "Decimal", precision=2, scale=3), "scale", "at most precision"),
        (column("x", "Decimal", precision=66), "precision", "from 1 to 65"),
        (column("x", "Decimal", precision=4, scale=2, minValue=100), "minValue", "excludes every number"),
        (column("x", "Decimal", precision=4, scale=2, maxValue=-100), "maxValue", "excludes every number"),
        (
            column("x", "Decimal", precision=4, scale=1, minValue=0.11, maxValue=0.19),
            "maxValue",
            "excludes every number",
        ),
        (column("x", "Decimal", minValue=1e300), "minValue", "more than 65 digits"),
        (column("x", "Decimal", defaultValue="1e70"), "defaultValue", "the 65 of a Decimal"),
        (column("x", minLength=20_000), "minLength", "use the type Text"),
        (column("x", maxLength=5, defaultValue="cuid()"), "defaultValue", "is longer than maxLength"),
        (column("x", pattern="^[A-Z]+$", defaultValue="uuid()"), "defaultValue", "does not match pattern"),
        (column("x", "Bytes", minLength=3, defaultValue="AA=="), "defaultValue", "is shorter than minLength"),
        (column("x", "Date", defaultValue="0000-01-01"), "defaultValue", "does not have the form"),
        (column("x", "DateTime", defaultValue="0001-01-01T00:00:00+14:00"), "defaultValue", "does not have the form"),
        (column("x", "DateTime", defaultValue="9999-12-31T23:00:00-14:00"), "defaultValue", "does not have the form"),
        (column("xmin"), "name", "a column that every table has already"),
        (column("x", dbName="ctid"), "name", "a column that every table has already"),
        (column("x", "Enum"), "enumValues", "list the values of the Enum"),
        (column("x", "Enum", enumValues=["a", "a"]), "enumValues[1]", '"a" is listed twice'),
        (column("x", "Enum", enumValues=["a\nb"]), "enumValues[0]", "on one line"),
        (column("x", "Enum", enumValues=["é" * 32]), "enumValues[0]", "63 bytes"),
        (column("x", "Enum", enumValues=["a"], defaultValue="b"), "defaultValue", "is not one of enumValues"),
        (column("x", pattern="(a"), "pattern", "is not a regular expression"),
        (column("x", pattern="(?=a)"), "pattern", "without look-around"),
        (column("x", pattern=r"(a)\1"), "pattern", "back references"),
        (column("x", pattern="^[a-z]+$", defaultValue="A"), "defaultValue", "does not match pattern"),
        (column("x", maxLength=2, defaultValue="abc"), "defaultValue", "is longer than maxLength"),
        (column("x", minLength=2, example="a"), "example", "is shorter than minLength"),
        (column("x", "Int", minValue=1, defaultValue="0"), "defaultValue", "is less than minValue"),
        (column("x", "Decimal", maxValue=1, defaultValue="1.01"), "defaultValue", "is more than maxValue"),
        (column("x", "Decimal", precision=3, scale=1, defaultValue="1.25"), "defaultValue", "more digits than"),
        (column("x", "Decimal", precision=3, scale=1, defaultValue=100), "defaultValue", "more digits than"),
        (column("x", "Boolean", defaultValue="maybe"), "defaultValue", "neither true nor false"),
        (column("x", "Int", defaultValue="cuid()"), "defaultValue", "is a default for String, Text"),
        (column("x", "Int", defaultValue="autoincrement()"), "defaultValue", "needs a key of one column"),
        (column("x", defaultValue=None), "defaultValue", "leave the key out"),
        (column("x", isInput=True), "isInput", "is only for columns of User and hidden columns"),
        (column("x", dbType="text; DROP TABLE x"), "dbType", "is not a type of a database"),
        (column("x", dbType="varchar(10) CHECK (1)"), "dbType", "is not a type of a database"),
        (column("x", maxLength=-1), "maxLength", "must be a whole number, 0 or greater"),
        (column("x", maxLength=True), "maxLength", "must be a whole number, 0 or greater"),
        (column("x", isUnique="yes"), "isUnique", 'must be true or false, not "yes"'),
    ],
)
def test_what_is_said_of_a_column_has_to_fit(raw: dict[str, Any], key: str, reason: str) -> None:
    """One line, at the key that does not fit, with the reason."""
    problem = _one(table("Post", raw))
    assert problem.startswith(f"tables[0].columns[1].{key}: ")
    assert reason in problem


@pytest.mark.parametrize("db_type", ["varchar(40)", "numeric(10, 2)", "double precision", "citext", "text[]"])
def test_types_of_databases_are_taken(db_type: str) -> None:
    """What databases call their types passes."""
    assert problems_of(table("Post", column("x", dbType=db_type))) == []


def test_a_pattern_can_not_hang_the_check() -> None:
    """A pattern that makes a backtracking engine try for ages is judged in linear time."""
    assert "does not match" in _one(table("Post", column("x", pattern="^(a+)+$", defaultValue="a" * 5_000 + "!")))


def test_a_table_needs_columns_and_a_key() -> None:
    """Without a key no row can be named."""
    assert _one({"name": "Post", "columns": []}) == "tables[0].columns: a table needs at least one column"
    assert _one({"name": "Post", "columns": [column("title")]}).startswith("tables[0].columns: there is no primary key")


def test_several_columns_make_a_composite_key() -> None:
    """Both are the key; alone neither can be referred to, and neither counts up."""
    pair = [column("a", "Int", isPrimaryKey=True), column("b", "Int", isPrimaryKey=True)]
    assert problems_of({"name": "Pair", "columns": pair}) == []
    found = problems_of(
        {"name": "Pair", "columns": [{**pair[0], "defaultValue": "autoincrement()"}, pair[1]]},
        table("Post", column("pairA", "Int", references={"table": "Pair", "column": "a"})),
    )
    assert found == [
        "tables[0].columns[0].defaultValue: autoincrement() needs a key of one column",
        "tables[1].columns[1].references: Pair.a cannot be referenced, since it is neither the key nor unique",
    ]


@pytest.mark.parametrize("column_type", ["Text", "Json", "Bytes", "Float", "Boolean"])
def test_not_every_type_makes_a_key(column_type: str) -> None:
    """What has no fixed length, or too few values, is no key."""
    found = _one({"name": "Post", "columns": [column("x", column_type, isPrimaryKey=True)]})
    assert found.startswith("tables[0].columns[0].isPrimaryKey: is only for ")


def test_references_lead_to_a_column_of_the_same_type() -> None:
    """A missing table, a missing column, another type and a column that is not unique are told apart."""
    found = problems_of(
        table("User", column("nick"), column("mail", isUnique=True)),
        table(
            "Post",
            column("a", references="Usr"),
            column("b", references={"table": "User", "column": "nik"}),
            column("c", "Int", references="User"),
            column("d", references={"table": "User", "column": "nick"}),
            column("e", references={"table": "User", "column": "mail"}),
            column("f", references={"table": "User", "onDelet": "cascade"}),
            column("g", references={"table": "User", "onDelete": "delete"}),
            column("h", references="Post"),
        ),
    )
    assert found == [
        'tables[1].columns[1].references: no table "Usr"; did you mean "User"?',
        'tables[1].columns[2].references: no column "nik" in "User"; did you mean "nick"?',
        "tables[1].columns[3].references: User.id is String, but this column is Int",
        "tables[1].columns[4].references: User.nick cannot be referenced, since it is neither the key nor unique",
        'tables[1].columns[6].references.onDelet: unknown key; did you mean "onDelete"?',
        'tables[1].columns[7].references.onDelete: no action "delete"',
    ]


def test_set_null_needs_a_column_that_may_be_null() -> None:
    """Deleting the row there could only fail."""
    reference = {"table": "User", "onDelete": "setNull"}
    assert problems_of(table("User"), table("Post", column("a", references=reference))) == []
    for keys in ({"isRequired": True}, {"defaultValue": "x"}):
        assert "setNull" in _one(table("User"), table("Post", column("a", references=reference, **keys)))


def test_indexes_name_columns_that_can_be_indexed() -> None:
    """A missing column, a column twice, one without a length, and none at all."""
    found = problems_of(
        table(
            "Post",
            column("title"),
            column("body", "Text"),
            indexes=[
                {"columns": ["titel"]},
                {"columns": ["title", "title"]},
                {"columns": ["body"]},
                {"columns": []},
                {"isUnique": True},
                {"columns": ["title"], "name": "by_title"},
                {"columns": ["id"], "name": "BY_TITLE"},
            ],
        )
    )
    assert found == [
        'tables[0].indexes[0].columns[0]: no column "titel" in "Post"; did you mean "title"?',
        'tables[0].indexes[1].columns[1]: "title" is listed twice',
        'tables[0].indexes[2].columns[0]: "body" is Text, a type that some databases cannot index',
        "tables[0].indexes[3].columns: an index needs at least one column",
        "tables[0].indexes[4].columns: is missing",
        'tables[0].indexes[6].name: is named "BY_TITLE" in the database, like tables[0].indexes[5].name; '
        "rename one of them",
    ]


@pytest.mark.parametrize(
    "where", ["", " ", "a = 1; DROP TABLE x", "a = 1 -- x", "a /* x", "a = 'x", "a)", "(a", "a\nb"]
)
def test_a_condition_of_an_index_is_one_condition(where: str) -> None:
    """What could end the statement, or hide in it, is refused."""
    raw = table("Post", column("a"), indexes=[{"columns": ["a"], "where": where}])
    assert _one(raw).startswith("tables[0].indexes[0].where: ")


def test_owner_rules_need_a_column_that_says_whose_a_row_is() -> None:
    """Without one, `owner` would let nobody in, or everybody."""
    author = column("authorId", references="User")
    user = table("User")
    assert _one(user, table("Post", author, access={"read": "owner"})) == (
        'tables[1].access.read: "owner" needs ownerColumn as well, such as "ownerColumn": "authorId"'
    )
    assert "a reference to User" in _one(user, table("Post", access={"list": ["owner"]}))
    assert "no column" in _one(user, table("Post", author, access={"ownerColumn": "autorId"}))
    assert "did you mean" in _one(user, table("Post", author, access={"ownerColumn": "autorId"}))
    assert "does not reference User" in _one(user, table("Post", column("title"), access={"ownerColumn": "title"}))
    parent = column("parentId", references="Post")
    assert "does not reference User" in _one(user, table("Post", parent, access={"ownerColumn": "parentId"}))


def test_nobody_without_an_account_can_create_a_row_that_needs_an_owner() -> None:
    """The column would have nothing to be set to."""
    access = {"create": "public", "ownerColumn": "authorId"}
    required = table("Post", column("authorId", isRequired=True, references="User"), access=access)
    optional = table("Post", column("authorId", references="User"), access=access)
    assert _one(table("User"), required).startswith("tables[1].access.create: ")
    assert problems_of(table("User"), optional) == []


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("pubic", 'did you mean "public"?'),
        ("admin", 'did you mean "role:ADMIN"?'),
        ("role:", "no rule"),
        ("role:a b", "no rule"),
        ("role:ADMIN\n", "no rule"),
        ("role:'; DROP", "no rule"),
        ("Public", 'did you mean "public"?'),
        (["none", "public"], '"none" cannot be combined'),
        (["owner", "owner"], "lists a rule twice"),
        ([["public"]], "must be a string"),
        (5, "must be a list"),
        ("role:" + "x" * 200, "no rule"),
    ],
)
def test_rules_are_of_the_vocabulary(rules: object, reason: str) -> None:
    """An access rule that is not understood must never pass for one that is."""
    problem = _one(table("Post", access={"list": rules}))
    assert problem.startswith("tables[0].access.list")
    assert reason in problem


def test_clients_can_only_be_let_set_what_they_may() -> None:
    """`isInput` does not get past read-only, keys and times of change."""
    assert "isReadOnly" in _one(table("User", column("x", isInput=True, isReadOnly=True)))
    assert "an isUpdatedAt column" in _one(table("User", column("x", "DateTime", isInput=True, isUpdatedAt=True)))
    assert "a key" in _one({"name": "User", "columns": [{**ID, "isInput": True}]})


def test_relationships_name_tables_and_columns_that_are_there() -> None:
    """Both ends are looked up; a join table may still have to be made."""
    good = {"name": "tags", "type": "ManyToMany", "toTable": "Tag", "throughTable": "PostTag"}
    assert problems_of(table("Tag"), table("Post", relationships=[good])) == []
    for change, reason in (
        ({"toTable": "Tga"}, 'no table "Tga"; did you mean "Tag"?'),
        ({"toColumn": "ident"}, 'no column "ident" in "Tag"'),
        ({"fromTable": "Pst"}, 'did you mean "Post"?'),
        ({"type": "ManyToOne"}, 'no relationship type "ManyToOne"'),
        ({"type": "OneToOne"}, "only a ManyToMany has a throughTable; leave it out"),
    ):
        assert reason in _one(table("Tag"), table("Post", relationships=[{**good, **change}]))
