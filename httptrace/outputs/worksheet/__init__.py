"""A lab sheet as a page or as Markdown: blank, with its key, or marked."""
