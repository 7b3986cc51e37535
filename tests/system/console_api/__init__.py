"""The console API, through a real server."""
