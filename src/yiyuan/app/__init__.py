"""The composition root: builds every object, and runs the processes."""
