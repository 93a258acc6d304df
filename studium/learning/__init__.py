"""Cards, practice and memory: what a learner knows, and what to do next. Plain Python, like all of `studium`."""
