"""The plan to an exam: what to do each day, what will be remembered on the day, and how sure that is.

Pure rules but for `keeping`, which reads a learner's cards and reviews and keeps the plan made of them.
"""
