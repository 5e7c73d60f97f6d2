"""`python -m tenfold` is the command line."""

from tenfold.cli import app

app(prog_name="tenfold")
