"""Simulated observers: phones that enrol, fill valid reports and send them over the real protocol.

The demonstration, the tests and the benchmarks use it, and `steppe simulate` points it at any server.
"""
