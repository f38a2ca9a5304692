"""Streamlit's questions about this machine's own addresses in, no answer and no request out."""

from streamlit import config, net_util

from workbench import app_command


def keep() -> None:
    """From now on nothing is asked of the internet.

    When a page of another site knocks, Streamlit compares where it comes from with this machine's own addresses, and
    asks a server on the internet for one of them. What may knock is in the configuration; the rest is refused.
    """
    net_util.get_external_ip = lambda: None
    if config.get_option("server.address") in app_command.LOOPBACK:
        net_util.get_internal_ip = lambda: None
