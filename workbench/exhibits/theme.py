"""How figures look: colours that the colour-blind tell apart, in light and in dark, and marks for who prints."""

from typing import Any


class _Marks(dict[str, str]):
    """By backend; those of plug-ins share the last one."""

    def __missing__(self, name: str) -> str:
        return self["of a plug-in"]


COLOURS = _Marks(
    {
        "plain": "#8C8C8C",
        "haystack": "#0072B2",
        "llamaindex": "#E69F00",
        "dspy": "#009E73",
        "langchain": "#CC79A7",
        "semantic_kernel": "#D55E00",
        "of a plug-in": "#56B4E9",
    }
)
"""By backend; Okabe and Ito (2008), the control in grey."""

SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C")
"""For what is no backend."""

SYMBOLS = _Marks(
    {
        "plain": "circle",
        "haystack": "square",
        "llamaindex": "diamond",
        "dspy": "triangle-up",
        "langchain": "cross",
        "semantic_kernel": "star",
        "of a plug-in": "x",
    }
)
"""By backend."""

INK = "#737373"
"""Of lines inside a figure: contrast 3 or more on white and on Streamlit's dark background alike. Words have the colour
of the place where the figure is shown: no grey has 4.5 on both."""

GRID = "rgba(128,128,128,0.25)"


def figure(*, x: str = "", y: str = "", height: int = 360) -> Any:
    """An empty plotly Figure with axis titles, which bear their units, and no background of its own."""
    import plotly.graph_objects as go

    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
            "xaxis": {"title": x, "automargin": True, "gridcolor": GRID, "zeroline": False},
            "yaxis": {"title": y, "automargin": True, "gridcolor": GRID, "zeroline": False},
        }
    )
