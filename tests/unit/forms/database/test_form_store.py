from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from helpers import sheets
from helpers.postgres import postgres_server
from tenfold.errors import FormError

pytest.importorskip("sqlalchemy")

from tenfold.forms.database.form_records import Page
from tenfold.forms.database.form_store import FormStore


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FormStore]:
    """An empty database, of both kinds."""
    url: str | Path = tmp_path / "form.sqlite"
    if request.param == "postgresql":
        import sqlalchemy

        server = request.getfixturevalue("server_url")
        name = f"test_{abs(hash(request.node.name)) % 10**9}"
        engine = sqlalchemy.create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        url = server.replace("/postgres?", f"/{name}?")
    opened = FormStore(url, "log")
    yield opened
    opened.close()


def test_a_sheet_comes_back_with_its_values(store: FormStore) -> None:
    store.add_sheet(sheets.reading(1, a="12", b=""), sheets.template(), "Ada")
    (sheet,) = store.sheets()
    assert (sheet.name, sheet.problem, sheet.template) == ("1.png", None, sheets.template().sha256)
    assert (sheet.values["a"].value, sheet.values["a"].state) == ("12", "filled")
    assert (sheet.values["b"].state, sheet.values["b"].problem) == ("doubtful", "Check it.")
    assert store.known_pages(sheets.template().sha256) == {Page(f"{1:064}", 0)}
    assert store.known_pages("another") == set()
    assert store.template_text(sheets.template().sha256) == sheets.template().text


def test_who_and_when_are_kept_with_crops_and_digits(store: FormStore) -> None:
    store.add_sheet(sheets.reading(1, a="12"), sheets.template(), "Ada")
    store.correct(Page(f"{1:064}", 0), "a", "13", "Grace")
    with store._database.reading() as connection:
        tables = store._tables
        (sheet,) = connection.execute(tables.sheets.select())
        (row,) = connection.execute(tables.readings.select())
        (correction,) = connection.execute(tables.corrections.select())
    assert (sheet.read_by, correction.corrected_by) == ("Ada", "Grace")
    assert sheet.read_at.endswith("+00:00")
    assert np.frombuffer(row.digits, np.uint8).reshape(-1, 28, 28).shape == (2, 28, 28)
    assert row.crop.startswith(b"\x89PNG")


def test_a_correction_counts_until_it_is_undone_and_survives_another_reading(store: FormStore) -> None:
    page = Page(f"{1:064}", 0)
    store.add_sheet(sheets.reading(1, a="12", b=""), sheets.template(), "Ada")
    first = store.correct(page, "a", "13", "Ada")
    second = store.correct(page, "a", "14", "Ada")
    store.add_sheet(sheets.reading(1, a="19", b=""), sheets.template(), "Ada")
    (sheet,) = store.sheets()
    assert (sheet.values["a"].value, sheet.values["a"].confidence, sheet.values["a"].correction) == ("14", 1, second)
    store.undo(second, "Ada")
    assert store.sheets()[0].values["a"].value == "13"
    store.undo(first, "Ada")
    assert store.sheets()[0].values["a"].value == "19"
    for gone in (first, second, 99):
        with pytest.raises(FormError, match=f"there is no correction {gone} to undo"):
            store.undo(gone, "Ada")


def test_a_field_corrected_to_nothing_is_empty(store: FormStore) -> None:
    store.add_sheet(sheets.reading(1, a="12"), sheets.template(), "Ada")
    store.correct(Page(f"{1:064}", 0), "a", "", "Ada")
    assert store.sheets()[0].values["a"].state == "empty"


def test_records_cannot_be_changed_or_deleted(store: FormStore) -> None:
    store.add_sheet(sheets.reading(1, a="12"), sheets.template(), "Ada")
    store.correct(Page(f"{1:064}", 0), "a", "13", "Ada")
    for table in store._tables.metadata.sorted_tables:
        key = table.primary_key.columns[0].name
        for statement in (table.delete(), table.update().values({key: "7"})):
            with pytest.raises(FormError, match="records are only added"), store._database.writing() as connection:
                connection.execute(statement)
    assert store.sheets()[0].values["a"].value == "13"


def test_many_writers_at_once_lose_nothing(store: FormStore) -> None:
    store.add_sheet(sheets.reading(1, a="12"), sheets.template(), "Ada")

    def write(name: str) -> None:
        for number in range(10):
            store.correct(Page(f"{1:064}", 0), "a", str(number), name)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("Ada", "Grace", "Edsger")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store._database.reading() as connection:
        assert len(list(connection.execute(store._tables.corrections.select()))) == 30


def test_a_database_of_another_form_is_an_error(store: FormStore, tmp_path: Path) -> None:
    url = store._database._engine.url.render_as_string(hide_password=False)
    with pytest.raises(FormError, match="holds sheets of the form 'log', and the template is of 'survey'"):
        FormStore(url, "survey")
    FormStore(url, "log").close()
