"""Databases and apps that earlier commits made."""

from __future__ import annotations

collect_ignore_glob = ["*/shop/*"]
