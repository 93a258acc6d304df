"""Questions to practise, and what answers to them say."""
