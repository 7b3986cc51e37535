"""Rows of online payments: methods, orders, events, refunds, debts, days, invoices."""
