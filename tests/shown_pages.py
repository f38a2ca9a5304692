"""One page of the app in Streamlit's own test runner: the experiments it is given in, what a visitor sees of it out."""

from streamlit.testing.v1 import AppTest


def shown(name: str, words: tuple[str, ...]) -> None:
    from importlib import import_module

    from workbench.pages import opened, show

    opened.offer(words)
    show.begin(name)
    import_module(f"workbench.pages.{name}").page()


def app(name: str, *words: str, **address: str) -> AppTest:
    """The page of this name, of folders and options; the address holds what a visitor was sent."""
    made = AppTest.from_function(shown, args=(name, words), default_timeout=60)
    for key, value in address.items():
        made.query_params[key] = value
    made.run()
    assert not made.exception, made.exception
    return made


def words(made: AppTest) -> str:
    """All that is written on it, tables and figures apart."""
    return "\n".join(
        each.value for each in (*made.markdown, *made.caption, *made.header, *made.subheader, *made.warning, *made.info)
    )


def choose(made: AppTest, key: str, value: str) -> AppTest:
    """Choose from a box."""
    made.selectbox(key=key).select(value).run()
    assert not made.exception, made.exception
    return made


def press(made: AppTest, key: str, value: str) -> AppTest:
    """Choose from a row of buttons."""
    made.button_group(key=key).set_value(value).run()
    assert not made.exception, made.exception
    return made
