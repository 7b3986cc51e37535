"""What would be written into another gateway's database: shown, and never run by us."""


def quota_statement(user_id: int, quota: int, before: int) -> str:
    """Sets a user's quota, if it is still what it was; quota gateways all have these columns."""
    return f"UPDATE users SET quota = {quota} WHERE id = {user_id} AND quota = {before};"  # noqa: S608 - numbers
