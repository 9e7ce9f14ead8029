"""Benchmarks: ratios against something run beside it, never a test that can fail by noise."""
