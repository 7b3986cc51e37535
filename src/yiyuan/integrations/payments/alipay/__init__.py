"""Alipay: payments by QR code, page and phone, and the bill of a day."""
