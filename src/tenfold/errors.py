"""The exceptions, and how a message is kept on one line. Imports nothing of tenfold.

    TenfoldError            anything below: `except tenfold.TenfoldError` is enough
    ├── PictureError        bytes or an array that cannot be read as a picture
    ├── DataError           images or labels that break a rule of a data set
    ├── NetworkError        a network's folder, name or setting that cannot be used
    ├── DivergenceError     a weight became infinite or not a number in training
    ├── FormError           a form's template, database or project that cannot be used
    ├── OutputError         a result that cannot be written where it was asked for
    └── ServeError          the server cannot start

Every message states the value found, the rule it breaks and the remedy.
"""


class TenfoldError(Exception):
    """The parent of every error that tenfold raises on purpose."""


class PictureError(TenfoldError):
    """Bytes, a file or an array that cannot be read as a picture."""


class DataError(TenfoldError):
    """Images or labels that break a rule of a data set."""


class NetworkError(TenfoldError):
    """A network's folder, name or setting that cannot be used."""


class DivergenceError(TenfoldError):
    """Training made a weight infinite or not a number."""


class FormError(TenfoldError):
    """A form's template, database or project that cannot be used."""


class OutputError(TenfoldError):
    """A result that cannot be written where it was asked for."""


class ServeError(TenfoldError):
    """The server cannot start: its address cannot be used, or a library is missing."""


def one_line(text: str) -> str:
    """A text as one line for any terminal: line breaks and other unprintable characters are escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
