"""Write the generated pages of the reference: docs/reference/cli.md, python.md and http.md (`make docs` runs this).

A test compares the pages with what this computes, so a stale page fails it.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import tenfold
from tenfold import adaptation, batch

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
COMMANDS = [
    *("", "read", "batch", "form", "form new", "form read", "form export"),
    *("train", "train article", "train digits", "evaluate", "ladder", "serve"),
]
STARS: dict[int, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
SECTIONS = {"Args:": "Arguments", "Attributes:": "Attributes", "Returns:": "Returns", "Raises:": "Raises"}


def main() -> None:
    """Write the three pages."""
    for name, text in pages().items():
        (REFERENCE / name).write_text(text)


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {"cli.md": cli_page(), "python.md": python_page(), "http.md": http_page()}


def cli_page() -> str:
    """The help of every command."""
    parts = [
        "# Command line",
        "",
        "Results go to stdout, progress and advice to stderr. `-` stands for standard input.",
        "",
        "| exit status | meaning |",
        "|---:|---|",
        "| 0 | everything was read or done |",
        "| 1 | some picture could not be read, or the command failed |",
        "| 2 | wrong usage |",
        "| 3 | all pictures were read, but some readings are doubtful |",
        "| 130 | interrupted by Ctrl-C |",
        "",
        "Shell completion: `tenfold --install-completion`.",
    ]
    for command in COMMANDS:
        line = [sys.executable, "-m", "tenfold", *command.split(), "--help"]
        environment = os.environ | {"COLUMNS": "100", "TERM": "dumb"}
        done = subprocess.run(line, capture_output=True, text=True, check=True, env=environment)
        text = "\n".join(row.rstrip() for row in done.stdout.strip().splitlines())
        parts += ["", f"## tenfold {command}".rstrip(), "", "```text", text, "```"]
    return "\n".join(parts) + "\n"


def python_page() -> str:
    """Every public name, with its signature and docstring."""
    parts = [
        "# Python",
        "",
        "Everything public is an attribute of `tenfold`, or of `tenfold.batch` or `tenfold.adaptation`, which are "
        "imported by themselves. "
        "Names are loaded at first use, so that the import is fast.",
    ]
    public = [(name, getattr(tenfold, name)) for name in tenfold.__all__]
    for module in (adaptation, batch):
        package = module.__name__.removeprefix("tenfold.")
        public += [(f"{package}.{name}", getattr(module, name)) for name in module.__all__]
    for name, value in public:
        parts += ["", f"## {name}", "", *_signature(name, value), *_markdown(inspect.getdoc(value) or "")]
        if inspect.isclass(value) and not issubclass(value, Exception):
            for method, member in _members(value):
                function = member.fget if isinstance(member, property) else member
                signature = [] if isinstance(member, property) else _signature(f"{name}.{method}", member)
                parts += ["", f"### {name}.{method}", "", *signature, *_markdown(inspect.getdoc(function) or "")]
    return "\n".join(parts).rstrip() + "\n"


def _members(value: type) -> list[tuple[str, Any]]:
    """The public methods and properties of a class that have a docstring, inherited ones included."""
    found = [(name, inspect.getattr_static(value, name)) for name in dir(value) if not name.startswith("_")]
    members = [
        (name, member.__func__ if isinstance(member, classmethod | staticmethod) else member)
        for name, member in found
        if inspect.isfunction(member) or isinstance(member, classmethod | property)
    ]
    return [(name, member) for name, member in members if inspect.getdoc(member)]


def _signature(name: str, value: Any) -> list[str]:
    if inspect.isclass(value) and issubclass(value, Exception):
        return []
    signature = inspect.signature(value)
    arguments = [
        f"{STARS.get(int(parameter.kind), '')}{parameter.name}"
        + ("" if parameter.annotation is parameter.empty else f": {parameter.annotation}")
        + ("" if parameter.default is parameter.empty else f" = {parameter.default!r}")
        for parameter in signature.parameters.values()
        if parameter.name not in {"self", "cls"}
    ]
    result = signature.return_annotation
    arrow = "" if inspect.isclass(value) or result is signature.empty else f" -> {result}"
    return ["```text", f"{name}({', '.join(arguments)}){arrow}", "```", ""]


def _markdown(docstring: str) -> list[str]:
    """A Google-style docstring as Markdown: its sections become bold titles with lists."""
    lines: list[str] = []
    in_section = False
    for line in docstring.splitlines():
        if line in SECTIONS:
            lines += [f"**{SECTIONS[line]}**", ""]
            in_section = True
        elif in_section and (entry := re.match(r"    (\*{0,2}[\w, ]+): (.*)", line)):
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif in_section and line.startswith("    "):
            text = line.removeprefix("    ")
            lines.append(f"  {text.strip()}" if lines[-1] else text)
        else:
            in_section = in_section and not line
            lines.append(line)
    return [line.rstrip() for line in lines]


def http_page() -> str:
    """Every route of the web application, from its OpenAPI description."""
    from tenfold.server.app import create_app

    described = create_app(tenfold.Reader()).openapi()
    parts = [
        "# HTTP",
        "",
        "`tenfold serve` starts the server at http://127.0.0.1:8000; `/openapi.json` is the description in full.",
        'Errors are one JSON object, `{"error": "..."}`, with the status that the route lists.',
    ]
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            parts += ["", f"## {method.upper()} {path}", "", f"{route.get('summary', '')}.".replace("..", ".")]
            if description := route.get("description"):
                parts += ["", description]
            for parameter in route.get("parameters", []):
                parts += ["", f"- `{parameter['name']}` ({parameter['in']}): {_kind(parameter['schema'])}"]
            if body := route.get("requestBody"):
                parts += ["", "Body: " + ", ".join(f"`{kind}`" for kind in body["content"]) + "."]
            parts += ["", "| status | answer |", "|---:|---|"]
            for status, answer in sorted(route.get("responses", {}).items()):
                contents: list[dict[str, Any]] = list(answer.get("content", {}).values())
                schema = contents[0].get("schema", {}) if contents else {}
                parts.append(f"| {status} | {_link(schema) or answer.get('description', '')} |")
    parts += ["", "## Objects"]
    for name, schema in sorted(described.get("components", {}).get("schemas", {}).items()):
        parts += [
            "",
            f"### {name}",
            "",
            schema.get("description", ""),
            "",
            "| field | type | meaning |",
            "|---|---|---|",
        ]
        for field, kind in schema.get("properties", {}).items():
            parts.append(f"| `{field}` | {_kind(kind)} | {kind.get('description', '')} |")
    return "\n".join(parts) + "\n"


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return _link(schema) or str(schema.get("type", "any"))


def _link(schema: dict[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return f"[{name}](#{name.lower()})" if name else ""


if __name__ == "__main__":
    main()
