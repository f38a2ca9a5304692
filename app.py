"""What `streamlit run app.py` and `workbench app` serve. After `--`: folders of experiments, options."""

import streamlit as st

from workbench.pages import script, silence

silence.keep()
app = st.App(script.__file__, lifespan=script.warmed)
