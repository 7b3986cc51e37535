"""Stripe Checkout: sessions, and what comes after them."""
