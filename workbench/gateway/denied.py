"""Why a request gets no answer: because of what it asks, or because of what the upstream said."""

AGAIN = frozenset({408, 429, 500, 502, 503, 504, 529})
"""HTTP statuses of an upstream after which another try may help."""

PRIVATE = "privacy"
"""The code of a chat that the run's policy for personal data refuses."""

PRIVATE_STATUS = 451
"""No client tries again after it, and no upstream that is merely down says it."""


class Denied(Exception):
    """The request is not one that the gateway serves, or could not be served."""

    def __init__(self, status: int, code: str, message: str, *, entered: bool = False) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.entered = entered
        """Whether the ledger has it already."""


class Refused(Exception):
    """The upstream gave no answer that can be handed on."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        retries: int,
        wait: float | None = None,
        *,
        unheard: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retries = status, code, message, retries
        self.unheard = unheard
        """Whether the upstream may have answered, and may bill it, although nobody could use the answer."""
        self.wait = wait
        """Seconds that the upstream asked to wait before another try."""

    @property
    def passing(self) -> bool:
        """Whether another try may help."""
        return self.status in AGAIN
