"""WeChat Pay v3: payments by QR code and on phones, and the bill of a day."""
