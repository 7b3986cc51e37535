"""How strangers sign up: a proven mailbox, codes, gifts, and what is allowed of each."""
