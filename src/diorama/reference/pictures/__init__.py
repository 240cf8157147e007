"""The live pictures of the concept pages: one function a concept, which fits for real and returns a Scene."""
