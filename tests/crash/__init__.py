"""Campaigns: commands that are killed, or whose writes fail, wherever that can happen."""
