"""Questions to the marts, and what SQL cannot say about learners."""
