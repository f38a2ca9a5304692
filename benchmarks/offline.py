"""Runs a command where only loopback leads anywhere and counts what tries to leave: nothing should.

In a network namespace of its own, with a second interface that swallows and counts every packet meant for elsewhere (a
name look-up included), and with an API key in the shell. Needs root or unprivileged user namespaces, and iproute2.
`python benchmarks/offline.py [COMMAND …]`; without a command: the comparison on the starter workload.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPT = r"""
set -e
ip link set lo up
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6   # else the kernel itself looks for routers and is counted
ip link add elsewhere type veth peer name nobody
ip link set nobody up
ip link set elsewhere arp off up
ip addr add 192.0.2.2/24 dev elsewhere
ip route add default via 192.0.2.1 dev elsewhere onlink
sleep 1   # what the kernel itself says to a new interface
before=$(cat /sys/class/net/elsewhere/statistics/tx_packets)
code=0; "$@" || code=$?
after=$(cat /sys/class/net/elsewhere/statistics/tx_packets)
echo "exit code $code; packets that tried to leave loopback: $((after - before))"
[ "$code" = 0 ] && [ "$after" = "$before" ]
"""


def main() -> int:
    """0 when the command did its work and nothing tried to leave."""
    missing = [tool for tool in ("unshare", "ip", "mount") if not shutil.which(tool)]
    if missing:
        print(f"not shown: {', '.join(missing)} not installed (Debian: iproute2, util-linux)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        default = [sys.executable, "-m", "workbench.cli", "run", str(ROOT / "datasets" / "starter"), "--out", scratch]
        command = sys.argv[1:] or default
        mount = "mount -t sysfs none /sys 2>/dev/null || true\n"  # /sys of the new namespace shows its interfaces
        isolated = ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        environment = {**os.environ, "OPENAI_API_KEY": "sk-key-of-somebody", "OPENAI_BASE_URL": "https://192.0.2.9/v1"}
        return subprocess.run([*isolated, "bash", "-c", mount + SCRIPT, "-", *command], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
