"""Every sentence for people in two languages: English in place, Chinese beside it.

Imports the standard library only.
"""
