"""Tests of the bus: one contract that both adapters keep, and what each adds."""
