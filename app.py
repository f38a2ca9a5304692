"""`streamlit run app.py`: hands over to the package, so that a wheel shows the same. After `--`: folders, options."""

import sys

from workbench.pages.script import main

main(sys.argv[1:])
