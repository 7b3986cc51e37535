"""Mail: whose mailbox it is, what is written, and the queue that sends it."""
