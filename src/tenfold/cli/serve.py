"""`tenfold serve`: the web application on this machine, until Ctrl-C."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tenfold.cli.options import Database


def serve(
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="The address to listen on; 0.0.0.0 is every address of this machine."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=65535, help="The port; 0 takes any free one.")
    ] = 8000,
    network: Annotated[
        str | None,
        typer.Option("--network", metavar="NAME|FOLDER", help="The network that reads; by default digits."),
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="URL", help="A site whose pages may call this; can be repeated."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="How many processes read; by default one a processor."),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option(metavar="PREFIX", help="The prefix under which a reverse proxy serves this, such as /digits."),
    ] = "",
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="FOLDER", help="The form whose doubtful fields are checked at /review/."),
    ] = None,
    database: Database = None,
) -> None:
    """Serve a page to draw on, and readings over HTTP, until Ctrl-C; with --project also the review of a form."""
    from tenfold.server import launch

    def ready(url: str, local_only: bool) -> None:
        print(f"tenfold reads on {url}", flush=True)
        if not local_only:
            print("Everyone who can reach this machine can use it.", file=sys.stderr)

    launch.serve(network, host, port, origins or (), ready, workers, root_path, project, database)
