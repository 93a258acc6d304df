"""Readers, one a family of formats: bytes in, elements out. They run in the limited child (`studium.content.child`)."""
