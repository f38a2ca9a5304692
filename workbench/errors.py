"""What can go wrong in a way that a user can mend, each with the exit code that the command line returns for it."""

INTERRUPTED = "interrupted; the same command begins again"
"""What is said of a Ctrl-C where there is nothing to go on from."""


class WorkbenchError(Exception):
    """A failure told in one sentence: what was wrong, where, and what to do."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the sentence."""
        return [f"{type(self).__name__}: {self}"]


class BadInput(WorkbenchError):
    """The call or a file is wrong: an unknown name, a value out of range, a broken line."""

    exit_code = 2


class Infrastructure(WorkbenchError):
    """Something the run stands on is not there: an upstream, a key, a process, the disk."""

    exit_code = 3


class Interrupted(WorkbenchError):
    """Ctrl-C on something that can be continued."""

    exit_code = 130


class Stopped(KeyboardInterrupt):
    """The same in a notebook, where it must end all that follows as any interrupt does; says how to go on."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
