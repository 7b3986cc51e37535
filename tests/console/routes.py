"""Every page behind the sign-in, as the tests and the pictures visit them."""

CUSTOMER = (
    "/",
    "/tokens",
    "/usage",
    "/logs",
    "/statement",
    "/top-up",
    "/models",
    "/playground",
    "/account",
)
OPERATOR = (
    "/operator",
    "/operator/accounts",
    "/operator/channels",
    "/operator/models",
    "/operator/tiers",
    "/operator/codes",
    "/operator/ledger",
    "/operator/audit",
    "/operator/settings",
    "/operator/people",
)
ALL = CUSTOMER + OPERATOR
