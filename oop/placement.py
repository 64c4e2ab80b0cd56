"""Names of devices, as torch writes them."""


class device(str):
    """'cpu', 'cuda' or 'cuda:1', as a string that also knows its type and index.

    >>> device("cuda", 1), device("cuda:1").type, device("cpu").index
    ('cuda:1', 'cuda', None)
    """

    __slots__ = ()

    def __new__(cls, name, index=None):
        """The device of a type, or of a type and a number."""
        return super().__new__(cls, name if index is None else f"{name}:{index}")

    @property
    def type(self):
        """'cpu' or 'cuda'."""
        return self.partition(":")[0]

    @property
    def index(self):
        """The number, None where none is given."""
        number = self.partition(":")[2]
        return int(number) if number else None
