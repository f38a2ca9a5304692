"""The one kernel that notebooks here run in: this interpreter's, whatever else the user or the system has installed."""

from jupyter_client.kernelspec import KernelSpecManager


class OwnKernel(KernelSpecManager):
    """Knows `python3` alone, as the interpreter that asks; others of that name are not looked for."""

    def _kernel_dirs_default(self) -> list[str]:
        return []
