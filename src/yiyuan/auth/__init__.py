"""Who is asking, and the secrets of the house.

API tokens and their keyed hashes, the credential and the client's address of a
request, the secret key with what is derived from it, and the sealing of upstream
keys at rest. Neither a token's key nor the secret key is ever logged or shown in
a repr.
"""
