"""Measured comparisons: ratios taken side by side in one run, with peak memory."""
