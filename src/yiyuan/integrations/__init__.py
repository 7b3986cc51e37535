"""One file or folder per outside party: it makes calls and reads answers as data.

Pure: no socket, clock, database or environment in here.
"""
