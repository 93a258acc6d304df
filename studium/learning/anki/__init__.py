"""Anki's packages (.apkg), read and written: what is in them, what it means here. No code of Anki's own is used."""
