from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tenfold.errors import FormError
from tenfold.forms.template import Template, columns_of, load_template, parse_template, template_text

START = '[form]\nname = "log"\nblank = "blank.png"\n'
FIELD = '\n[[field]]\nname = "a"\nbox = [10, 20, 300, 40]\n'


def test_a_template_has_a_name_a_blank_and_fields_with_all_conditions() -> None:
    more = '[[field]]\nname = "b"\nbox = [0, 0, 5, 5]\ndate = "%d/%m/%y"\nmin = 2026-01-01\nrequired = false\n'
    template = parse_template(START + FIELD + 'digits = 4\ndecimals = 1\nmin = -3\nmax = 40.5\ncheck = "luhn"\n' + more)
    assert (template.name, template.blank, template.page) == ("log", "blank.png", None)
    first, second = template.fields
    assert (first.name, first.box, first.line) == ("a", (10, 20, 300, 40), 5)
    assert (first.expectations.digits, first.expectations.decimals, first.expectations.check) == (4, 1, "luhn")
    assert (first.expectations.least, first.expectations.greatest) == (Decimal(-3), Decimal("40.5"))
    assert second.expectations.least == datetime.date(2026, 1, 1)
    assert not second.expectations.required
    assert len(template.sha256) == 64


def test_the_page_of_a_document_stands_behind_a_hash() -> None:
    template = parse_template(START.replace("blank.png", "my form.pdf#2"))
    assert (template.blank, template.page) == ("my form.pdf", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[form", "line 1: not TOML"),
        (START + "[[field]]\nname = \n", "line 5: not TOML"),
        (START + FIELD + "box = [1, 2, 3, 4]\n", "not TOML (Cannot overwrite a value"),
        ("", "line 1: there is no [form]"),
        ('[form]\nname = 3\nblank = "b.png"', "line 2: name is 3: give a text in quotes"),
        ('[form]\nname = "a"', "line 1: blank is None: give a text in quotes"),
        (START.replace("blank.png", "b.pdf#0"), "line 3: blank is 'b.pdf#0': behind # must stand the number of a page"),
        (START.replace("blank.png", "../b.png"), "line 3: blank is '../b.png': it must be a file in the folder"),
        (START.replace("blank.png", "/b.png"), "it must be a file in the folder"),
        (START + 'pages = 2\n', "line 4: 'pages' is not known in [form]: it has name and blank"),
        (START + "[fields]\n", "line 4: 'fields' is not known: it has [form] and [[field]]"),
        (START + "[field]\n", "line 4: 'field' is one table: write [[field]]"),
        (START + "\n[[field]]\nbox = [1, 2, 3, 4]\n", "line 5: the field has no name"),
        (START + FIELD.replace("box = [10, 20, 300, 40]\n", ""), "line 5: the field has no box"),
        (START + FIELD.replace('"a"', '""'), "line 6: name is '': give a text of 1 to 100 characters"),
        (START + FIELD.replace("300", "0"), "line 7: box is [10, 20, 0, 40]: give left, top, width and height"),
        (START + FIELD.replace("300", "3.5"), "line 7: box is [10, 20, 3.5, 40]"),
        (START + FIELD + FIELD, "line 9: field 'a' makes a column 'a', which field 'a' has already: rename it"),
        (START + FIELD.replace('"a"', '"sheet"'), "makes a column 'sheet', which the results themselves has already"),
        (START + FIELD + FIELD.replace('"a"', '"a_state"'), "makes a column 'a_state', which field 'a' has already"),
        (START + FIELD + "digit = 3\n", "line 8: 'digit' is not known in [[field]]: it has name, box, digits"),
        (START + FIELD + 'digits = "3"\n', "line 8: digits is '3': give a whole number"),
        (START + FIELD + "digits = 0\n", "line 8: digits is 0: give a number from 1 to 100 (field 'a')"),
        (START + FIELD + "digits = true\n", "line 8: digits is True: give a whole number"),
        (START + FIELD + 'pattern = "["\n', "line 8: pattern '[' is not a regular expression"),
        (START + FIELD + 'check = "crc"\n', "line 8: check is 'crc': it must be one of luhn, isbn13, mod11, mod97"),
        (START + FIELD + 'allowed = "7"\n', "line 8: allowed is '7': give a list of texts"),
        (START + FIELD + "allowed = []\n", "line 8: allowed is []: give a list of texts"),
        (START + FIELD + "required = 1\n", "line 8: required is 1: give true or false"),
        (START + FIELD + "min = 3\nmax = 2\n", "line 8: min is 3: it must not be above max, 2"),
        (START + FIELD + "min = nan\n", "line 8: min is"),
        (START + FIELD + "min = 2026-01-01\n", "line 8: min is 2026-01-01: give a number"),
        (START + FIELD + 'date = "%d/%m/%y"\nmin = 3\n', "line 9: min is 3: give a date such as 2026-01-31"),
        (START + FIELD + 'date = "%H:%M"\nmax = 3\n', "line 9: max needs a date with day, month and year"),
        (START + FIELD + 'date = "%d %B"\n', "line 8: date is '%d %B': give a format of %d %m %y %Y %H %M"),
        (START + FIELD + 'date = "%y %Y"\n', "give %y or %Y, not both"),
        (START + FIELD + 'date = "%d"\ndigits = 2\n', "line 8: date and digits are both set: keep one"),
        (START + FIELD + "digits = 2\ndecimals = 2\n", "line 9: decimals is 2 of 2 digits"),
        (START + FIELD + 'pattern = "."\nmin = 3\n', "line 9: min and pattern or allowed are both set: keep one"),
    ],
)  # fmt: skip
def test_a_wrong_template_is_one_sentence_with_line_value_and_rule(text: str, message: str) -> None:
    with pytest.raises(FormError) as error:
        parse_template(text)
    assert message in str(error.value)
    assert str(error.value).startswith("form.toml, line ")
    assert "\n" not in str(error.value)


def test_the_line_is_that_of_the_field_with_the_mistake() -> None:
    second = FIELD.replace('"a"', '"b"') + "digits = -1\n"
    with pytest.raises(FormError, match="line 13: digits is -1"):
        parse_template(START + FIELD + "digits = 3\n" + second)


def test_a_box_beyond_the_blank_form_is_an_error() -> None:
    template = parse_template(START + FIELD)
    template.check_boxes(310, 60)
    with pytest.raises(FormError, match=r"line 7: the box \[10, 20, 300, 40\] of field 'a' reaches beyond .* 309 x 60"):
        template.check_boxes(309, 60)


def test_files_that_are_not_templates_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"cannot be read .*tenfold form new"):
        load_template(tmp_path / "form.toml")
    (tmp_path / "form.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FormError, match="cannot be read"):
        load_template(tmp_path / "form.toml")


def test_a_proposed_template_can_be_read_back() -> None:
    text = template_text('a "name" \\', "blank.png", [((1, 2, 3, 4), 6), ((5, 6, 7, 8), None)])
    template = parse_template(text)
    assert isinstance(template, Template)
    assert template.name == 'a "name" \\'
    assert [(one.name, one.box, one.expectations.digits) for one in template.fields] == [
        ("field 1", (1, 2, 3, 4), 6),
        ("field 2", (5, 6, 7, 8), None),
    ]
    assert columns_of("field 1") == ("field 1", "field 1_confidence", "field 1_state")
