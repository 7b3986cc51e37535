"""What the client gets: streams, whole answers, and clients that leave."""
