"""From a Markdown page to HTML, search and `llms.txt`."""
