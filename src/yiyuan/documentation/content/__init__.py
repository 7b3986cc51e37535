"""What the pages say: sources, facts, words, clients that were tried."""
