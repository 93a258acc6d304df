"""The rules of Studium in plain Python: no Dagster, FastAPI, Streamlit or Great Expectations below this package."""
