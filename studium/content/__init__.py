"""Documents: parse (`sandbox`, `parse`) -> chunk (`chunk`) -> embed (`embed`, `minilm`) -> store (`store`, `spaces`).

`intake` registers what is to be read, `ingest` takes it all the way. Finding things again: `studium.retrieval`.
"""
