"""Vendors: one small file each, exporting `PROVIDER`.

A provider says which dialects it speaks, where and with which credential
header; the formats themselves are in `dialects/`. May import: dialects, kernel.
"""
