"""Whether visitors must sign in, in; whether this one may see the pages, or the invitation to sign in, out.

Streamlit does the signing in, by OpenID Connect; Authlib and a file of secrets are what it needs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from workbench.pages import show

SIGN_IN = "--sign-in"

NEEDED = ("client_id", "client_secret", "server_metadata_url")
"""Of each provider; `redirect_uri` and `cookie_secret` are all providers'."""


def providers(auth: Mapping[str, Any]) -> list[str]:
    """Names under which `st.login` knows those of a section `[auth]`: `default`, or one for each table below it."""
    if all(name in auth for name in NEEDED):
        return ["default"]
    return [
        name
        for name, section in auth.items()
        if isinstance(section, Mapping) and all(needed in section for needed in NEEDED)
    ]


def passed(arguments: Sequence[str]) -> bool:
    """Whether the visitor may see the pages. Without `--sign-in`, everybody may."""
    if SIGN_IN not in arguments:
        return True
    if st.user.get("is_logged_in"):
        who = str(st.user.get("name") or st.user.get("email") or "a visitor without a name")
        st.sidebar.caption(f"Signed in as {show.plain(who)}")
        st.sidebar.button("Sign out", on_click=st.logout)
        return True
    st.title("RAG workbench")
    names = _configured()
    if not names:
        st.error("Nobody can sign in: the secrets hold no complete section [auth]; start with --sign-in SECRETS.toml.")
        return False
    st.write("Sign in to see the comparison and the plan.")
    for name in names:
        words = "Sign in" if name == "default" else f"Sign in with {name}"
        if st.button(words, key=f"sign-in-{name}", type="primary"):
            try:
                st.login(None if name == "default" else name)
            except StreamlitAuthError as error:
                st.error(f"Signing in is not possible: {show.plain(str(error))}")
    return False


def _configured() -> list[str]:
    try:
        auth = st.secrets.get("auth")
    except StreamlitSecretNotFoundError:
        return []
    return providers(auth) if isinstance(auth, Mapping) else []
