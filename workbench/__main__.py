"""`workbench …`: starts the command line, so that a Ctrl-C while that is still being imported is a sentence too."""

import sys

from workbench.errors import INTERRUPTED, Interrupted


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from workbench import cli

        cli.main()
    except KeyboardInterrupt:
        print(f"error: {INTERRUPTED}", file=sys.stderr)
        sys.exit(Interrupted.exit_code)


if __name__ == "__main__":
    main()
