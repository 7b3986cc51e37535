"""Money that goes back: refunds, disputes, debts."""
