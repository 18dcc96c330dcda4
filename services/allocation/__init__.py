"""Allocation: cases, weights, capacity, allocation, overload and contingency (Standard 3)."""
